"""The local stack's configuration for the Pulumi CLI and its AWS provider.

`pulumi up --stack local --config-file .localcloud/Pulumi.local.yaml` deploys to the emulator. This
is not verified here: the AWS provider's plugin is not available offline.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from localcloud.aws.clients import ACCOUNT_ID, REGION

SERVICES = (
    "apigatewayv2",
    "cloudwatch",
    "cognitoidp",
    "dynamodb",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "secretsmanager",
    "sfn",
    "sns",
    "sqs",
    "sts",
)
"""The names of services in the provider's setting `endpoints` (Pulumi AWS provider)."""


def write_stack_file(folder: Path, endpoint: str, config: Mapping[str, str]) -> None:
    """Write the file with the provider's settings and `config`; only its owner may read it."""
    path = folder / "Pulumi.local.yaml"
    path.touch(mode=0o600)
    values = {
        "aws:region": REGION,
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:skipCredentialsValidation": "true",
        "aws:skipMetadataApiCheck": "true",
        "aws:endpoints": json.dumps([dict.fromkeys(SERVICES, endpoint)]),
        "goal-mandala:accountId": ACCOUNT_ID,
        **{f"goal-mandala:{name}": value for name, value in config.items()},
    }
    # JSON is YAML
    path.write_text(json.dumps({"config": values}, indent=2))

"""The local stack's configuration for the Pulumi CLI: its AWS provider pointed at the emulator.

`pulumi up --stack local --config-file .localcloud/Pulumi.local.yaml`. Nobody has tried that here:
the AWS plugin is not to be had offline.
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
"""As the provider's `endpoints` names them (Pulumi AWS provider, configuration)."""


def write_stack_file(folder: Path, endpoint: str, config: Mapping[str, str]) -> None:
    """Write the file; `config` is laid under the provider's settings. It is the owner's alone."""
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

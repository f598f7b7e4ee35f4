"""What CI deploys: dev, staging and prod, without options and with all that change resources."""

import json
from functools import cache
from typing import Any

from components.arns import Arn
from components.names import Names
from declared.program import evaluate, stack_config
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets

DOMAIN = "api.example.com"
_CERTIFICATE = "arn:aws:acm:{region}:{account}:certificate/12345678-1234-1234-1234-123456789012"


def options(names: Names) -> dict[str, Any]:
    """The settings that make CI call what it would not call without them."""
    certificate = _CERTIFICATE.format(region=names.region, account=names.account)
    return {
        "backups": {"enabled": True},
        "alertEmails": ["oncall@example.com"],
        "customDomain": {"name": DOMAIN, "certificateArn": certificate},
        "generation": {"provisionedConcurrency": 5, "reservedConcurrency": 30},
        "operators": [names.arn(Arn.USER, "operator")],
        "table": {"billing": "provisioned"},
        "vpc": {
            "subnetIds": ["subnet-0a1b", "subnet-0c2d"],
            "securityGroupIds": ["sg-0a1b"],
        },
    }


def names_of(stack: str) -> Names:
    """The names of a stack as its file configures it."""
    config = stack_config(stack)
    return Names(stack, config["goal-mandala:accountId"], config["aws:region"])


@cache
def variants(stack: str) -> tuple[tuple[DeclaredResource, ...], ...]:
    """What a stack declares without options, and with all of them.

    Its roles keep to the boundary, as in every stack that CI deploys (docs/deployment.md).
    """
    return tuple(_declared(stack, chosen) for chosen in ({}, options(names_of(stack))))


def _declared(stack: str, chosen: dict[str, Any]) -> tuple[DeclaredResource, ...]:
    settings = {"permissionsBoundary": True, **chosen}
    config = {f"goal-mandala:{name}": json.dumps(value) for name, value in settings.items()}
    return evaluate(stack, throwaway_secrets() | config).resources

"""The changes that a stack lives through: each setting in turn, secrets, code, functions.

A change is a configuration over the stack's own. Both sides have every option (VPC, provisioned
capacity, domain, e-mail, boundary), so that each option is changed in both directions.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from declared.throwaway_secrets import throwaway_secrets

STACKS = ("dev", "prod")

CERTIFICATE = "arn:aws:acm:ap-northeast-1:123456789012:certificate/{}-1234-1234-1234-123456789012"
DOMAIN = {"name": "api.example.com", "certificateArn": CERTIFICATE.format("12345678")}
OPTIONS: dict[str, Any] = {
    "backups": {"enabled": True},
    "vpc": {
        "subnetIds": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
        "securityGroupIds": ["sg-0a1b2c3d"],
    },
    "generation": {"provisionedConcurrency": 5, "reservedConcurrency": 30},
    "alertEmails": ["oncall@example.com"],
    "table": {"billing": "provisioned"},
    "permissionsBoundary": True,
    "customDomain": DOMAIN,
    "operators": ["arn:aws:iam::123456789012:user/alice"],
    "browserClient": True,
    "corsOrigins": ["https://goals.example.com"],
}

_THRESHOLDS: dict[str, Any] = {
    "period": 600,
    "runPeriod": 1800,
    "points": 2,
    "periods": 7,
    "noticePoints": 3,
    "noticePeriods": 13,
    "escalation": 7200,
    "minimumRuns": 6,
    "minimumFailures": 6,
    "failureRate": 11,
    "timeoutRate": 6,
    "partialRate": 96,
    "deadlineRate": 6,
    "failedActions": 11,
    "executionTime": 601,
    "reconcileLag": 361,
    "modelFailureRate": 51,
    "modelThrottleRate": 51,
    "dailyCost": 11,
    "lambdaErrorRate": 6,
    "lambdaDuration": 31,
    "timeoutShare": 81,
    "throttles": 1,
    "concurrency": 81,
    "dynamoCapacity": 81,
    "userErrors": 1,
    "systemErrors": 1,
    "apiErrorRate": 6,
    "archiveLag": 90_000,
    "deadLetters": 1,
    "runbook": "https://example.com/runbook",
}

SETTINGS: dict[str, Any] = {
    "workflowTimeout": 1200,
    "maxBatchConcurrency": 2,
    "maxActionConcurrency": 6,
    "batchSize": 6,
    "retry": {"intervalSeconds": 5, "maxAttempts": 5, "backoffRate": 3.0},
    "throttleRetry": {"intervalSeconds": 12, "maxAttempts": 6, "backoffRate": 3.0},
    "generation": {
        "timeout": 180,
        "memory": 768,
        "provisionedConcurrency": 0,
        "reservedConcurrency": 40,
        "hedgeAfterSeconds": 6.0,
    },
    "admission": {"tokensPerMinute": 400_000},
    "table": {
        "billing": "onDemand",
        "read": 12,
        "write": 12,
        "indexRead": 6,
        "indexWrite": 6,
        "ttlDays": 30,
    },
    "backups": {
        "enabled": False,
        "dailySchedule": "cron(0 17 * * ? *)",
        "dailyDays": 40,
        "monthlySchedule": "cron(0 20 1 * ? *)",
        "monthlyDays": 400,
    },
    "archive": {"afterDays": 10, "keepDays": 2000},
    "alarms": _THRESHOLDS,
    "tracing": {"executionsPercent": 10.0},
    "slack": {
        "language": "en",
        "endings": ["FAILED"],
        "escalatePercent": 40,
        "mention": "channel",
    },
    "alertEmails": ["oncall@example.com", "second@example.com"],
    "cognito": {"userPoolId": "ap-northeast-1_a1b2c3d4e", "clientIds": ["a1b2c3"]},
    "bedrockModel": "amazon.nova-micro-v1:0",
    "accountConcurrency": 2000,
    "vpc": {
        "subnetIds": ["subnet-0a1b2c3d", "subnet-2a1b2c3d"],
        "securityGroupIds": ["sg-2a1b2c3d"],
    },
    "logRetentionDays": 60,
    "keptVersions": 12,
    "pins": {"workflow-status": 3},
    "protect": True,
    "operators": ["arn:aws:iam::123456789012:user/bob"],
    "permissionsBoundary": False,
    "corsOrigins": ["https://goals.example.com", "https://www.example.com"],
    "adopt": {
        "keyId": "12345678-1234-1234-1234-123456789012",
        "userPoolId": "ap-northeast-1_a1b2c3d4e",
        "clientId": "a1b2c3",
    },
    "apiThrottle": {"rate": 60, "burst": 120},
    "canary": {
        "goalId": "5f0c7a52-93ab-4f6e-8a39-6a2f8a1e0d11",
        "userId": "6f0c7a52-93ab-4f6e-8a39-6a2f8a1e0d12",
    },
    "customDomain": {"name": "goals.example.com", "certificateArn": CERTIFICATE.format("87654321")},
}
"""A new value of every setting; of a section, each is a change of its own."""

OTHERS: dict[str, dict[str, Any]] = {
    "bedrockModel, bedrockProfileSource": {
        "bedrockModel": (
            "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/a1b2c3d4e5f6"
        ),
        "bedrockProfileSource": "apac.amazon.nova-micro-v1:0",
    },
    "browserClient, corsOrigins": {"browserClient": False, "corsOrigins": []},
    "snapStart, generation": {
        "snapStart": True,
        "generation": {"provisionedConcurrency": 0, "reservedConcurrency": 30},
    },
    "vpc (none)": {"vpc": None},
    "customDomain (none)": {"customDomain": None},
    "operators (none)": {"operators": []},
    "alertEmails (none)": {"alertEmails": []},
    "databaseUrl": {"databaseUrl": "postgresql://app:rotated@db.example.com:5432/goals"},
    "jwtSecret": {"jwtSecret": "rotated-for-the-table"},
    "slackWebhook": {"slackWebhook": "https://hooks.slack.com/services/T0/B0/rotated"},
}
"""Changes of several settings at once, options that go, rotated secrets."""


_WHOLE = ("adopt", "canary", "cognito", "pins")
"""Sections whose values go together."""

_SECRETS = throwaway_secrets()


@dataclass(frozen=True)
class SettingChange:
    """One change of the configuration. values: by setting, of those that differ."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


def setting_changes(*, each_value: bool) -> Iterator[SettingChange]:
    """Every change; `each_value`: the values of a section in turn, and not the section at once."""
    for name, new in SETTINGS.items():
        old = OPTIONS.get(name)
        if not isinstance(new, dict):
            yield SettingChange(name, {name: new})
            continue
        values = cast("dict[str, Any]", new)
        section: dict[str, Any] = {**(old or {})}
        if not each_value or name in _WHOLE:
            yield SettingChange(name, {name: {**section, **values}})
            continue
        for key, value in values.items():
            yield SettingChange(f"{name}.{key}", {name: {**section, key: value}})
    for name, values in OTHERS.items():
        yield SettingChange(name, values)


def configuration(values: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The configuration of a stack with every option and these values over them."""
    given = {**_SECRETS, **_qualified(OPTIONS), **_qualified(values or {})}
    return {key: text for key, text in given.items() if text != "null"}


def _qualified(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"goal-mandala:{name}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }

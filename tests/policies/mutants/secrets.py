"""Mutants for `policies.rules.secrets`."""

from base64 import b64encode
from typing import Any

from tests.policies.mutate import Mutant, declare, set_input, unchanged
from tests.policies.names import START

_DATABASE = "postgresql://app:s3cr%2Ft-horse@db.invalid/goals"
_JWT = "correct-horse-battery-staple-0123456789"
_SETTINGS = {"goal-mandala:databaseUrl": _DATABASE, "goal-mandala:jwtSecret": _JWT}


def _configured(what: str, name: str, path: str, value: Any, *, near_miss: bool = False) -> Mutant:
    """A secret setting, or what looks like one, in a property."""
    change = set_input(name, path, value)
    return Mutant("access-no-configured-secret", what, change, near_miss, config=_SETTINGS)


_CONFIGURED = (
    _configured("under a harmless name", START, "environment.variables.SALT", _JWT),
    _configured("in a tag", START, "tags", {"Owner": _JWT}),
    _configured("in an export", "goal-mandala-prod", "hint", f'{{"a": "{_JWT}"}}'),
    _configured("in a description", "reconciliation-sweep", "description", f"see {_JWT}"),
    _configured("in the definition", "workflow-machine", "definition.Comment", _JWT),
    _configured("in base64", START, "description", b64encode(f"x{_JWT}".encode()).decode()),
    _configured("in hexadecimal digits", START, "description", _JWT.encode().hex()),
    _configured("the URL's password, decoded", START, "description", "the s3cr/t-horse"),
    _configured("as the key of a map", START, "tags", {_JWT: "salt"}),
    _configured("reversed", START, "description", _JWT[::-1]),
    _configured(
        "in a dashboard",
        "observability-dashboard",
        "dashboardBody",
        f'{{"widgets": [{{"type": "text", "properties": {{"markdown": "{_JWT}"}}}}]}}',
    ),
    Mutant(
        "access-no-configured-secret",
        "in a resource's name",
        declare("aws:sqs/queue:Queue", _JWT, {"name": "goal-mandala-prod-jobs"}),
        config=_SETTINGS,
    ),
    Mutant(
        "access-no-configured-secret",
        "in a parameter of type SecureString, which no secret setting needs",
        declare(
            "aws:ssm/parameter:Parameter",
            "prompt",
            {"name": "/goal-mandala-prod/prompt", "type": "SecureString", "value": _JWT},
        ),
        config=_SETTINGS,
    ),
    _configured("the user, which is no secret", START, "description", "app", near_miss=True),
)

MUTANTS = (
    Mutant(
        "access-no-plain-secret",
        "the database's URL as the key of a map",
        set_input(START, "tags", {"postgresql://app:hunter2@db/goals": "the store"}),
    ),
    Mutant(
        "access-no-plain-secret",
        "the database's URL in a parameter of type SecureString",
        declare(
            "aws:ssm/parameter:Parameter",
            "store",
            {
                "name": "/goal-mandala-prod/store",
                "type": "SecureString",
                "value": "postgresql://app:hunter2@db/goals",
            },
        ),
    ),
    Mutant(
        "access-no-plain-secret",
        "the database's URL in the environment",
        set_input(START, "environment.variables.STORE", "postgresql://app:hunter2@db/goals"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a variable named as a secret",
        set_input(START, "environment.variables.DB_PASSWORD", "hunter2"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a webhook in a description",
        set_input(
            "reconciliation-sweep",
            "description",
            "https://hooks.slack.com/services/T0/B0/xyz",
        ),
    ),
    Mutant(
        "access-no-plain-secret",
        "a secret in an export",
        set_input("goal-mandala-prod", "databaseUrl", "postgresql://app:hunter2@db/goals"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a secret's ARN in the environment",
        set_input(
            START,
            "environment.variables.WEBHOOK_SECRET_ARN",
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:x-1a2b3c",
        ),
        near_miss=True,
    ),
    Mutant(
        "access-no-plain-secret",
        "a password in a URL without a user",
        set_input(START, "environment.variables.CACHE", "redis://:hunter2@cache.invalid:6379/0"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a libpq connection string",
        set_input(
            START, "environment.variables.STORE", "host=db.invalid dbname=goals password=hunter2"
        ),
    ),
    Mutant(
        "access-no-plain-secret",
        "an AWS secret access key",
        set_input(START, "environment.variables.LINK", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY9x4mPlq0Z2"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a token that detect-secrets knows",
        set_input(
            START, "environment.variables.MAILER", f"SG.{'a1B2c3D4e5F6g7H8i9J0kL'}.{'x' * 43}"
        ),
    ),
    Mutant(
        "access-no-plain-secret",
        "a number of tokens",
        set_input(START, "environment.variables.MAX_OUTPUT_TOKENS", "2000"),
        near_miss=True,
    ),
    Mutant(
        "access-no-plain-secret",
        "a limit of tokens",
        set_input(START, "environment.variables.TOKEN_LIMIT", "4096"),
        near_miss=True,
    ),
    Mutant(
        "access-no-plain-secret",
        "the port of AWS's extension for secrets",
        set_input(START, "environment.variables.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "2773"),
        near_miss=True,
    ),
    Mutant(
        "access-no-plain-secret",
        "a URL without a password",
        set_input(START, "environment.variables.CACHE", "rediss://cache.invalid:6379/0"),
        near_miss=True,
    ),
    Mutant(
        "access-no-logged-event",
        "events are logged",
        set_input(START, "environment.variables.POWERTOOLS_LOGGER_LOG_EVENT", "true"),
    ),
    Mutant(
        "access-no-logged-event",
        "events are not logged",
        set_input(START, "environment.variables.POWERTOOLS_LOGGER_LOG_EVENT", "false"),
        near_miss=True,
    ),
    *_CONFIGURED,
    Mutant(
        "access-no-plain-configuration",
        "the database's URL in a stack file",
        unchanged,
        plain=frozenset({"goal-mandala:databaseUrl"}),
    ),
    Mutant(
        "access-no-plain-configuration",
        "a secret in a new setting",
        unchanged,
        config={"goal-mandala:signingSecret": "9f86d081884c7d659a2feaa0c55ad015"},
    ),
    Mutant(
        "access-no-plain-configuration",
        "a setting about a secret",
        unchanged,
        config={"goal-mandala:secretRotationDays": "30"},
        near_miss=True,
    ),
)

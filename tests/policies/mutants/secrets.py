"""Mutants for `policies.rules.secrets`."""

from tests.policies.mutate import Mutant, set_input, unchanged
from tests.policies.names import START

MUTANTS = (
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

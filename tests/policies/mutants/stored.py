"""Mutants of what secrets hold, and of what queues and keys keep for their callers."""

import json

from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Change,
    Mutant,
    declare,
    edit_input,
    set_input,
    set_source,
    without,
)
from tests.policies.names import ARN, GENERATE

_VALUE = "secrets-{}-value"
_JWT = _VALUE.format("jwt-secret")
SECRET = "access-secret-value"
KEPT = "wiring-dead-letters-kept"
SOURCE = "access-own-source"
_MACHINE = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")


def _redrive(count: int) -> Change:
    target = ARN.format("sqs", "goal-mandala-prod-slack-dead-letters")
    text = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": count})
    return set_input("slack-queue", "redrivePolicy", text)


def _without_condition(name: str, service: str, operator: str) -> Change:
    """The policy of a resource without an operator in the statements of a service."""

    def edited(statements: list[dict[str, dict[str, object]]]) -> list[dict[str, object]]:
        return [
            {**each, "Condition": {k: v for k, v in each["Condition"].items() if k != operator}}
            if service in str(each["Principal"])
            else {**each}
            for each in statements
        ]

    return edit_input(name, "policy.Statement", edited)


MUTANTS = (
    Mutant(SECRET, "a secret without a value", set_input(_JWT, "secretString", REMOVED)),
    Mutant(
        SECRET,
        "the database's URL as the cursors' key",
        set_input(_JWT, "secretString", "postgresql://a:b@db.example.com/goals"),
    ),
    Mutant(SECRET, "another value than configured", set_input(_JWT, "secretString", "x" * 32)),
    Mutant(
        SECRET, "a value in another secret", set_source(_JWT, "secretId", "secrets-database-url")
    ),
    Mutant(SECRET, "a secret without a version", without(_JWT)),
    Mutant(
        SECRET,
        "a value of another secret, which the product does not know",
        declare(
            resource_types.SECRET_VERSION,
            "other-value",
            {"secretId": UNKNOWN, "secretString": "x"},
        ),
        near_miss=True,
    ),
    Mutant(
        KEPT,
        "dead letters that nobody has read after four days",
        set_input("slack-dead-letters", "messageRetentionSeconds", REMOVED),
    ),
    Mutant(
        KEPT,
        "messages that do not outlast a weekend",
        set_input("slack-queue", "messageRetentionSeconds", 120_960),
    ),
    Mutant(KEPT, "five attempts while Slack refuses", _redrive(5)),
    Mutant(KEPT, "attempts for weeks", _redrive(500)),
    Mutant(KEPT, "twenty attempts", _redrive(20), near_miss=True),
    Mutant(
        "expected-storage",
        "messages for months",
        set_input("slack-queue", "messageRetentionSeconds", 12_096_000),
    ),
    Mutant(
        "expected-storage", "alarms a quarter late", set_input("slack-queue", "delaySeconds", 900)
    ),
    Mutant(
        "expected-storage", "short messages only", set_input("slack-queue", "maxMessageSize", 1024)
    ),
    Mutant(
        "expected-functions",
        "a mapping that may take the account's concurrency",
        set_input("slack-mapping", "scalingConfig", REMOVED),
    ),
    Mutant(
        "resilience-reserved-concurrency",
        "a reservation that leaves the others nothing",
        set_input(GENERATE, "reservedConcurrentExecutions", 900),
    ),
    Mutant(
        SOURCE,
        "every topic of the account may send",
        _without_condition("slack-queue-policy", "sns.", "ArnEquals"),
    ),
    Mutant(
        SOURCE,
        "every alarm of the account may use the key",
        _without_condition("keys-key", "cloudwatch.", "ArnLike"),
    ),
    Mutant(
        SOURCE,
        "a machine that only its versions may be",
        edit_input(
            "workflow-role",
            "assumeRolePolicy.Statement.0.Condition.ArnLike.aws:SourceArn",
            lambda _: f"{_MACHINE}:*",
        ),
    ),
    Mutant(
        SOURCE,
        "a topic by its ARN alone, which holds the account",
        _without_condition("slack-queue-policy", "sns.", "StringEquals"),
        near_miss=True,
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "a key that CloudWatch Logs may not decrypt with",
        edit_input(
            "keys-key",
            "policy.Statement",
            lambda old: [
                {**each, "Action": [a for a in each["Action"] if a != "kms:Decrypt"]}
                for each in old
            ],
        ),
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "AWS's own spelling of the actions",
        edit_input(
            "keys-key",
            "policy.Statement",
            lambda old: [
                {
                    **each,
                    "Action": [
                        *("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*"),
                        *("kms:GenerateDataKey*", "kms:Describe*"),
                    ],
                }
                if "logs." in str(each["Principal"])
                else each
                for each in old
            ],
        ),
        near_miss=True,
    ),
)

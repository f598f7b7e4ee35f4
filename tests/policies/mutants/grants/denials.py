"""Mutants for `policies.rules.grants.denials`."""

from tests.policies.mutate import Mutant, deny, unchanged
from tests.policies.names import ALERTS_ARN, ARN, START_POLICY, TABLE_ARN

NAME = "grants-not-denied"
_START_ROLE = "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role"


MUTANTS = (
    Mutant(NAME, "a Deny of a needed write", deny(START_POLICY, "dynamodb:PutItem", TABLE_ARN)),
    Mutant(NAME, "a Deny of all writes", deny(START_POLICY, "dynamodb:*Item", "*")),
    Mutant(
        NAME,
        "a Deny under a condition that always holds",
        deny(
            START_POLICY,
            "dynamodb:PutItem",
            "*",
            Condition={"StringEquals": {"aws:RequestedRegion": "ap-northeast-1"}},
        ),
    ),
    Mutant(
        NAME,
        "the key denied to a function",
        deny("keys-key", "kms:Decrypt", "*", Principal={"AWS": _START_ROLE}),
    ),
    Mutant(
        NAME,
        "the topic denied to alarms",
        deny(
            "alerting-alerts-policy",
            "sns:Publish",
            ALERTS_ARN,
            Principal={"Service": "cloudwatch.amazonaws.com"},
        ),
    ),
    Mutant(
        NAME,
        "the topic denied to everybody",
        deny("alerting-alerts-policy", "sns:*", ALERTS_ARN, Principal="*"),
    ),
    Mutant(
        NAME,
        "a Deny of other source accounts, which a role's request has not",
        deny(
            "alerting-notifications-policy",
            "sns:Publish",
            ARN.format("sns", "workflow-notifications-prod"),
            Principal="*",
            Condition={"StringNotEquals": {"aws:SourceAccount": "123456789012"}},
        ),
    ),
    Mutant(
        NAME,
        "a Deny of other source accounts, if there is one",
        deny(
            "alerting-notifications-policy",
            "sns:Publish",
            ARN.format("sns", "workflow-notifications-prod"),
            Principal="*",
            Condition={"StringNotEqualsIfExists": {"aws:SourceAccount": "123456789012"}},
        ),
        near_miss=True,
    ),
    Mutant(
        NAME,
        "a Deny of what is never done",
        deny(START_POLICY, ["dynamodb:DeleteTable", "dynamodb:Scan"], TABLE_ARN),
        near_miss=True,
    ),
    Mutant(
        NAME,
        "a Deny of the call in another region",
        deny(
            START_POLICY,
            "dynamodb:*",
            "*",
            Condition={"StringNotEquals": {"aws:RequestedRegion": "ap-northeast-1"}},
        ),
        near_miss=True,
    ),
    Mutant(
        NAME,
        "a Deny to somebody else",
        deny("keys-key", "kms:Decrypt", "*", Principal={"AWS": "arn:aws:iam::123456789012:role/x"}),
        near_miss=True,
    ),
    Mutant(NAME, "the program as it is, with its Denies without TLS", unchanged, near_miss=True),
)

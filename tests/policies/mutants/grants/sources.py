"""Mutants for `policies.rules.grants.sources`."""

from typing import Any

from tests.policies.mutate import (
    UNKNOWN,
    Change,
    Mutant,
    edit_input,
    edit_statement,
    set_input,
    set_source,
    unchanged,
    with_elements,
)
from tests.policies.names import ARN, ROUTE_PERMISSION

SOURCE, INVOKER = "access-own-source", "access-own-invoker"
_API_ARN = "arn:aws:execute-api:ap-northeast-1:{}:{}/*/POST/goals/{{goalId}}/start-activity"


def _key_condition(sid: str, condition: dict[str, Any]) -> Change:
    return edit_input(
        "keys-key",
        "policy.Statement",
        lambda old: [
            {**each, "Condition": condition} if each["Sid"] == sid else each for each in old
        ],
    )


def _trust(condition: dict[str, Any]) -> Change:
    return edit_statement(
        "workflow-role", "sts:AssumeRole", with_elements(Condition=condition), "assumeRolePolicy"
    )


def _topic(condition: dict[str, Any], service: str = "s3") -> Change:
    return edit_input(
        "alerting-alerts-policy",
        "policy.Statement.1",
        lambda old: {
            **old,
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Condition": condition,
        },
    )


MUTANTS = (
    Mutant(
        SOURCE,
        "the machine's role is trusted for another account's executions",
        _trust({"StringEquals": {"aws:SourceAccount": "999999999999"}}),
    ),
    Mutant(
        SOURCE,
        "SNS may use the key for another account only",
        _key_condition("Topics", {"StringEquals": {"aws:SourceAccount": "999999999999"}}),
    ),
    Mutant(
        SOURCE,
        "S3 may publish alerts for anybody's bucket",
        _topic({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}}),
    ),
    Mutant(
        SOURCE,
        "accounts that begin with ours",
        _topic({"StringLike": {"aws:SourceAccount": "1234*"}}, "cloudwatch"),
    ),
    Mutant(
        SOURCE,
        "every alarm of the account",
        _topic({"ArnLike": {"aws:SourceArn": ARN.format("cloudwatch", "alarm:*")}}, "cloudwatch"),
    ),
    Mutant(
        SOURCE,
        "all but one account",
        _topic({"StringNotEquals": {"aws:SourceAccount": "999999999999"}}, "cloudwatch"),
    ),
    Mutant(
        SOURCE,
        "an organization",
        _topic({"StringEquals": {"aws:SourceOrgID": "o-1"}}, "cloudwatch"),
    ),
    Mutant(
        SOURCE,
        "a log group that nobody declares uses the key",
        _key_condition(
            "Logs",
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": ARN.format("logs", "log-group:*")}},
        ),
    ),
    Mutant(
        SOURCE,
        "a machine that nobody declares",
        _trust(
            {
                "ArnLike": {
                    "aws:SourceArn": ARN.format("states", "stateMachine:TaskGenerationWorkflo")
                }
            }
        ),
    ),
    Mutant(
        SOURCE,
        "the machine by this account alone",
        _trust({"StringEquals": {"aws:SourceAccount": "123456789012"}}),
        near_miss=True,
    ),
    Mutant(
        SOURCE, "the program as it is, with alarms by the stack's name", unchanged, near_miss=True
    ),
    Mutant(
        INVOKER,
        "another account's API",
        set_input(ROUTE_PERMISSION, "sourceArn", _API_ARN.format("999999999999", "abc123")),
    ),
    Mutant(
        INVOKER,
        "any API of the account",
        set_input(ROUTE_PERMISSION, "sourceArn", _API_ARN.format("123456789012", "*")),
    ),
    Mutant(
        INVOKER,
        "an unknown API that comes from nowhere",
        set_source(ROUTE_PERMISSION, "sourceArn", None),
    ),
    Mutant(
        INVOKER,
        "a rule's ARN for another service",
        set_input("reconciliation-sweep-permission", "principal", "sns.amazonaws.com"),
    ),
    Mutant(
        INVOKER,
        "a rule of another account, by sourceAccount",
        set_input("reconciliation-sweep-permission", "sourceAccount", "999999999999"),
    ),
    Mutant(
        INVOKER,
        "this account as sourceAccount, too",
        set_input("reconciliation-sweep-permission", "sourceAccount", "123456789012"),
        near_miss=True,
    ),
    Mutant(
        INVOKER,
        "every route of the stack's API",
        set_input(ROUTE_PERMISSION, "sourceArn", UNKNOWN),
        near_miss=True,
    ),
)

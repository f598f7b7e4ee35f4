"""Mutants for `policies.rules.quotas`."""

from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    Change,
    Mutant,
    all_changes,
    declare,
    edit_input,
    set_input,
)
from tests.policies.names import ALERTS_ARN, MACHINE, START, START_POLICY

RULE = "goal-mandala-prod-execution-ended"


def dashboard(size: int) -> Change:
    """One dashboard more."""
    inputs = {"dashboardName": "workflow", "dashboardBody": "x" * size}
    return declare(resource_types.DASHBOARD, "dashboard", inputs)


def permissions(number: int) -> Change:
    """So many permissions more on one alias."""
    inputs = {
        "action": "lambda:InvokeFunction",
        "function": "goal-mandala-prod-workflow-status",
        "qualifier": "live",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": "arn:aws:execute-api:ap-northeast-1:123456789012:a1b2c3d4e5/*/GET/workflows",
    }
    return all_changes(
        *(declare(resource_types.PERMISSION, f"more-{each}", inputs) for each in range(number))
    )


def targets(number: int) -> Change:
    """So many targets more of one rule, which has one."""
    inputs = {"rule": RULE, "arn": ALERTS_ARN}
    return all_changes(
        *(declare(resource_types.EVENT_TARGET, f"more-{each}", inputs) for each in range(number))
    )


MUTANTS = (
    Mutant(
        "quota-environment",
        "5 KB of variables",
        set_input(START, "environment.variables.LONG", "x" * 5000),
    ),
    Mutant(
        "quota-environment",
        "3 KB more variables",
        set_input(START, "environment.variables.LONG", "x" * 3000),
        near_miss=True,
    ),
    Mutant("quota-names", "a function's name of 65 characters", set_input(START, "name", "f" * 65)),
    Mutant("quota-names", "a role without a name", set_input("workflow-role", "name", REMOVED)),
    Mutant("quota-names", "a topic's name with a dot", set_input("alerting-alerts", "name", "a.b")),
    Mutant(
        "quota-names",
        "a function's name of 64 characters",
        set_input(START, "name", "f" * 64),
        near_miss=True,
    ),
    Mutant(
        "quota-role-policies",
        "a role's policy of more than 10,240 characters",
        set_input(START_POLICY, "policy.Statement.0.Sid", "x" * 9000),
    ),
    Mutant(
        "quota-role-policies",
        "two policies of more than 10,240 characters together",
        all_changes(
            set_input(START_POLICY, "policy.Statement.0.Sid", "x" * 4500),
            declare(
                resource_types.ROLE_POLICY,
                "more",
                {
                    "name": "more",
                    "role": "goal-mandala-prod-workflow-start-role",
                    "policy": '{"Statement": [], "Id": "' + "x" * 4500 + '"}',
                },
            ),
        ),
    ),
    Mutant(
        "quota-role-policies",
        "10,000 spaces, which do not count",
        edit_input(START_POLICY, "policy", lambda old: old + " " * 10_000),
        near_miss=True,
    ),
    Mutant(
        "quota-documents",
        "a definition of more than 1 MB",
        set_input(MACHINE, "definition.Comment", "x" * 1024 * 1024),
    ),
    Mutant(
        "quota-documents",
        "a definition of 200 KB",
        set_input(MACHINE, "definition.Comment", "x" * 200_000),
        near_miss=True,
    ),
    Mutant(
        "quota-documents",
        "a key's policy of more than 32 KB",
        set_input("keys-key", "policy.Id", "x" * 33_000),
    ),
    Mutant(
        "quota-documents",
        "a topic's policy of more than 30 KB",
        set_input("alerting-alerts-policy", "policy.Id", "x" * 31_000),
    ),
    Mutant(
        "quota-documents",
        "a queue's policy of more than 8,192 bytes",
        set_input("reconciliation-dead-letters-policy", "policy.Id", "x" * 8200),
    ),
    Mutant(
        "quota-documents",
        "an event pattern of more than 2,048 bytes",
        set_input("reconciliation-ended", "eventPattern.detail.name", ["x" * 2000]),
    ),
    Mutant("quota-documents", "a dashboard of more than 1 MB", dashboard(1024 * 1024 + 1)),
    Mutant("quota-documents", "a dashboard of 1 MB", dashboard(1024 * 1024), near_miss=True),
    Mutant(
        "quota-documents",
        "a query of more than 10,000 characters",
        declare(
            resource_types.QUERY_DEFINITION, "query", {"name": "long", "queryString": "x" * 10_001}
        ),
    ),
    Mutant(
        "quota-documents",
        "a topic's policy of 30,000 bytes",
        set_input("alerting-alerts-policy", "policy.Id", "x" * 29_000),
        near_miss=True,
    ),
    Mutant("quota-function-policy", "sixty more permissions", permissions(60)),
    Mutant("quota-function-policy", "forty more permissions", permissions(40), near_miss=True),
    Mutant("quota-targets", "a rule with six targets", targets(5)),
    Mutant("quota-targets", "a rule with five targets", targets(4), near_miss=True),
)

"""Mutants of what AWS limits the size or number of."""

from typing import Any

from policies import resource_types
from tests.policies.mutants_graph import alarm
from tests.policies.mutate import REMOVED, Change, Mutant, add, alter, both, put

START = "functions-workflow-start"
MACHINE = "workflow-machine"
RULE = "goal-mandala-prod-execution-ended"
ALERTS = "arn:aws:sns:ap-northeast-1:123456789012:workflow-alerts-prod"


def metrics(number: int) -> list[Any]:
    """Queries of a number of metrics, and the sum of them."""
    queries: list[Any] = [
        {"id": f"m{each}", "metric": {"metricName": "Errors", "period": 60, "stat": "Sum"}}
        for each in range(number)
    ]
    return [{"id": "sum", "expression": "SUM(METRICS())", "returnData": True}, *queries]


def composite(rule: str) -> Change:
    """One composite alarm more."""
    inputs = {"alarmName": "goal-mandala-prod-all", "alarmRule": rule, "alarmActions": [ALERTS]}
    return add(resource_types.COMPOSITE_ALARM, "all", inputs)


def children(number: int, name: str = "a") -> str:
    """The rule of a composite alarm with a number of children."""
    return " OR ".join(f'ALARM("{name}-{each}")' for each in range(number))


def dashboard(size: int) -> Change:
    """One dashboard more."""
    inputs = {"dashboardName": "workflow", "dashboardBody": "x" * size}
    return add(resource_types.DASHBOARD, "dashboard", inputs)


def permissions(number: int) -> Change:
    """So many permissions more on one alias."""
    inputs = {
        "action": "lambda:InvokeFunction",
        "function": "goal-mandala-prod-workflow-status",
        "qualifier": "live",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": "arn:aws:execute-api:ap-northeast-1:123456789012:a1b2c3d4e5/*/GET/workflows",
    }
    return both(*(add(resource_types.PERMISSION, f"more-{each}", inputs) for each in range(number)))


def targets(number: int) -> Change:
    """So many targets more of one rule, which has one."""
    inputs = {"rule": RULE, "arn": ALERTS}
    return both(
        *(add(resource_types.EVENT_TARGET, f"more-{each}", inputs) for each in range(number))
    )


MUTANTS = (
    Mutant(
        "quota-environment",
        "5 KB of variables",
        put(START, "environment.variables.LONG", "x" * 5000),
    ),
    Mutant(
        "quota-environment",
        "3 KB more",
        put(START, "environment.variables.LONG", "x" * 3000),
        near_miss=True,
    ),
    Mutant("quota-names", "a function's name of 65", put(START, "name", "f" * 65)),
    Mutant("quota-names", "a role without a name", put("workflow-role", "name", REMOVED)),
    Mutant("quota-names", "a topic's name with a dot", put("alerting-alerts", "name", "a.b")),
    Mutant("quota-names", "a function's name of 64", put(START, "name", "f" * 64), near_miss=True),
    Mutant(
        "quota-role-policies",
        "a role that 10,240 characters do not hold",
        put(f"{START}-policy", "policy.Statement.0.Sid", "x" * 9000),
    ),
    Mutant(
        "quota-role-policies",
        "two policies that are too long together",
        both(
            put(f"{START}-policy", "policy.Statement.0.Sid", "x" * 4500),
            add(
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
        "white space, which does not count",
        alter(f"{START}-policy", "policy", lambda old: old + " " * 10_000),
        near_miss=True,
    ),
    Mutant(
        "quota-documents",
        "a definition of more than 1 MB",
        put(MACHINE, "definition.Comment", "x" * 1024 * 1024),
    ),
    Mutant(
        "quota-documents",
        "a definition of 200 KB",
        put(MACHINE, "definition.Comment", "x" * 200_000),
        near_miss=True,
    ),
    Mutant(
        "quota-documents",
        "a key's policy of more than 32 KB",
        put("keys-key", "policy.Id", "x" * 33_000),
    ),
    Mutant(
        "quota-documents",
        "a topic's policy of more than 30 KB",
        put("alerting-alerts-policy", "policy.Id", "x" * 31_000),
    ),
    Mutant(
        "quota-documents",
        "a queue's policy of more than 8,192 bytes",
        put("reconciliation-dead-letters-policy", "policy.Id", "x" * 8200),
    ),
    Mutant(
        "quota-documents",
        "a pattern of more than 2,048 bytes",
        put("reconciliation-ended", "eventPattern.detail.name", ["x" * 2000]),
    ),
    Mutant("quota-documents", "a dashboard of more than 1 MB", dashboard(1024 * 1024 + 1)),
    Mutant("quota-documents", "a dashboard of 1 MB", dashboard(1024 * 1024), near_miss=True),
    Mutant(
        "quota-documents",
        "a query of more than 10,000 characters",
        add(
            resource_types.QUERY_DEFINITION, "query", {"name": "long", "queryString": "x" * 10_001}
        ),
    ),
    Mutant(
        "quota-documents",
        "a topic's policy of 30,000 bytes",
        put("alerting-alerts-policy", "policy.Id", "x" * 29_000),
        near_miss=True,
    ),
    Mutant("quota-function-policy", "sixty permissions more", permissions(60)),
    Mutant("quota-function-policy", "forty permissions more", permissions(40), near_miss=True),
    Mutant("quota-targets", "a rule with six targets", targets(5)),
    Mutant("quota-targets", "a rule with five", targets(4), near_miss=True),
    Mutant("quota-alarm", "eleven metrics", alarm(metricQueries=metrics(11))),
    Mutant("quota-alarm", "ten metrics and their sum", alarm(metricQueries=metrics(10)), True),
    Mutant("quota-alarm", "six topics", alarm(alarmActions=[ALERTS] * 6)),
    Mutant("quota-alarm", "five topics", alarm(alarmActions=[ALERTS] * 5), True),
    Mutant("quota-alarm", "a long story", alarm(alarmDescription="x" * 1025)),
    Mutant(
        "quota-alarm",
        "31 dimensions",
        alarm(dimensions={f"d{each}": "x" for each in range(31)}),
    ),
    Mutant("quota-alarm", "25 hours of minutes", alarm(period=60, evaluationPeriods=25 * 60)),
    Mutant("quota-alarm", "25 hours of hours", alarm(period=3600, evaluationPeriods=25), True),
    Mutant("quota-alarm", "8 days of hours", alarm(period=3600, evaluationPeriods=8 * 24)),
    Mutant("quota-alarm-rule", "101 children", composite(children(101))),
    Mutant("quota-alarm-rule", "100 children", composite(children(100)), True),
    Mutant("quota-alarm-rule", "more than 10,240 characters", composite(children(99, "a" * 100))),
    Mutant("quota-alarm-rule", "501 elements", composite(f"{'(' * 250}TRUE{')' * 250}")),
    Mutant(
        "quota-alarm-rule", "a child of a name in brackets", composite('ALARM("(a) (b)")'), True
    ),
)

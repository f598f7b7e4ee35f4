"""Mutants for `policies.rules.alarm_quotas`."""

from typing import Any

from policies.stack import resource_types
from tests.policies.added_alarm import alarm
from tests.policies.mutate import Change, Mutant, declare
from tests.policies.names import ALERTS_ARN


def metrics(number: int) -> list[Any]:
    """Queries of a number of metrics, and the sum of them."""
    queries: list[Any] = [
        {"id": f"m{each}", "metric": {"metricName": "Errors", "period": 60, "stat": "Sum"}}
        for each in range(number)
    ]
    return [{"id": "sum", "expression": "SUM(METRICS())", "returnData": True}, *queries]


def composite(rule: str) -> Change:
    """One composite alarm more."""
    inputs = {"alarmName": "goal-mandala-prod-all", "alarmRule": rule, "alarmActions": [ALERTS_ARN]}
    return declare(resource_types.COMPOSITE_ALARM, "all", inputs)


def children(number: int, name: str = "a") -> str:
    """The rule of a composite alarm with a number of children."""
    return " OR ".join(f'ALARM("{name}-{each}")' for each in range(number))


MUTANTS = (
    Mutant("quota-alarm", "an alarm on eleven metrics", alarm(metricQueries=metrics(11))),
    Mutant("quota-alarm", "ten metrics and an expression", alarm(metricQueries=metrics(10)), True),
    Mutant("quota-alarm", "an alarm with six actions", alarm(alarmActions=[ALERTS_ARN] * 6)),
    Mutant("quota-alarm", "an alarm with five actions", alarm(alarmActions=[ALERTS_ARN] * 5), True),
    Mutant("quota-alarm", "a description of 1,025 characters", alarm(alarmDescription="x" * 1025)),
    Mutant(
        "quota-alarm",
        "a metric with 31 dimensions",
        alarm(dimensions={f"d{each}": "x" for each in range(31)}),
    ),
    Mutant(
        "quota-alarm",
        "an evaluation range of 25 hours with periods of a minute",
        alarm(period=60, evaluationPeriods=25 * 60),
    ),
    Mutant(
        "quota-alarm",
        "an evaluation range of 25 hours with periods of an hour",
        alarm(period=3600, evaluationPeriods=25),
        True,
    ),
    Mutant(
        "quota-alarm",
        "an evaluation range of 8 days with periods of an hour",
        alarm(period=3600, evaluationPeriods=8 * 24),
    ),
    Mutant("quota-alarm-rule", "a rule with 101 children", composite(children(101))),
    Mutant("quota-alarm-rule", "a rule with 100 children", composite(children(100)), True),
    Mutant(
        "quota-alarm-rule",
        "a rule of more than 10,240 characters",
        composite(children(99, "a" * 100)),
    ),
    Mutant(
        "quota-alarm-rule", "a rule with 501 elements", composite(f"{'(' * 250}TRUE{')' * 250}")
    ),
    Mutant(
        "quota-alarm-rule", "a child whose name has brackets", composite('ALARM("(a) (b)")'), True
    ),
)

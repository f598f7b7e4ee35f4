"""Alarms: CloudWatch takes their periods, queries and statistics, and these say something."""

import re
from collections.abc import Iterator

from policies.policy import resource_policy
from policies.rules.alarms.metrics import METRICS
from policies.rules.alarms.published import Kind, Published
from policies.rules.alarms.queries import wrong_queries
from policies.stack import resource_types
from policies.stack.metrics import Metric, queries_of
from policies.stack.resource_graph import Resource

OPERATORS = {
    "GreaterThanThreshold": (">", True),
    "GreaterThanOrEqualToThreshold": (">=", True),
    "LessThanThreshold": ("<", False),
    "LessThanOrEqualToThreshold": ("<=", False),
}
"""Comparison operator -> its sign, and whether high values breach."""

_STATISTIC = re.compile(
    r"Sum|Average|Minimum|Maximum|SampleCount|IQM|(p|tm|wm|tc|ts)(100|\d{1,2}(\.\d{1,10})?)"
    r"|(TM|WM|TC|TS|PR)\([\d.]*%?:[\d.]*%?\)"
)
_ADDING = re.compile(r"Sum|ts.*|TS.*")


@resource_policy(
    "alarm-evaluation",
    on={resource_types.ALARM},
    risk="CloudWatch refuses the alarm, or it needs more breaches than it looks at.",
    fix="Set evaluation_periods to at least 1, datapoints_to_alarm between 1 and that; a statistic"
    " and queries that fit each other.",
    source="CloudWatch API Reference: PutMetricAlarm; CloudWatch User Guide: metric math",
)
def evaluation(resource: Resource) -> Iterator[str]:
    """M of N with M <= N; queries that CloudWatch accepts."""
    periods = resource.props.get("evaluationPeriods") or 0
    points = resource.props.get("datapointsToAlarm")
    if periods < 1:
        yield f"evaluationPeriods is {periods:.0f}, at least 1 is needed"
    if points is not None and not 1 <= points <= periods:
        yield f"datapointsToAlarm is {points:.0f}: it must be 1 to {periods:.0f}, evaluationPeriods"
    yield from wrong_queries(resource)


@resource_policy(
    "alarm-statistic",
    on={resource_types.ALARM},
    risk="A statistic that says nothing about its metric hides the failure: the sum of levels"
    " grows with the period, the minimum of times is that of the luckiest call.",
    fix="Use Sum for events, Maximum or Average for levels, Average or a percentile for times.",
    source="CloudWatch User Guide: statistics definitions; aws-traps: CloudWatch",
)
def statistic(resource: Resource) -> Iterator[str]:
    """The statistic suits what the metric's values are."""
    is_high = OPERATORS.get(str(resource.read("comparisonOperator")), ("", True))[1]
    for query in queries_of(resource):
        if query.metric:
            published = METRICS.get((query.metric.namespace, query.metric.name))
            wrong = _wrong_statistic(query.metric, published, is_high=is_high)
            if not wrong and not query.returned and _is_share(query.metric, published):
                wrong = "an expression counts with sums, not with shares"
            if wrong:
                yield f"{query.metric}: {query.metric.statistic or 'no statistic'}: {wrong}"
    if resource.read("evaluateLowSampleCountPercentiles") == "ignore":
        yield "evaluateLowSampleCountPercentiles is ignore: with few calls it never fires"


def _wrong_statistic(metric: Metric, published: Published | None, *, is_high: bool) -> str | None:
    given = metric.statistic
    if not _STATISTIC.fullmatch(given):
        return "CloudWatch has no such statistic"
    if published is None or given == "SampleCount":
        return None
    if published.kind is Kind.EVENT and given not in ("Sum", "Average"):
        return f"it is a {published.kind}: only Sum, Average and SampleCount say how many"
    adds = published.kind in (Kind.EVENT, Kind.AMOUNT)
    if not adds and _ADDING.fullmatch(given):
        return f"it is a {published.kind}, which does not add up"
    hides = r"Minimum|p[0-4]?\d(\.\d+)?" if is_high else "Maximum"
    if re.fullmatch(hides, given):
        return "the alarm waits until most or all values breach"
    return None


def _is_share(metric: Metric, published: Published | None) -> bool:
    return published is not None and published.kind is Kind.EVENT and metric.statistic == "Average"

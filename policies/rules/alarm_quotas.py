"""CloudWatch's limits on alarms: what it refuses, or accepts and never evaluates."""

import re
from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource

MAX_METRICS = 10
"""Of an alarm on metric math (CloudWatch User Guide: Limits of alarms)."""
MAX_ACTIONS = 5
"""For each state (CloudWatch API: PutMetricAlarm, PutCompositeAlarm)."""
MAX_DESCRIPTION_CHARACTERS = 1024
MAX_DIMENSIONS = 30
MAX_RULE_CHARACTERS = 10_240
MAX_CHILDREN = 100
MAX_ELEMENTS = 500
"""Children, TRUE and FALSE, and parentheses (CloudWatch API: PutCompositeAlarm)."""
DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS
"""The longest evaluation range: a day, or a week with periods of an hour or more (CloudWatch API:
PutMetricAlarm, Period)."""

_HOUR_SECONDS = 3600
_ACTIONS = ("alarmActions", "okActions", "insufficientDataActions")


@resource_policy(
    "quota-alarm",
    on={resource_types.ALARM, resource_types.COMPOSITE_ALARM},
    risk="CloudWatch refuses an alarm, so nobody is notified.",
    fix="Use fewer topics, a shorter description, fewer metrics in an expression, an evaluation"
    " range of at most a day.",
    source="CloudWatch API Reference: PutMetricAlarm, PutCompositeAlarm; CloudWatch User Guide:"
    " Limits of alarms; aws-traps: CloudWatch",
)
def alarm(resource: Resource) -> Iterator[str]:
    """Actions, description, metrics, dimensions and evaluation range are within the limits."""
    for name in _ACTIONS:
        actions = resource.read(name)
        if actions is not UNKNOWN and len(actions or ()) > MAX_ACTIONS:
            yield f"it has {len(actions)} {name}, {MAX_ACTIONS} at most"
    length = len(str(resource.read("alarmDescription") or ""))
    if length > MAX_DESCRIPTION_CHARACTERS:
        yield f"its description has {length} characters, {MAX_DESCRIPTION_CHARACTERS} at most"
    metrics = _metrics(resource)
    if len(metrics) > MAX_METRICS:
        yield f"it has {len(metrics)} metrics, {MAX_METRICS} at most"
    for metric in metrics:
        if len(metric.get("dimensions") or ()) > MAX_DIMENSIONS:
            yield f"a metric has {len(metric['dimensions'])} dimensions, {MAX_DIMENSIONS} at most"
        period = metric.get("period") or 0
        seconds = period * (resource.props.get("evaluationPeriods") or 0)
        longest = WEEK_SECONDS if period >= _HOUR_SECONDS else DAY_SECONDS
        if seconds > longest:
            yield f"its evaluation range is {seconds:.0f} s, {longest} at most"


def _metrics(resource: Resource) -> list[Any]:
    if resource.type == resource_types.COMPOSITE_ALARM:
        return []
    queries: Any = resource.props.get("metricQueries") or ()
    return [each["metric"] for each in queries if each.get("metric")] or [resource.props]


@resource_policy(
    "quota-alarm-rule",
    on={resource_types.COMPOSITE_ALARM},
    risk="CloudWatch refuses the rule of a composite alarm.",
    fix="Nest composite alarms.",
    source="CloudWatch API Reference: PutCompositeAlarm",
)
def alarm_rule(resource: Resource) -> Iterator[str]:
    """A rule's length, children and elements are within the limits."""
    rule: str = resource.props["alarmRule"]
    if len(rule) > MAX_RULE_CHARACTERS:
        yield f"its rule has {len(rule)} characters, {MAX_RULE_CHARACTERS} at most"
    without_names = re.sub(r'"[^"]*"', "", rule)
    children = len(re.findall(r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(", without_names))
    if children > MAX_CHILDREN:
        yield f"its rule has {children} children, {MAX_CHILDREN} at most"
    elements = children + len(re.findall(r"\b(?:TRUE|FALSE)\b|[()]", without_names))
    if elements > MAX_ELEMENTS:
        yield f"its rule has {elements} elements, {MAX_ELEMENTS} at most"

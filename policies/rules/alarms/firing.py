"""Alarms: each can fire, does so for what is wrong, and is off when nothing is."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from policies.policy import resource_policy, stack_policy
from policies.rules.alarms.metrics import METRICS
from policies.rules.alarms.published import Kind
from policies.rules.alarms.queries import values_compared
from policies.rules.alarms.ranges import Values
from policies.rules.alarms.statistics import OPERATORS
from policies.stack import resource_types
from policies.stack.alarm_rules import RuleError, parse_rule
from policies.stack.metrics import Metric, queries_of
from policies.stack.resource_graph import Resource, ResourceGraph

_BAND_OPERATORS = frozenset(
    {
        "GreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold",
    }
)
"""Comparisons with an anomaly detection band."""

_LEAST_MILLISECONDS = 100
"""An invocation, a request from afar or an execution below it needs no alarm: such a threshold is
meant in seconds."""


_TIMES = re.compile(r"Duration|Latency|Time$|Lag|Age")


def _of_another_unit(alarm: Resource) -> Iterator[str]:
    """A unit that the data do not have: CloudWatch leaves them out, and the alarm has no value."""
    holders: list[Any] = [alarm.props]
    holders += [
        each["metric"] for each in alarm.props.get("metricQueries") or () if each.get("metric")
    ]
    for each in holders:
        unit, name = each.get("unit"), str(each.get("metricName") or "")
        fitting = ("Milliseconds", "Seconds") if _TIMES.search(name) else ("Count", "Percent")
        if unit is not None and unit not in fitting:
            yield f"{name} has no data of the unit {unit}: leave the unit out"


@resource_policy(
    "alarm-can-fire",
    on={resource_types.ALARM},
    risk="An alarm that cannot fire, or always does, is no alarm, and looks like one.",
    fix="Compare in the direction of the fault, with a threshold that the values can pass: a"
    " percentage between 0 and 100, times in the metric's own unit.",
    source="guide: CloudWatch アラーム; CloudWatch API Reference: PutMetricAlarm; aws-traps:"
    " CloudWatch",
)
def can_fire(resource: Resource) -> Iterator[str]:
    """The comparison's direction and the threshold suit the values that are compared."""
    yield from _of_another_unit(resource)
    operator = str(resource.props.get("comparisonOperator"))
    threshold = resource.props.get("threshold")
    if resource.props.get("thresholdMetricId") is not None:
        if operator not in _BAND_OPERATORS:
            yield f"{operator} does not compare with a band: {', '.join(sorted(_BAND_OPERATORS))}"
        return
    if operator not in OPERATORS:
        yield f"comparisonOperator is {operator}: {', '.join(OPERATORS)}"
        return
    if threshold is None:
        yield "it has no threshold"
        return
    values = values_compared(resource)
    if values is not None:
        if _counts_faults(resource, values):
            values = replace(values, high=1, percent=True)
        yield from _out_of_range(values, operator, threshold)
        yield from _wrong_direction(resource, values, operator)
    yield from _in_seconds(resource, operator, threshold)


def _out_of_range(values: Values, operator: str, threshold: float) -> Iterator[str]:
    sign, _ = OPERATORS[operator]
    least, most = values.low, values.high
    told = f"{sign} {threshold:g}, of values from {least:g} to {most:g},"
    never, always = {
        ">": (threshold >= most, threshold < least),
        ">=": (threshold > most, threshold <= least),
        "<": (threshold <= least, threshold > most),
        "<=": (threshold < least, threshold >= most),
    }[sign]
    if never:
        yield f"{told} is never true: the alarm cannot fire"
    elif always:
        yield f"{told} is always true: the alarm never ends"
    elif values.percent and not least < threshold < most:
        yield f"{told} is passed by any single failure: a rate's threshold lies between them"


def _counts_faults(resource: Resource, values: Values) -> bool:
    """Whether it is a share of faults, such as errors / calls: at most 1."""
    metrics = [each.metric for each in queries_of(resource) if each.id in values.rises]
    return (
        values.ratio
        and values.factor == 1
        and not values.percent
        and bool(metrics)
        and all(each is not None and _is_fault(each) for each in metrics)
    )


def _is_fault(metric: Metric) -> bool:
    published = METRICS.get((metric.namespace, metric.name))
    return published is not None and published.kind is Kind.EVENT and not published.wanted


def _wrong_direction(resource: Resource, values: Values, operator: str) -> Iterator[str]:
    _, is_high = OPERATORS[operator]
    if values.switch and not is_high:
        yield f"{operator}: it fires where the expression's condition does not hold"
    elif not _signs(values, is_high=is_high):
        for query in queries_of(resource):
            low = values.falls if is_high else values.rises
            if query.metric and (query.id in low) and not _is_wanted(query.metric):
                yield f"{operator}: it fires while {query.metric} is low, which is good"


@stack_policy(
    "alarm-missing-data",
    risk="An alarm on silence that takes missing data as good never fires; one on failures that"
    " takes it as bad, or keeps its state, is on whenever nobody works.",
    fix="Set treat_missing_data to breaching where the alarm fires because something does not"
    " happen, to ignore where a composite only asks whether it is OK, else to notBreaching.",
    source="CloudWatch User Guide: how alarms treat missing data; monitoring/README: Rejected",
)
def missing_data(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Missing data count as bad for alarms on silence, and as good for all others.

    A condition keeps its state: it says for ever that something has happened once.
    """
    conditions = _conditions(graph)
    for alarm in graph.of(resource_types.ALARM):
        given = alarm.props.get("treatMissingData")
        if alarm.read("name") in conditions:
            if given != "ignore":
                yield alarm, f"treatMissingData is {given}: a rule asks whether it is OK: ignore"
            continue
        for message in _missing_data(alarm):
            yield alarm, message


def _conditions(graph: ResourceGraph) -> set[str]:
    """The alarms that composites name as OK only."""
    asked: set[tuple[str, str]] = set()
    for composite in graph.of(resource_types.COMPOSITE_ALARM):
        with suppress(RuleError):
            asked |= set(parse_rule(str(composite.read("alarmRule"))).conditions)
    states = {name: {state for state, each in asked if each == name} for _, name in asked}
    return {name for name, found in states.items() if found == {"OK"}}


def _missing_data(resource: Resource) -> Iterator[str]:
    given = resource.props.get("treatMissingData")
    operator = OPERATORS.get(str(resource.props.get("comparisonOperator")))
    values = values_compared(resource)
    if values is None or operator is None or resource.read("thresholdMetricId") is not None:
        return
    _, is_high = operator
    on_silence = not _signs(values, is_high=is_high)
    wanted = "breaching" if on_silence else "notBreaching"
    if given != wanted:
        why = "low" if on_silence else "high"
        yield f"treatMissingData is {given}: it fires on {why} values, so {wanted} is needed"


def _signs(values: Values, *, is_high: bool) -> frozenset[str]:
    """The metrics whose rise leads to the alarm."""
    return values.rises if is_high else values.falls


def _is_wanted(metric: Metric) -> bool:
    published = METRICS.get((metric.namespace, metric.name))
    return published is None or published.wanted or metric.statistic == "SampleCount"


def _in_seconds(resource: Resource, operator: str, threshold: float) -> Iterator[str]:
    _, is_high = OPERATORS[operator]
    for query in queries_of(resource):
        metric = query.metric
        if metric is None or not query.returned or metric.namespace == "AWS/DynamoDB":
            continue
        published = METRICS.get((metric.namespace, metric.name))
        times = published and published.kind is Kind.MILLISECONDS
        short = is_high and metric.statistic != "SampleCount" and threshold < _LEAST_MILLISECONDS
        if times and short:
            yield f"{metric} is in milliseconds: {threshold:g} is shorter than any call"

"""Alarms as declared (Pulumi's inputs), and what PutMetricAlarm refuses of them.

(CloudWatch API reference: PutMetricAlarm, PutCompositeAlarm, MetricDataQuery.)
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from localcloud.aws.cloudwatch.composite_rules import Rule, parse_rule
from localcloud.aws.cloudwatch.expressions import parse
from localcloud.aws.cloudwatch.metrics import Metric
from localcloud.aws.cloudwatch.statistics import percentile_rank

Declared = Mapping[str, Any]

MOST_METRICS = 10
_ID = re.compile(r"[a-z]\w*")
_SHORT_PERIODS = (10, 20, 30)
_MINUTE = 60
_DAY = 86_400
_WEEK = 7 * _DAY


class State(StrEnum):
    """The states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """How missing data points are treated."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class AlarmError(ValueError):
    """What CloudWatch would refuse; the text names the alarm, the property and why."""


@dataclass(frozen=True)
class MetricQuery:
    """A metric under one statistic, or an expression."""

    id: str
    metric: Metric | None = None
    statistic: str = ""
    expression: str = ""


@dataclass(frozen=True)
class MetricAlarm:
    """One metric or metric math against a threshold.

    queries: what is read and calculated; `watched` is the id of the one that is compared.
    period: seconds, of all metrics. periods, points: N and M of "M out of N".
    """

    name: str
    queries: tuple[MetricQuery, ...]
    watched: str
    period: int
    periods: int
    points: int
    comparison: str
    threshold: float
    missing: Missing
    waits_for_samples: bool
    actions: Mapping[State, tuple[str, ...]]

    @property
    def metrics(self) -> dict[str, MetricQuery]:
        """The queries that read a metric, by id."""
        return {query.id: query for query in self.queries if query.metric}

    @property
    def percentile(self) -> float | None:
        """The rank that is compared, where a percentile of one metric is."""
        watched = self.metrics.get(self.watched)
        return (
            percentile_rank(watched.statistic) if watched and watched.statistic[0] == "p" else None
        )


@dataclass(frozen=True)
class CompositeAlarm:
    """A rule over the states of other alarms."""

    name: str
    rule: Rule
    actions: Mapping[State, tuple[str, ...]]


def metric_alarm(declared: Declared) -> MetricAlarm:
    """Of the inputs of `aws:cloudwatch/metricAlarm:MetricAlarm`; raises AlarmError."""
    name: str = declared["name"]
    queries, watched, period = (
        _queries(name, declared) if declared.get("metricQueries") else _single(name, declared)
    )
    periods = int(declared["evaluationPeriods"])
    points = int(declared.get("datapointsToAlarm") or periods)
    comparison: str = declared["comparisonOperator"]
    if comparison not in COMPARISONS:
        raise AlarmError(f"{name}: comparisonOperator {comparison!r} is not evaluated here")
    if not 1 <= points <= periods:
        raise AlarmError(f"{name}: datapointsToAlarm {points} is not in 1 to {periods}")
    if period not in _SHORT_PERIODS and (period < _MINUTE or period % _MINUTE):
        raise AlarmError(f"{name}: period {period} is neither 10, 20, 30 nor a multiple of 60")
    if periods * period > (_WEEK if period >= _MINUTE * _MINUTE else _DAY):
        raise AlarmError(f"{name}: {periods} periods of {period} s are too long a time")
    return MetricAlarm(
        name=name,
        queries=queries,
        watched=watched,
        period=period,
        periods=periods,
        points=points,
        comparison=comparison,
        threshold=float(declared["threshold"]),
        missing=_missing(declared, queries),
        waits_for_samples=declared.get("evaluateLowSampleCountPercentiles") == "ignore",
        actions=_actions(declared),
    )


def composite_alarm(declared: Declared) -> CompositeAlarm:
    """Of the inputs of `aws:cloudwatch/compositeAlarm:CompositeAlarm`; raises a ValueError."""
    return CompositeAlarm(
        declared["alarmName"], parse_rule(declared["alarmRule"]), _actions(declared)
    )


def _single(name: str, declared: Declared) -> tuple[tuple[MetricQuery, ...], str, int]:
    statistic = declared.get("extendedStatistic") or declared.get("statistic")
    if not statistic:
        raise AlarmError(f"{name}: neither statistic nor extendedStatistic")
    return (_metric_query("m1", declared, statistic),), "m1", int(declared["period"])


def _queries(name: str, declared: Declared) -> tuple[tuple[MetricQuery, ...], str, int]:
    queries: list[MetricQuery] = []
    periods: set[int] = set()
    for query in declared["metricQueries"]:
        identifier: str = query["id"]
        if not _ID.fullmatch(identifier):
            raise AlarmError(f"{name}: id {identifier!r} does not start with a lower-case letter")
        if query.get("expression"):
            parse(query["expression"])
            queries.append(MetricQuery(identifier, expression=query["expression"]))
        else:
            read = query["metric"]
            periods.add(int(read["period"]))
            queries.append(_metric_query(identifier, read, read["stat"]))
    watched = [query["id"] for query in declared["metricQueries"] if query.get("returnData")]
    if len({query.id for query in queries}) < len(queries):
        raise AlarmError(f"{name}: two queries have the same id")
    if len(watched) != 1:
        raise AlarmError(f"{name}: {len(watched)} queries return data, not exactly one")
    if len(periods) != 1:
        raise AlarmError(f"{name}: its metrics have the periods {sorted(periods)}, not one")
    if sum(query.metric is not None for query in queries) > MOST_METRICS:
        raise AlarmError(f"{name}: more than {MOST_METRICS} metrics")
    return tuple(queries), watched[0], periods.pop()


def _metric_query(identifier: str, read: Declared, statistic: str) -> MetricQuery:
    dimensions: Mapping[str, str] = read.get("dimensions") or {}
    read_metric = Metric(read["namespace"], read["metricName"], frozenset(dimensions.items()))
    return MetricQuery(identifier, read_metric, statistic)


def _missing(declared: Declared, queries: tuple[MetricQuery, ...]) -> Missing:
    if treatment := declared.get("treatMissingData"):
        return Missing(treatment)
    # user guide, "Configuring how CloudWatch alarms treat missing data": this namespace's default
    of_table = any(query.metric and query.metric.namespace == "AWS/DynamoDB" for query in queries)
    return Missing.IGNORE if of_table else Missing.MISSING


def _actions(declared: Declared) -> dict[State, tuple[str, ...]]:
    if declared.get("actionsEnabled") is False:
        return dict.fromkeys(State, ())
    return {
        State.ALARM: tuple(declared.get("alarmActions") or ()),
        State.OK: tuple(declared.get("okActions") or ()),
        State.INSUFFICIENT_DATA: tuple(declared.get("insufficientDataActions") or ()),
    }

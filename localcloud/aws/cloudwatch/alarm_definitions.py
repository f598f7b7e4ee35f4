"""Alarms as declared (Pulumi's inputs), and what PutMetricAlarm refuses.

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
from localcloud.aws.cloudwatch.metrics import MetricKey
from localcloud.aws.cloudwatch.percentiles import percentile_rank

Declared = Mapping[str, Any]

MAX_METRICS = 10
_ID = re.compile(r"[a-z]\w*")
_SHORT_PERIODS = (10, 20, 30)
_MINUTE = 60
_DAY = 86_400
_WEEK = 7 * _DAY


class AlarmState(StrEnum):
    """The states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class MissingData(StrEnum):
    """TreatMissingData: how missing data points count."""

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
    """An alarm that CloudWatch would refuse; the text names the alarm, the property and why."""


@dataclass(frozen=True)
class MetricQuery:
    """A metric under one statistic, or an expression."""

    id: str
    metric: MetricKey | None = None
    statistic: str = ""
    expression: str = ""


@dataclass(frozen=True)
class MetricAlarmDefinition:
    """One metric, or metric math over several, against a threshold.

    queries: what is read and calculated. watched_id: the query that is compared to the threshold.
    period: in seconds, the same for all metrics.
    evaluation_periods, datapoints_to_alarm: N and M of "M out of N".
    ignores_low_samples: a percentile with too few samples leaves the state as it is.
    actions: the topics that are notified of each new state.
    """

    name: str
    queries: tuple[MetricQuery, ...]
    watched_id: str
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison_operator: str
    threshold: float
    missing_data: MissingData
    ignores_low_samples: bool
    actions: Mapping[AlarmState, tuple[str, ...]]

    @property
    def metrics(self) -> dict[str, MetricQuery]:
        """The queries that read a metric, by id."""
        return {query.id: query for query in self.queries if query.metric}

    @property
    def percentile(self) -> float | None:
        """95.0 if the alarm watches the p95 of one metric; None if it watches no percentile."""
        watched = self.metrics.get(self.watched_id)
        if watched is None or watched.statistic[0] != "p":
            return None
        return percentile_rank(watched.statistic)


@dataclass(frozen=True)
class CompositeAlarmDefinition:
    """A rule over the states of other alarms.

    actions: the topics that are notified of each new state.
    """

    name: str
    rule: Rule
    actions: Mapping[AlarmState, tuple[str, ...]]


AlarmDefinition = MetricAlarmDefinition | CompositeAlarmDefinition


def parse_metric_alarm(declared: Declared) -> MetricAlarmDefinition:
    """Read the inputs of `aws:cloudwatch/metricAlarm:MetricAlarm`. Raises AlarmError."""
    name: str = declared["name"]
    queries, watched_id, period = (
        _queries(name, declared) if declared.get("metricQueries") else _single(name, declared)
    )
    periods = int(declared["evaluationPeriods"])
    datapoints = int(declared.get("datapointsToAlarm") or periods)
    comparison: str = declared["comparisonOperator"]
    if comparison not in COMPARISONS:
        raise AlarmError(f"{name}: comparisonOperator {comparison!r} is not evaluated here")
    if not 1 <= datapoints <= periods:
        raise AlarmError(f"{name}: datapointsToAlarm {datapoints} is not in 1 to {periods}")
    if period not in _SHORT_PERIODS and (period < _MINUTE or period % _MINUTE):
        raise AlarmError(f"{name}: period {period} is neither 10, 20, 30 nor a multiple of 60")
    if periods * period > (_WEEK if period >= _MINUTE * _MINUTE else _DAY):
        raise AlarmError(f"{name}: {periods} periods of {period} s are too long a time")
    return MetricAlarmDefinition(
        name=name,
        queries=queries,
        watched_id=watched_id,
        period=period,
        evaluation_periods=periods,
        datapoints_to_alarm=datapoints,
        comparison_operator=comparison,
        threshold=float(declared["threshold"]),
        missing_data=_missing_data(declared, queries),
        ignores_low_samples=declared.get("evaluateLowSampleCountPercentiles") == "ignore",
        actions=_actions(declared),
    )


def parse_composite_alarm(declared: Declared) -> CompositeAlarmDefinition:
    """Read the inputs of `aws:cloudwatch/compositeAlarm:CompositeAlarm`. Raises ValueError."""
    return CompositeAlarmDefinition(
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
    if sum(query.metric is not None for query in queries) > MAX_METRICS:
        raise AlarmError(f"{name}: more than {MAX_METRICS} metrics")
    return tuple(queries), watched[0], periods.pop()


def _metric_query(identifier: str, read: Declared, statistic: str) -> MetricQuery:
    dimensions: Mapping[str, str] = read.get("dimensions") or {}
    metric = MetricKey(read["namespace"], read["metricName"], frozenset(dimensions.items()))
    return MetricQuery(identifier, metric, statistic)


def _missing_data(declared: Declared, queries: tuple[MetricQuery, ...]) -> MissingData:
    if treatment := declared.get("treatMissingData"):
        return MissingData(treatment)
    # user guide, "Configuring how CloudWatch alarms treat missing data": this namespace's default
    of_table = any(query.metric and query.metric.namespace == "AWS/DynamoDB" for query in queries)
    return MissingData.IGNORE if of_table else MissingData.MISSING


def _actions(declared: Declared) -> dict[AlarmState, tuple[str, ...]]:
    if declared.get("actionsEnabled") is False:
        return dict.fromkeys(AlarmState, ())
    return {
        AlarmState.ALARM: tuple(declared.get("alarmActions") or ()),
        AlarmState.OK: tuple(declared.get("okActions") or ()),
        AlarmState.INSUFFICIENT_DATA: tuple(declared.get("insufficientDataActions") or ()),
    }

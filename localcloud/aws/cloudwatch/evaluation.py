"""The state of a metric alarm, from its data points.

(CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing
data"; tests/localcloud/aws/cloudwatch/test_missing_data.py holds the guide's tables.)

An example: period 60 s, 3 evaluation periods, 2 datapoints to alarm, threshold > 10. At 12:00 the
evaluation range is the last 3 + 2 = 5 periods, 11:55 to 12:00 (CloudWatch reads more periods than
the alarm has, since data may be late), with the values

    4  12  -  15  -        breaching: 0 X - X -   ("-": no sample in that minute)

Three values are there, as many as the alarm has periods, so the missing ones do not count: of 4, 12
and 15 two breach, and the state is ALARM. Without the 15 only two values are there, and
TreatMissingData decides: `breaching` fills the third in as breaching, two of three breach, and the
state is ALARM; with the other treatments one value breaches, and the state is OK.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from localcloud.aws.cloudwatch.alarm_definitions import (
    COMPARISONS,
    AlarmState,
    MetricAlarmDefinition,
    MissingData,
)
from localcloud.aws.cloudwatch.metric_math import MathInputs, evaluate_expression
from localcloud.aws.cloudwatch.metrics import Series, StatisticQuery
from localcloud.aws.cloudwatch.percentiles import required_samples

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400


@dataclass(frozen=True)
class EvaluationAssumptions:
    """What AWS's documentation leaves open.

    extra_periods: periods that the evaluation range has beyond the alarm's own. The guide's
        examples show 2, and say that the number varies.
    fills_empty: whether FILL fills a metric that has no value at all in that range.
    """

    extra_periods: int = 2
    fills_empty: bool = True


DEFAULT_ASSUMPTIONS = EvaluationAssumptions()


@dataclass(frozen=True)
class AlarmEvaluation:
    """The outcome of one evaluation.

    state: the new state; None if the alarm stays in its present one.
    datapoints: the data points evaluated, the newest first: when each period starts (Unix seconds)
        and its value.
    missing: how many data points were missing.
    """

    state: AlarmState | None
    datapoints: tuple[tuple[float, float], ...] = ()
    missing: int = 0


def required_queries(
    alarm: MetricAlarmDefinition, at: float, assumptions: EvaluationAssumptions
) -> Iterator[tuple[str, StatisticQuery]]:
    """What must be read for an evaluation at a moment (Unix seconds), by the alarm's own ids."""
    count = alarm.evaluation_periods + assumptions.extra_periods
    start = newest_period_end(alarm, at) - count * alarm.period
    for identifier, query in alarm.metrics.items():
        if query.metric:
            yield (
                identifier,
                StatisticQuery(query.metric, query.statistic, alarm.period, start, count),
            )
            if alarm.ignores_low_samples and alarm.percentile is not None:
                samples = StatisticQuery(query.metric, "SampleCount", alarm.period, start, count)
                yield "SampleCount", samples


def newest_period_end(alarm: MetricAlarmDefinition, at: float) -> float:
    """The last full minute; the last full hour for an alarm over more than a day."""
    over_a_day = alarm.period * alarm.evaluation_periods > _DAY
    step = _HOUR if over_a_day else min(alarm.period, _MINUTE)
    return at // step * step


def evaluate_series(
    alarm: MetricAlarmDefinition,
    queries: Mapping[str, StatisticQuery],
    answers: Mapping[StatisticQuery, Series],
    assumptions: EvaluationAssumptions,
) -> AlarmEvaluation:
    """Evaluate an alarm on the answers to its `required_queries`."""
    series = {identifier: answers[query] for identifier, query in queries.items()}
    start, count = next((query.start, query.count) for query in queries.values())
    if _has_too_few_samples(alarm, series.pop("SampleCount", None)):
        return AlarmEvaluation(None)
    results: dict[str, Series] = {}
    inputs = MathInputs(series, results, alarm.period, count, assumptions.fills_empty)
    for query in alarm.queries:
        if query.expression:
            results[query.id] = evaluate_expression(query.expression, inputs)
    values = (series | results)[alarm.watched_id]
    datapoints = tuple(
        (start + place * alarm.period, value)
        for place, value in reversed(list(enumerate(values)))
        if value is not None
    )
    breaches = COMPARISONS[alarm.comparison_operator]
    state = state_of(
        [None if value is None else breaches(value, alarm.threshold) for value in values],
        evaluation_periods=alarm.evaluation_periods,
        datapoints_to_alarm=alarm.datapoints_to_alarm,
        missing_data=alarm.missing_data,
    )
    evaluated = datapoints[: alarm.evaluation_periods]
    return AlarmEvaluation(state, evaluated, alarm.evaluation_periods - len(evaluated))


def state_of(
    evaluation_range: Sequence[bool | None],
    *,
    evaluation_periods: int,
    datapoints_to_alarm: int,
    missing_data: MissingData,
) -> AlarmState | None:
    """The state for an evaluation range; None if the alarm stays in its present one.

    evaluation_range: whether each data point breaches, the oldest first; None where it is missing.
    """
    present = [breaches for breaches in evaluation_range if breaches is not None]
    if len(present) >= evaluation_periods:
        return _state(sum(present[-evaluation_periods:]), datapoints_to_alarm)
    if missing_data in (MissingData.BREACHING, MissingData.NOT_BREACHING):
        missing = evaluation_periods - len(present)
        filled = missing if missing_data is MissingData.BREACHING else 0
        return _state(sum(present) + filled, datapoints_to_alarm)
    if sum(present) >= datapoints_to_alarm:
        return AlarmState.ALARM
    if not all(present):
        return AlarmState.OK
    if missing_data is MissingData.IGNORE:
        return None
    # Every data point breaches, but there are fewer than M. CloudWatch goes to ALARM if the oldest
    # is at least M periods old (the guide: "Avoiding premature transitions to alarm state").
    age = next((len(evaluation_range) - i for i, each in enumerate(evaluation_range) if each), 0)
    return AlarmState.ALARM if age >= datapoints_to_alarm else AlarmState.INSUFFICIENT_DATA


def _state(breaching: int, datapoints_to_alarm: int) -> AlarmState:
    return AlarmState.ALARM if breaching >= datapoints_to_alarm else AlarmState.OK


def _has_too_few_samples(alarm: MetricAlarmDefinition, counts: Series | None) -> bool:
    if counts is None or alarm.percentile is None:
        return False
    newest = counts[-alarm.evaluation_periods :]
    samples = math.fsum(count for count in newest if count is not None)
    return samples < required_samples(alarm.percentile)

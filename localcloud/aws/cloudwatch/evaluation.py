"""How the state of a metric alarm follows from its data points.

(CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing
data": the tables there are tests here.)
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from localcloud.aws.cloudwatch.alarms import COMPARISONS, MetricAlarm, Missing, State
from localcloud.aws.cloudwatch.metric_math import Request, evaluate
from localcloud.aws.cloudwatch.metrics import Query, Series, Source
from localcloud.aws.cloudwatch.statistics import needed_samples

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400


@dataclass(frozen=True)
class Reading:
    """What AWS leaves open, and we read one way or the other.

    more_periods: how many periods beyond an alarm's own the evaluation range has, so that data may
        be late or sparse. The guide's examples show 2, and say that the number varies.
    fills_empty: whether FILL fills a metric without any value in that range.
    """

    more_periods: int = 2
    fills_empty: bool = True


USUAL = Reading()


@dataclass(frozen=True)
class Judgement:
    """The state that data call for.

    state: None to stay in the present one.
    points: the data points judged, the newest first: when each period starts (Unix seconds) and
        its value. missing: how many were filled in beside them.
    """

    state: State | None
    points: tuple[tuple[float, float], ...] = ()
    missing: int = 0


def judge(alarm: MetricAlarm, source: Source, at: float, reading: Reading = USUAL) -> Judgement:
    """The judgement at a moment (Unix seconds), over the periods that end with the last minute."""
    wanted = dict(needs(alarm, at, reading))
    return judge_series(alarm, wanted, source.read(wanted.values()), reading)


def needs(alarm: MetricAlarm, at: float, reading: Reading = USUAL) -> Iterator[tuple[str, Query]]:
    """What has to be read for it, by the alarm's own ids."""
    count = alarm.periods + reading.more_periods
    start = last_end(alarm, at) - count * alarm.period
    for identifier, query in alarm.metrics.items():
        if query.metric:
            yield identifier, Query(query.metric, query.statistic, alarm.period, start, count)
            if alarm.waits_for_samples and alarm.percentile is not None:
                samples = Query(query.metric, "SampleCount", alarm.period, start, count)
                yield "SampleCount", samples


def last_end(alarm: MetricAlarm, at: float) -> float:
    """Where the newest period ends: at the last minute, or at the last hour for alarms of days."""
    step = _HOUR if alarm.period * alarm.periods > _DAY else min(alarm.period, _MINUTE)
    return at // step * step


def judge_series(
    alarm: MetricAlarm,
    wanted: Mapping[str, Query],
    read: Mapping[Query, Series],
    reading: Reading = USUAL,
) -> Judgement:
    """The judgement of what was read."""
    series = {identifier: read[query] for identifier, query in wanted.items()}
    start, count = next((query.start, query.count) for query in wanted.values())
    if _too_few_samples(alarm, series.pop("SampleCount", None)):
        return Judgement(None)
    results: dict[str, Series] = {}
    request = Request(series, results, alarm.period, count, reading.fills_empty)
    for query in alarm.queries:
        if query.expression:
            results[query.id] = evaluate(query.expression, request)
    values = (series | results)[alarm.watched]
    points = tuple(
        (start + place * alarm.period, value)
        for place, value in reversed(list(enumerate(values)))
        if value is not None
    )
    breaches = COMPARISONS[alarm.comparison]
    verdict = state_of(
        [None if value is None else breaches(value, alarm.threshold) for value in values],
        periods=alarm.periods,
        points=alarm.points,
        missing=alarm.missing,
    )
    judged = points[: alarm.periods]
    return Judgement(verdict, judged, alarm.periods - len(judged))


def state_of(
    range_: Sequence[bool | None], *, periods: int, points: int, missing: Missing
) -> State | None:
    """The state that an evaluation range calls for; None to stay in the present one.

    range_: whether each data point breaches, the oldest first; None where it is missing.
    """
    present = [breach for breach in range_ if breach is not None]
    if len(present) >= periods:
        return _state(sum(present[-periods:]), points)
    filled = periods - len(present)
    if missing in (Missing.BREACHING, Missing.NOT_BREACHING):
        return _state(sum(present) + (filled if missing is Missing.BREACHING else 0), points)
    if sum(present) >= points:
        return State.ALARM
    if not all(present):
        return State.OK
    if missing is Missing.IGNORE:
        return None
    # All that is there breaches. Too young, it may be a beginning; old enough, it is believed.
    age = next((len(range_) - place for place, breach in enumerate(range_) if breach), 0)
    return State.ALARM if age >= points else State.INSUFFICIENT_DATA


def _state(breaching: int, points: int) -> State:
    return State.ALARM if breaching >= points else State.OK


def _too_few_samples(alarm: MetricAlarm, counts: Series | None) -> bool:
    if counts is None or alarm.percentile is None:
        return False
    there = math.fsum(count for count in counts[-alarm.periods :] if count is not None)
    return there < needed_samples(alarm.percentile)

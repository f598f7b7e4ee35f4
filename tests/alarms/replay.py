"""The states of all alarms over a long time, minute by minute, as the monitor would find them.

An alarm's periods of one phase (those that begin at the same minute of the period) are one long
series, and each expression is evaluated once for each phase. That is right only for expressions
that read one period at a time, as all of the stack's do; a test compares it with the monitor.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from localcloud.aws.cloudwatch.alarm_definitions import (
    COMPARISONS,
    AlarmState,
    CompositeAlarmDefinition,
    MetricAlarmDefinition,
)
from localcloud.aws.cloudwatch.composite_rules import alarms_in, holds
from localcloud.aws.cloudwatch.evaluation import DEFAULT_ASSUMPTIONS, state_of
from localcloud.aws.cloudwatch.metric_math import MathInputs, evaluate_expression
from localcloud.aws.cloudwatch.metrics import Series, StatisticQuery
from tests.metric_store import MetricStore

MINUTE = 60
Found = MetricAlarmDefinition | CompositeAlarmDefinition


@dataclass(frozen=True)
class Change:
    """An alarm's new state; `minute` since the start."""

    minute: int
    alarm: Found
    new: AlarmState

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that get a message."""
        return self.alarm.actions[self.new]


def replay(alarms: Iterable[Found], store: MetricStore, start: float, minutes: int) -> list[Change]:
    """All changes in so many minutes; before the start every alarm is OK.

    start: Unix seconds of a whole minute. The monitor judges at the end of each minute.
    """
    known = list(alarms)
    by_minute: dict[int, list[Change]] = defaultdict(list)
    for alarm in known:
        if isinstance(alarm, MetricAlarmDefinition):
            for minute, state in _changes(alarm, store, start, minutes):
                by_minute[minute].append(Change(minute, alarm, state))
    states = {alarm.name: AlarmState.OK for alarm in known}
    composites = [alarm for alarm in known if isinstance(alarm, CompositeAlarmDefinition)]
    composites.sort(key=lambda alarm: len(alarms_in(alarm.rule) & {c.name for c in composites}))
    changes: list[Change] = []
    for minute in sorted(by_minute):
        for change in by_minute[minute]:
            states[change.alarm.name] = change.new
            changes.append(change)
        for composite in composites:
            new = AlarmState.ALARM if holds(composite.rule, states) else AlarmState.OK
            if new is not states[composite.name]:
                states[composite.name] = new
                changes.append(Change(minute, composite, new))
    return changes


def _changes(
    alarm: MetricAlarmDefinition, store: MetricStore, start: float, minutes: int
) -> Iterator[tuple[int, AlarmState]]:
    state = AlarmState.OK
    for minute, found in enumerate(_states(alarm, store, start, minutes), start=1):
        if found and found is not state:
            state = found
            yield minute, state


def _states(
    alarm: MetricAlarmDefinition, store: MetricStore, start: float, minutes: int
) -> list[AlarmState | None]:
    """The state for the data at the end of each minute."""
    phases = alarm.period // MINUTE
    seen = alarm.evaluation_periods + DEFAULT_ASSUMPTIONS.extra_periods
    states: list[AlarmState | None] = [None] * minutes
    for phase in range(min(phases, minutes)):
        count = seen - 1 + len(range(phase, minutes, phases))
        first_end = start + (phase + 1) * MINUTE
        breaches = _breaches(alarm, store, first_end - seen * alarm.period, count)
        for place, minute in enumerate(range(phase, minutes, phases)):
            states[minute] = state_of(
                breaches[place : place + seen],
                evaluation_periods=alarm.evaluation_periods,
                datapoints_to_alarm=alarm.datapoints_to_alarm,
                missing_data=alarm.missing_data,
            )
    return states


def _breaches(
    alarm: MetricAlarmDefinition, store: MetricStore, start: float, count: int
) -> list[bool | None]:
    series: dict[str, Series] = {}
    for identifier, query in alarm.metrics.items():
        assert query.metric
        asked = StatisticQuery(query.metric, query.statistic, alarm.period, start, count)
        series[identifier] = store.read([asked])[asked]
    results: dict[str, Series] = {}
    inputs = MathInputs(series, results, alarm.period, count)
    for query in alarm.queries:
        if query.expression:
            results[query.id] = evaluate_expression(query.expression, inputs)
    compare = COMPARISONS[alarm.comparison_operator]
    values = (series | results)[alarm.watched_id]
    return [None if value is None else compare(value, alarm.threshold) for value in values]

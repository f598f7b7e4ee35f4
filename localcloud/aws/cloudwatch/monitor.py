"""The evaluation of all alarms, as CloudWatch does it once a minute."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from localcloud.aws.cloudwatch.alarm_definitions import (
    AlarmDefinition,
    AlarmState,
    CompositeAlarmDefinition,
    MetricAlarmDefinition,
)
from localcloud.aws.cloudwatch.composite_rules import alarms_in, holds
from localcloud.aws.cloudwatch.evaluation import (
    DEFAULT_ASSUMPTIONS,
    EvaluationAssumptions,
    evaluate_series,
    required_queries,
)
from localcloud.aws.cloudwatch.metrics import MetricSource
from localcloud.aws.cloudwatch.reasons import reason, reason_data


@dataclass(frozen=True)
class StateChange:
    """A change of an alarm's state.

    at: Unix seconds. data: the reason as JSON. topics: the topics to notify.
    """

    alarm: AlarmDefinition
    old: AlarmState
    new: AlarmState
    at: float
    reason: str
    data: str
    topics: tuple[str, ...]


class Monitor:
    """Alarms and their present states; a new alarm is in INSUFFICIENT_DATA."""

    def __init__(
        self,
        alarms: Iterable[AlarmDefinition],
        assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
    ) -> None:
        known = tuple(alarms)
        self.states = {alarm.name: AlarmState.INSUFFICIENT_DATA for alarm in known}
        self._assumptions = assumptions
        self._metric_alarms = [alarm for alarm in known if isinstance(alarm, MetricAlarmDefinition)]
        composites = [alarm for alarm in known if isinstance(alarm, CompositeAlarmDefinition)]
        self._composites = list(_children_first(composites))

    def evaluate(self, source: MetricSource, at: float) -> list[StateChange]:
        """Evaluate every alarm at a moment (Unix seconds); returns the changes, children first."""
        queries = {
            alarm.name: dict(required_queries(alarm, at, self._assumptions))
            for alarm in self._metric_alarms
        }
        answers = source.read({query for each in queries.values() for query in each.values()})
        changes: list[StateChange] = []
        for alarm in self._metric_alarms:
            result = evaluate_series(alarm, queries[alarm.name], answers, self._assumptions)
            old, new = self.states[alarm.name], result.state
            if new and new is not old:
                why = reason(alarm, result, old, new)
                changes.append(self._change(alarm, new, at, why, reason_data(alarm, result, at)))
        for composite in self._composites:
            new = AlarmState.ALARM if holds(composite.rule, self.states) else AlarmState.OK
            if new is not self.states[composite.name]:
                why = f"the alarm rule evaluates to {new}"
                changes.append(self._change(composite, new, at, why, ""))
        return changes

    def _change(
        self, alarm: AlarmDefinition, new: AlarmState, at: float, why: str, data: str
    ) -> StateChange:
        old, self.states[alarm.name] = self.states[alarm.name], new
        return StateChange(alarm, old, new, at, why, data, alarm.actions[new])


def _children_first(
    composites: list[CompositeAlarmDefinition],
) -> Iterator[CompositeAlarmDefinition]:
    waiting = {alarm.name: alarm for alarm in composites}
    while waiting:
        ready = [alarm for alarm in waiting.values() if not alarms_in(alarm.rule) & set(waiting)]
        if not ready:
            raise ValueError(f"composite alarms depend on each other: {', '.join(waiting)}")
        for alarm in ready:
            yield waiting.pop(alarm.name)

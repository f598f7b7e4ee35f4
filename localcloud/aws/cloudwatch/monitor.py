"""All alarms of a stack over time: what CloudWatch does once a minute."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from localcloud.aws.cloudwatch.alarms import CompositeAlarm, MetricAlarm, State
from localcloud.aws.cloudwatch.composite_rules import alarms_in, holds
from localcloud.aws.cloudwatch.evaluation import USUAL, Reading, judge_series, needs
from localcloud.aws.cloudwatch.metrics import Source
from localcloud.aws.cloudwatch.reasons import reason, reason_data


@dataclass(frozen=True)
class StateChange:
    """An alarm that has changed its state.

    at: Unix seconds. data: the reason as JSON. topics: who is told, each once.
    """

    alarm: MetricAlarm | CompositeAlarm
    old: State
    new: State
    at: float
    reason: str
    data: str
    topics: tuple[str, ...]


class Monitor:
    """Alarms and the states they are in; a new alarm has no data yet."""

    def __init__(
        self, alarms: Iterable[MetricAlarm | CompositeAlarm], reading: Reading = USUAL
    ) -> None:
        known = tuple(alarms)
        self.states = {alarm.name: State.INSUFFICIENT_DATA for alarm in known}
        self._reading = reading
        self._metric_alarms = [alarm for alarm in known if isinstance(alarm, MetricAlarm)]
        composites = [alarm for alarm in known if isinstance(alarm, CompositeAlarm)]
        self._composites = list(_children_first(composites))

    def look(self, source: Source, at: float) -> list[StateChange]:
        """Judge every alarm at a moment (Unix seconds); those that change, children first."""
        wanted = {
            alarm.name: dict(needs(alarm, at, self._reading)) for alarm in self._metric_alarms
        }
        read = source.read({query for queries in wanted.values() for query in queries.values()})
        changes: list[StateChange] = []
        for alarm in self._metric_alarms:
            judgement = judge_series(alarm, wanted[alarm.name], read, self._reading)
            old, new = self.states[alarm.name], judgement.state
            if new and new is not old:
                why = reason(alarm, judgement, old, new)
                changes.append(self._change(alarm, new, at, why, reason_data(alarm, judgement, at)))
        for composite in self._composites:
            new = State.ALARM if holds(composite.rule, self.states) else State.OK
            if new is not self.states[composite.name]:
                changes.append(self._change(composite, new, at, f"its rule calls for {new}", ""))
        return changes

    def _change(
        self, alarm: MetricAlarm | CompositeAlarm, new: State, at: float, why: str, data: str
    ) -> StateChange:
        old, self.states[alarm.name] = self.states[alarm.name], new
        return StateChange(alarm, old, new, at, why, data, alarm.actions[new])


def _children_first(composites: list[CompositeAlarm]) -> Iterator[CompositeAlarm]:
    waiting = {alarm.name: alarm for alarm in composites}
    while waiting:
        ready = [alarm for alarm in waiting.values() if not alarms_in(alarm.rule) & set(waiting)]
        if not ready:
            raise ValueError(f"composite alarms in a circle: {', '.join(waiting)}")
        for alarm in ready:
            yield waiting.pop(alarm.name)

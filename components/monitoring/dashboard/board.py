"""What the rows of the dashboard are made with: metrics, alarms and the region of one stack."""

from collections.abc import Iterable, Mapping
from typing import Any

from components.monitoring.alarm_factory import Alarm, CompositeAlarm
from components.monitoring.alarms import alarms, composite_alarms
from components.monitoring.dashboard.widgets import Graph, Widget, alarm_states, graph, watched
from components.monitoring.metric_factory import MetricFactory, MetricStat
from components.names import Names
from components.settings import Settings

HEADING, STATES, GRAPH = 1, 4, 6
"""Heights of rows."""


class Board:
    """One stack's dashboard in the making.

    of: the metrics. alarms: by key. composites: those that speak.
    """

    def __init__(self, names: Names, settings: Settings) -> None:
        self.names = names
        self.settings = settings
        self.of = MetricFactory(names)
        # Escalations come last; what they watch is what their namesakes do.
        self.alarms = {each.key: each for each in reversed(alarms(names, settings))}
        self.composites = composite_alarms(names, settings)

    def graph(self, title: str, lines: Mapping[str, MetricStat | str], **options: Any) -> Widget:
        """Lines over time; options: those of `widgets.Graph`."""
        return graph(Graph(title, lines, **options), self.names.region)

    def watched(self, title: str, key: str, **besides: MetricStat) -> Widget:
        """What an alarm compares, with its threshold; besides it more lines, on the right."""
        return graph(watched(title, self.alarms[key], **besides), self.names.region)

    def states(self, title: str, shown: Iterable[Alarm | CompositeAlarm]) -> Widget:
        """The states of alarms."""
        return alarm_states(title, [self.names.alarm_arn(each.name) for each in shown])

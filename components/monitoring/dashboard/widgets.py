"""Widgets of a CloudWatch dashboard as data (CloudWatch API: dashboard body structure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from components.monitoring.alarm_factory import Alarm
from components.monitoring.composites import Composite
from components.monitoring.graphs import GraphWidget
from components.monitoring.metric_factory import MetricStat
from components.monitoring.saved_queries import SavedQuery
from components.names import Names

COLUMNS = 24
"""The grid's width (CloudWatch API: dashboard body structure)."""
LINKS, HEADING, STATES, GRAPH = 2, 1, 4, 6
"""Heights of rows."""
_RED = "#d62728"

Widget = dict[str, Any]
Row = tuple[int, Sequence[Widget]]
"""Height and widgets of one row."""


def text(markdown: str) -> Widget:
    """A widget of text."""
    return {"type": "text", "properties": {"markdown": markdown, "background": "transparent"}}


@dataclass(frozen=True)
class Renderer:
    """Makes the widgets of one stack's dashboard."""

    names: Names

    def heading(self, question: str) -> Widget:
        """The heading of a part of the dashboard."""
        return text(f"## {question}")

    def graphs(self, *graphs: GraphWidget) -> list[Widget]:
        """Widgets with lines over time."""
        return [self._graph(graph) for graph in graphs]

    def alarm_states(self, title: str, alarms: Iterable[Alarm | Composite]) -> Widget:
        """The states of alarms, those that are on first."""
        arns = [self.names.alarm_arn(alarm.name) for alarm in alarms]
        states = {"title": title, "alarms": arns, "sortBy": "stateUpdatedTimestamp"}
        return {"type": "alarm", "properties": states}

    def log_table(self, title: str, query: SavedQuery) -> Widget:
        """The result of a log query. It runs, and costs money, when the dashboard is open."""
        sources = " | ".join(f"SOURCE '{group}'" for group in query.log_groups)
        properties = {
            "title": title,
            "view": "table",
            "region": self.names.region,
            "query": f"{sources} | {query.text}",
        }
        return {"type": "log", "properties": properties}

    def _graph(self, graph: GraphWidget) -> Widget:
        hidden = [_line(each, id=id_, visible=False) for id_, each in graph.hidden.items()]
        lines = [
            _line(each, label=label, **({"yAxis": "right"} if label in graph.right else {}))
            for label, each in graph.lines.items()
        ]
        properties: dict[str, Any] = {
            "title": graph.title,
            "view": "timeSeries",
            "stacked": graph.stacked,
            "region": self.names.region,
            "period": graph.period,
            "metrics": [*hidden, *lines],
            "yAxis": {"left": {"min": 0, "label": graph.unit, "showUnits": False}},
        }
        if graph.annotations:
            horizontal = [
                {"label": label, "value": value, "color": _RED}
                for label, value in graph.annotations.items()
            ]
            properties["annotations"] = {"horizontal": horizontal}
        return {"type": "metric", "properties": properties}


def laid_out(rows: Sequence[Row]) -> list[Widget]:
    """The widgets with their places: rows below each other, each as wide as the grid."""
    placed: list[Widget] = []
    y = 0
    for height, widgets in rows:
        width = COLUMNS // len(widgets)
        for number, widget in enumerate(widgets):
            placed.append({"x": number * width, "y": y, "width": width, "height": height, **widget})
        y += height
    return placed


def _line(shown: MetricStat | str, **options: Any) -> list[Any]:
    if isinstance(shown, str):
        return [{"expression": shown, **options}]
    dimensions = [part for pair in shown.dimensions for part in pair]
    return [shown.namespace, shown.name, *dimensions, {"stat": shown.statistic, **options}]

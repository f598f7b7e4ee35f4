"""Widgets of a CloudWatch dashboard, as data (CloudWatch API: dashboard body structure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.monitoring.alarm_factory import Alarm
from components.monitoring.metric_factory import MetricStat

COLUMNS = 24
"""The grid's width (CloudWatch API: dashboard body structure)."""
_RED = "#d62728"

Widget = dict[str, Any]
Row = tuple[int, Sequence[Widget]]
"""Height and widgets of one row."""


@dataclass(frozen=True)
class Graph:
    """Lines over time.

    lines: label -> a metric, or an expression over ids of `behind`.
    behind: id -> what an expression needs and nobody sees.
    right: labels of the lines on the right axis. at: label -> value of a horizontal line.
    """

    title: str
    lines: Mapping[str, MetricStat | str]
    behind: Mapping[str, MetricStat | str] = field(default_factory=dict[str, "MetricStat | str"])
    right: frozenset[str] = frozenset()
    at: Mapping[str, float] = field(default_factory=dict[str, float])
    period: int = 300
    stacked: bool = False
    unit: str = ""


def watched(title: str, alarm: Alarm, **besides: MetricStat) -> Graph:
    """What an alarm compares, with its threshold; `besides`: label -> more lines, on the right."""
    return Graph(
        title,
        {alarm.key: alarm.queries[alarm.compared], **besides},
        behind={id_: each for id_, each in alarm.queries.items() if id_ != alarm.compared},
        right=frozenset(besides),
        at={alarm.key: alarm.threshold},
        period=alarm.period,
        unit=alarm.unit,
    )


def graph(widget: Graph, region: str) -> Widget:
    """A widget of type metric."""
    metrics = [
        *[_row(each, {"id": id_, "visible": False}) for id_, each in widget.behind.items()],
        *[
            _row(each, {"label": label, **({"yAxis": "right"} if label in widget.right else {})})
            for label, each in widget.lines.items()
        ],
    ]
    properties: dict[str, Any] = {
        "title": widget.title,
        "view": "timeSeries",
        "stacked": widget.stacked,
        "region": region,
        "period": widget.period,
        "metrics": metrics,
        "yAxis": {"left": {"min": 0, "label": widget.unit, "showUnits": False}},
    }
    if widget.at:
        lines = [{"label": k, "value": v, "color": _RED} for k, v in widget.at.items()]
        properties["annotations"] = {"horizontal": lines}
    return {"type": "metric", "properties": properties}


def text(markdown: str) -> Widget:
    """A widget of words."""
    return {"type": "text", "properties": {"markdown": markdown, "background": "transparent"}}


def alarm_states(title: str, arns: Sequence[str]) -> Widget:
    """The states of alarms, those that are on first."""
    states = {"title": title, "alarms": list(arns), "sortBy": "stateUpdatedTimestamp"}
    return {"type": "alarm", "properties": states}


def log_table(title: str, query: str, log_groups: Sequence[str], region: str) -> Widget:
    """The result of a log query. It is run, and paid for, when somebody looks."""
    sources = " | ".join(f"SOURCE '{group}'" for group in log_groups)
    properties = {
        "title": title,
        "view": "table",
        "region": region,
        "query": f"{sources} | {query}",
    }
    return {"type": "log", "properties": properties}


def laid_out(rows: Sequence[Row]) -> list[Widget]:
    """Rows of (height, widgets) below each other, each as wide as the grid."""
    placed: list[Widget] = []
    y = 0
    for height, widgets in rows:
        width = COLUMNS // len(widgets)
        for number, widget in enumerate(widgets):
            placed.append({"x": number * width, "y": y, "width": width, "height": height, **widget})
        y += height
    return placed


def _row(shown: MetricStat | str, options: dict[str, Any]) -> list[Any]:
    if isinstance(shown, str):
        return [{"expression": shown, **options}]
    dimensions = [part for pair in shown.dimensions for part in pair]
    return [shown.namespace, shown.name, *dimensions, {"stat": shown.statistic, **options}]

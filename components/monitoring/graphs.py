"""Graphs of metrics over time, as data; the dashboard places and renders them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.monitoring.alarm_factory import Alarm, Queries
from components.monitoring.metric_factory import MetricStat


@dataclass(frozen=True)
class GraphWidget:
    """A widget with lines over time.

    lines: label -> a metric, or an expression over ids of `hidden`.
    hidden: id -> what an expression needs and the graph does not draw.
    right: labels of the lines on the right axis.
    annotations: label -> value of a horizontal line.
    period: seconds. unit: label of the left axis.
    """

    title: str
    lines: Queries
    hidden: Queries = field(default_factory=dict[str, "MetricStat | str"])
    right: frozenset[str] = frozenset()
    annotations: Mapping[str, float] = field(default_factory=dict[str, float])
    period: int = 300
    stacked: bool = False
    unit: str = ""


def alarm_graph(
    title: str, alarm: Alarm, right: Mapping[str, MetricStat] | None = None
) -> GraphWidget:
    """What an alarm compares, with its threshold; `right`: label -> more lines, right axis."""
    others = right or {}
    return GraphWidget(
        title,
        {alarm.key: alarm.queries[alarm.compared], **others},
        hidden={id_: each for id_, each in alarm.queries.items() if id_ != alarm.compared},
        right=frozenset(others),
        annotations={alarm.key: alarm.threshold},
        period=alarm.evaluation.period,
        unit=alarm.unit,
    )

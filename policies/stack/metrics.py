"""The metrics that alarms compare and dashboards draw."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.pulumi_policy_internals import UnknownValueError
from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource


@dataclass(frozen=True)
class Metric:
    """One metric under one statistic; a dimension's value may be UNKNOWN. period: seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str
    period: float

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"


@dataclass(frozen=True)
class Query:
    """A metric or an expression of an alarm; `returned`: the alarm compares its value."""

    id: str
    metric: Metric | None
    expression: str | None
    returned: bool


def queries_of(alarm: Resource) -> list[Query]:
    """The queries of a metric alarm; one on a single metric has one, without id."""
    found: list[Query] = []
    for each in alarm.props.get("metricQueries") or ():
        metric = _metric(each["metric"], "stat") if each.get("metric") else None
        returned = each.get("returnData") is True
        found.append(Query(str(each.get("id", "")), metric, each.get("expression"), returned))
    if found:
        return found
    return [Query("", _metric(alarm.props, "statistic"), None, returned=True)]


def metrics_of(resource: Resource) -> Iterator[Metric]:
    """The metrics of an alarm or of a dashboard whose body is known."""
    if resource.type == resource_types.ALARM:
        yield from (each.metric for each in queries_of(resource) if each.metric)
    elif resource.type == resource_types.DASHBOARD:
        body = resource.read("dashboardBody")
        if isinstance(body, str):
            yield from _drawn(json.loads(body))


def _metric(source: Any, statistic: str) -> Metric:
    names: Any = source.get("dimensions") or {}
    given = source.get(statistic) or source.get("extendedStatistic") or ""
    return Metric(
        str(source.get("namespace") or ""),
        str(source.get("metricName") or ""),
        {str(name): element(names, name) for name in names},
        str(given),
        float(source.get("period") or 0),
    )


def element(holder: Any, name: Any) -> Any:
    """An element of a list or mapping; UNKNOWN if it is not known yet."""
    try:
        return holder[name]
    except UnknownValueError:
        return UNKNOWN


def _drawn(body: Any) -> Iterator[Metric]:
    """A line is [namespace, name, dimension, value, ..., options]; "." repeats the line above."""
    for widget in body.get("widgets") or ():
        properties: Any = widget.get("properties") or {}
        above: list[Any] = []
        for line in properties.get("metrics") or ():
            texts = [each for each in line if isinstance(each, str)]
            options: Any = line[-1] if line and not isinstance(line[-1], str) else {}
            if not texts:
                continue
            if texts[0] == "...":
                texts = [*above[: len(above) - len(texts) + 1], *texts[1:]]
            above = [
                above[i] if each == "." and i < len(above) else each for i, each in enumerate(texts)
            ]
            pairs = dict(zip(above[2::2], above[3::2], strict=False))
            statistic = options.get("stat") or properties.get("stat") or "Average"
            yield Metric(above[0], above[1], pairs, statistic, properties.get("period") or 0)

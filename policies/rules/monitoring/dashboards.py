"""Dashboards: widgets of what exists; the workflow's shows all that the guide wants to be seen.

In the preview of a new stack the body is not known, since it holds the API's id: then the update
of the stack is judged.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.monitoring.alarms import prefix
from policies.rules.monitoring.saved_queries import wrong_query
from policies.stack import resource_types
from policies.stack.metric_math import ExpressionError, ids, parse
from policies.stack.metrics import metrics_of
from policies.stack.resource_graph import Resource, ResourceGraph

_COLUMNS = 24
"""(CloudWatch API Reference: dashboard body structure)"""

_SHOWN = {
    # guide: State Machine, Lambda and DynamoDB メトリクス
    "AWS/States": "ExecutionsFailed ExecutionsTimedOut ExecutionTime ExecutionsStarted"
    " ExecutionsSucceeded",
    "AWS/Lambda": "Invocations Errors Duration Throttles ConcurrentExecutions",
    "AWS/DynamoDB": "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits UserErrors SystemErrors",
}
_ALARM_TYPES = frozenset({resource_types.ALARM, resource_types.COMPOSITE_ALARM})
_SOURCE = re.compile(r"SOURCE\s+['\"]([^'\"]+)['\"]", re.IGNORECASE)


@stack_policy(
    "monitoring-dashboard",
    risk="In an incident people look at an empty graph, at a line that no alarm has, or not at what"
    " fails.",
    fix="Draw declared metrics, alarms and logs of this region; give a line that is named after an"
    " alarm the alarm's threshold; draw every metric of the guide's tables.",
    source="guide: CloudWatch メトリクス; CloudWatch API Reference: dashboard body structure",
)
def dashboard(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Widgets fit the grid and show what exists; the workflow's dashboard lacks nothing."""
    for each in graph.of(resource_types.DASHBOARD):
        body = each.read("dashboardBody")
        if isinstance(body, str):
            for message in _wrong_body(graph, each, body):
                yield each, message
    machine = next(graph.of(resource_types.MACHINE), None)
    has_one = any(each.project == WORKFLOW for each in graph.of(resource_types.DASHBOARD))
    if machine is not None and machine.project == WORKFLOW and not has_one:
        yield machine, "no dashboard shows its executions"


def _wrong_body(graph: ResourceGraph, resource: Resource, body: str) -> Iterator[str]:
    try:
        widgets = cast("list[dict[str, Any]]", json.loads(body)["widgets"])
    except (ValueError, KeyError, TypeError):
        yield "its body is no JSON object with widgets"
        return
    for widget in widgets:
        properties: dict[str, Any] = widget.get("properties") or {}
        where = f"widget {str(properties.get('title') or properties.get('markdown'))[:40]!r}"
        for message in _wrong_widget(graph, resource, widget, properties):
            yield f"{where}: {message}"
    if resource.project == WORKFLOW and resource.read("dashboardName") == (
        f"{prefix(resource)}workflow"
    ):
        drawn = {(each.namespace, each.name) for each in metrics_of(resource)}
        for namespace, names in _SHOWN.items():
            for name in names.split():
                if (namespace, name) not in drawn:
                    yield f"no widget draws {name} ({namespace}), which the guide asks for"


def _wrong_widget(
    graph: ResourceGraph,
    resource: Resource,
    widget: Mapping[str, Any],
    properties: Mapping[str, Any],
) -> Iterator[str]:
    if int(widget.get("x") or 0) + int(widget.get("width") or 0) > _COLUMNS:
        yield f"it ends beyond column {_COLUMNS}"
    region = properties.get("region")
    if region is not None and region != graph.region:
        yield f"its region is {region}, the stack's is {graph.region}"
    match widget.get("type"):
        case "metric":
            yield from _wrong_lines(properties.get("metrics") or ())
            yield from _wrong_thresholds(graph, resource, properties)
        case "alarm":
            for arn in properties.get("alarms") or ():
                alarm = graph.arns.get(arn)
                if alarm is None or alarm.type not in _ALARM_TYPES:
                    yield f"{arn} is no alarm of this stack"
        case "log":
            text = str(properties.get("query"))
            yield from wrong_query(graph, text, _SOURCE.findall(text))
        case _:
            return


def _wrong_lines(lines: Any) -> Iterator[str]:
    """Expressions that CloudWatch refuses; a widget on which nothing is seen."""
    options: list[dict[str, Any]] = [
        line[-1] if line and isinstance(line[-1], dict) else {} for line in lines
    ]
    if not any(each.get("visible", True) for each in options):
        yield "it draws nothing"
    known = {str(each["id"]) for each in options if "id" in each}
    for text in (str(each["expression"]) for each in options if "expression" in each):
        if "SEARCH(" in text:
            continue
        try:
            for name in sorted(ids(parse(text)) - known):
                yield f"{text} uses {name}, which no line has"
        except ExpressionError as error:
            yield str(error)


def _wrong_thresholds(
    graph: ResourceGraph, resource: Resource, properties: Mapping[str, Any]
) -> Iterator[str]:
    """Horizontal lines that are named after alarms, and not at their threshold."""
    annotations: dict[str, Any] = properties.get("annotations") or {}
    for line in annotations.get("horizontal") or ():
        name = f"{prefix(resource)}{line.get('label')}"
        for alarm in graph.of(resource_types.ALARM):
            own = str(alarm.read("name"))
            is_its = own == name or own.startswith(f"{name}-")  # of each function
            stays = own == f"{name}-stays"
            threshold = alarm.read("threshold")
            if is_its and not stays and threshold != line.get("value"):
                yield f"line {line.get('label')} is at {line.get('value')}, {own} at {threshold:g}"

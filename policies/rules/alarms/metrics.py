"""Metrics: they exist, under these dimensions, of resources that the stack declares."""

from collections.abc import Iterator
from typing import Any

from policies.policy import stack_policy
from policies.rules.alarms.dimensions import wrong_dimensions
from policies.rules.alarms.own_metrics import OWN_METRICS
from policies.rules.alarms.published import AWS_METRICS, Published
from policies.stack import resource_types
from policies.stack.metrics import Metric, metrics_of
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph

METRICS = {**AWS_METRICS, **OWN_METRICS}
"""(namespace, name) -> the metric."""


@stack_policy(
    "alarm-metric-exists",
    risk="CloudWatch accepts an alarm on a metric that nothing sends, which never fires.",
    fix="Correct the metric's namespace and name; add a metric that AWS publishes to"
    " rules/alarms/published.py, one that a handler emits to rules/alarms/own_metrics.py.",
    source="guide: CloudWatch アラーム; the services' metrics (rules/alarms/published.py)",
)
def metric_exists(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Alarms and dashboards read metrics that AWS, a handler or a metric filter publishes."""
    filtered = set(_filtered(graph))
    for resource, metric in _watched(graph):
        names = (metric.namespace, metric.name)
        if names not in METRICS and names not in filtered:
            yield resource, f"nothing publishes the metric {metric.name} in {metric.namespace}"


@stack_policy(
    "alarm-dimensions",
    risk="An alarm on a resource that is not there, or on dimensions that the service does not"
    " publish, has no data and never fires.",
    fix="Use the set of dimensions that the service publishes, and the name of a declared"
    " resource as each value.",
    source="guide: CloudWatch アラーム; CloudWatch User Guide: dimensions",
)
def dimensions(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Dimensions are a published set, and their values name resources of the stack."""
    for resource, metric in _watched(graph):
        published = METRICS.get((metric.namespace, metric.name))
        if published is None:
            continue
        given = frozenset(metric.dimensions)
        if given not in published.dimensions:
            yield resource, f"{metric} has no dimensions {_set(given)}: {_sets(published)}"
            continue
        for problem in wrong_dimensions(graph, resource, metric):
            yield resource, problem


@stack_policy(
    "alarm-metric-filter",
    risk="A metric filter whose log group or metric is wrong counts nothing, in silence.",
    fix="Read a declared log group, and send the metric to a namespace that does not begin with"
    " AWS/.",
    source="CloudWatch Logs User Guide: creating metrics from log events using filters",
)
def metric_filters(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Metric filters read declared log groups and publish in a namespace of their own."""
    for each in graph.of(resource_types.METRIC_FILTER):
        group = each.read("logGroupName")
        source = graph.source(each, "logGroupName", resource_types.LOG_GROUP)
        if source is None and graph.named(resource_types.LOG_GROUP, group) is None:
            yield each, f"it reads {group}, which is not a declared log group"
        namespace = each.read("metricTransformation", "namespace")
        if not namespace or str(namespace).startswith("AWS/"):
            yield each, f"its namespace is {namespace}: AWS/ is reserved to AWS"
        if not each.read("metricTransformation", "name"):
            yield each, "it names no metric"


@stack_policy(
    "alarm-query-log-groups",
    risk="A saved query of a log group that is not there finds nothing when it is needed.",
    fix="Name log groups that the stack declares.",
    source="guide: CloudWatch Insights; CloudWatch Logs API: PutQueryDefinition",
)
def query_log_groups(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Saved queries read declared log groups."""
    for query in graph.of(resource_types.QUERY_DEFINITION):
        names = _known(query.read("logGroupNames"))
        if not names and not query.sources.get("logGroupNames"):
            yield query, "it names no log group"
        for name in names:
            if graph.named(resource_types.LOG_GROUP, name) is None:
                yield query, f"{name} is not a declared log group"


def _watched(graph: ResourceGraph) -> Iterator[tuple[Resource, Metric]]:
    for resource in graph.of(resource_types.ALARM, resource_types.DASHBOARD):
        for metric in metrics_of(resource):
            yield resource, metric


def _filtered(graph: ResourceGraph) -> Iterator[tuple[Any, Any]]:
    for each in graph.of(resource_types.METRIC_FILTER):
        found: Any = each.read("metricTransformation")
        if found and found is not UNKNOWN:
            yield found.get("namespace"), found.get("name")


def _known(values: Any) -> list[str]:
    if values is UNKNOWN or values is None:
        return []
    return [each for each in values if isinstance(each, str)]


def _sets(published: Published) -> str:
    return "published are " + " or ".join(sorted(_set(each) for each in published.dimensions))


def _set(names: frozenset[str]) -> str:
    return "+".join(sorted(names)) or "(none)"

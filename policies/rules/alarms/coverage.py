"""Alarms for everything that can fail: none is missing, none lies beyond what can be reached."""

import json
from collections.abc import Iterator
from typing import Any

from policies.conventions import PROTECTED_STACKS
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.metrics import Metric, metrics_of, queries_of
from policies.stack.resource_graph import Resource, ResourceGraph, strings

_NEEDED: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...] = (
    # type, namespace, metrics: one of each group
    (resource_types.FUNCTION, "AWS/Lambda", (("Errors",), ("Throttles",), ("Duration",))),
    (
        resource_types.TABLE,
        "AWS/DynamoDB",
        (
            ("ReadThrottleEvents", "ThrottledRequests"),
            ("WriteThrottleEvents", "ThrottledRequests"),
            ("SystemErrors",),
        ),
    ),
    (resource_types.TOPIC, "AWS/SNS", (("NumberOfNotificationsFailed",),)),
)
_MACHINE_METRICS = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionTime")
_API_METRICS = (("5xx",), ("Count",))
_GATEWAY_MILLISECONDS = 30_000
"""The longest time-out of an HTTP API's integration (API Gateway: quotas of HTTP APIs)."""


@stack_policy(
    "alarm-none-missing",
    risk="What has no alarm fails unnoticed until a user complains.",
    fix="Add the alarm on this metric of this resource; monitoring/resources/ makes them for all.",
    source="guide: CloudWatch アラーム, パフォーマンス監視; design: Alarms",
)
def none_missing(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """What runs or keeps data has its alarms; a function or topic that nothing uses needs none."""
    watched = list(_watched(graph))
    values = {(m.namespace, m.name, v) for _, m in watched for v in m.dimensions.values()}
    for machine in graph.of(resource_types.MACHINE):
        for metric in _MACHINE_METRICS:
            if ("AWS/States", metric, graph.arn(machine)) not in values:
                yield machine, f"no alarm watches its {metric} (AWS/States)"
    for type_, namespace, groups in _NEEDED:
        for resource in graph.of(type_):
            for group in groups if _is_used(graph, resource) else ():
                if not any((namespace, m, resource.read("name")) in values for m in group):
                    yield resource, f"no alarm watches its {' or '.join(group)} ({namespace})"
    for api in graph.of(resource_types.API):
        for group in _API_METRICS:
            if not any(_is_of(alarm, metric, api, group) for alarm, metric in watched):
                yield api, f"no alarm watches its {' or '.join(group)} (AWS/ApiGateway)"
    for queue in graph.of(resource_types.QUEUE):
        name = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue.read("name"))
        is_protected = queue.stack in PROTECTED_STACKS
        if is_protected and name not in values and _is_dead_letter(graph, queue):
            yield queue, "no alarm watches its ApproximateNumberOfMessagesVisible (AWS/SQS)"


def _is_used(graph: ResourceGraph, resource: Resource) -> bool:
    """Whether something of the stack invokes a function, or an alarm of production has a topic."""
    arn, name = graph.arn(resource), resource.read("name")
    if resource.type == resource_types.FUNCTION:
        # API, events and topics need a permission; the machine and mappings do not.
        users = {resource_types.PERMISSION: "function", resource_types.MACHINE: "definition"}
        users |= {resource_types.EVENT_SOURCE_MAPPING: "functionName"}
        return any(
            each.read(users[each.type]) == name or (arn and arn in str(each.read(users[each.type])))
            for each in graph.of(*users)
        )
    if resource.type == resource_types.TOPIC:
        if resource.stack not in PROTECTED_STACKS:
            return False
        alarms = graph.of(resource_types.ALARM, resource_types.COMPOSITE_ALARM)
        return any(
            resource.urn in each.sources.get("alarmActions", ())
            or any(text == arn for _, text in strings(each.read("alarmActions")))
            for each in alarms
        )
    return True


def _is_of(alarm: Resource, metric: Metric, api: Resource, names: tuple[str, ...]) -> bool:
    if metric.namespace != "AWS/ApiGateway" or metric.name not in names:
        return False
    sources = frozenset[str]().union(*alarm.sources.values())
    return api.urn in sources or metric.dimensions.get("ApiId") == api.read("id")


def _is_dead_letter(graph: ResourceGraph, queue: Resource) -> bool:
    """Whether events or messages that failed end up in a queue."""
    arn = graph.arn(queue)
    for each in graph.resources:
        for name in ("deadLetterConfig", "destinationConfig", "redrivePolicy"):
            if queue.urn in each.sources.get(name, ()):
                return True
            texts = [text for _, text in strings(each.read(name))]
            if any(text == arn or f'"{arn}"' in text for text in texts):
                return True
    return False


@stack_policy(
    "alarm-within-reach",
    risk="A threshold above what the resource allows is never passed, so the alarm never fires.",
    fix="Lower the threshold: below the time-out, the reserved concurrency or the retention.",
    source="Lambda, Step Functions, SQS, API Gateway: quotas and time-outs",
)
def within_reach(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A threshold on time or concurrency is below the limit of the resource."""
    for alarm in graph.of(resource_types.ALARM):
        threshold = alarm.props.get("threshold")
        returned = next((each.metric for each in queries_of(alarm) if each.returned), None)
        if (
            threshold is None
            or returned is None
            or not str(alarm.props.get("comparisonOperator")).startswith("Greater")
        ):
            continue
        limit = _limit(graph, returned)
        if limit is not None and threshold >= limit:
            yield alarm, f"{returned} is at most {limit:g} there, its threshold is {threshold:g}"


def _limit(graph: ResourceGraph, metric: Metric) -> float | None:
    """The highest value that a resource's own settings allow a metric, in the metric's unit."""
    if metric.statistic in ("Sum", "SampleCount"):
        return None
    function = graph.named(resource_types.FUNCTION, metric.dimensions.get("FunctionName"))
    queue = graph.named(resource_types.QUEUE, metric.dimensions.get("QueueName"))
    machine = graph.arns.get(str(metric.dimensions.get("StateMachineArn")))
    limit: Any = None
    if metric.name == "Duration" and function:
        limit = (function.read("timeout") or 3) * 1000
    elif metric.name == "ConcurrentExecutions" and function:
        limit = function.read("reservedConcurrentExecutions")
    elif metric.name == "ExecutionTime" and machine:
        limit = json.loads(machine.props["definition"]).get("TimeoutSeconds", 0) * 1000
    elif metric.name == "ApproximateAgeOfOldestMessage" and queue:
        limit = queue.read("messageRetentionSeconds") or 345_600
    elif metric.name in ("Latency", "IntegrationLatency") and "ApiId" in metric.dimensions:
        limit = _GATEWAY_MILLISECONDS
    return float(limit) if isinstance(limit, int | float) and limit > 0 else None


def _watched(graph: ResourceGraph) -> Iterator[tuple[Resource, Metric]]:
    for alarm in graph.of(resource_types.ALARM):
        for metric in metrics_of(alarm):
            yield alarm, metric

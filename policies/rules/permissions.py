"""Services may invoke the functions, keep the events and publish the alarms of the stack."""

from collections.abc import Iterator
from typing import Any

from policies.policy import stack_policy
from policies.rules.grants.own_resources import may
from policies.stack import resource_types
from policies.stack.invocations import invoked_function
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph
from policies.stack.resource_policies import allows_service, policy_of, service_may_use_key
from policies.stack.roles import role_of


@stack_policy(
    "stack-invokers-may-invoke",
    risk="Lambda refuses an event or a request.",
    fix="Give the invoker a permission on the function's alias, for its own ARN, and depend on it.",
    source="AWS Lambda Developer Guide: resource-based policies; aws-traps: IAM",
)
def invokers_may_invoke(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every invoker has a permission on the alias, and is created after it."""
    for target in graph.of(resource_types.EVENT_TARGET):
        rule = graph.named(resource_types.EVENT_RULE, target.read("rule"))
        yield from _needs_permission(
            graph, target, holder=target, input_="arn", service="events", source=rule
        )
    for subscription in graph.of(resource_types.SUBSCRIPTION):
        topic = graph.source(subscription, "topic", resource_types.TOPIC)
        yield from _needs_permission(
            graph, subscription, holder=subscription, input_="endpoint", service="sns", source=topic
        )
    for route in graph.of(resource_types.ROUTE):
        integration = graph.source(route, "target", resource_types.INTEGRATION)
        if integration is None:
            yield route, "it has no integration of this stack"
            continue
        yield from _needs_permission(
            graph,
            route,
            holder=integration,
            input_="integrationUri",
            service="apigateway",
            source=None,
        )


def _needs_permission(
    graph: ResourceGraph,
    invoker: Resource,
    *,
    holder: Resource,
    input_: str,
    service: str,
    source: Resource | None,
) -> Iterator[tuple[Resource, str]]:
    """Violations unless the service may invoke the function that the holder's input names.

    source: on whose behalf; None: of any resource.
    """
    function = invoked_function(graph, holder, input_)
    if function is None:
        return
    alias = graph.source(holder, input_, resource_types.FUNCTION_ALIAS)
    alias = alias or graph.arns.get(str(holder.read(input_)))
    permissions = [
        each
        for each in graph.of(resource_types.PERMISSION)
        if each.props["principal"] == f"{service}.amazonaws.com"
        and each.props["action"] == "lambda:InvokeFunction"
        and each.read("function") == function.read("name")
        and each.read("qualifier") == (alias.read("name") if alias else None)
        and _is_for(graph, each, source)
    ]
    if not permissions:
        yield invoker, f"it may not invoke {function.name} by its alias"
    elif not any(graph.reaches(invoker, each) for each in permissions):
        yield invoker, f"it may be created before its permission to invoke {function.name}"


def _is_for(graph: ResourceGraph, permission: Resource, source: Resource | None) -> bool:
    arn = permission.read("sourceArn")
    if source is None:
        return arn is not None
    return arn == graph.arn(source) or source.urn in permission.sources.get("sourceArn", ())


@stack_policy(
    "stack-events-may-be-kept",
    risk="A dead-letter queue refuses the events that it is there for.",
    fix="Let events.amazonaws.com send to the queue and use its key, for the rule's ARN.",
    source="EventBridge User Guide: dead-letter queues; aws-traps: Keys",
)
def events_may_be_kept(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Rules and functions may send what fails to their encrypted queues."""
    for target in graph.of(resource_types.EVENT_TARGET):
        queue = graph.source(target, "deadLetterConfig", resource_types.QUEUE)
        rule = graph.named(resource_types.EVENT_RULE, target.read("rule"))
        if queue is None or rule is None:
            continue
        arn = str(graph.arn(rule))
        policy = policy_of(graph, queue)
        if not any(allows_service(each, "events", {"sqs:sendmessage"}, arn) for each in policy):
            yield target, f"{rule.name} may not send to {queue.name}"
        if not service_may_use_key(graph, queue, "events", arn):
            yield target, f"{rule.name} may not use the key of {queue.name}"
    for config in graph.of(resource_types.INVOKE_CONFIG):
        queue = graph.source(config, "destinationConfig", resource_types.QUEUE)
        function = graph.named(resource_types.FUNCTION, config.read("functionName"))
        role = role_of(graph, function) if function else None
        if queue and role and not may(graph, role, "sqs:SendMessage", str(graph.arn(queue))):
            yield config, f"{role.name} may not send to {queue.name}"


@stack_policy(
    "stack-alarms-may-publish",
    risk="The encrypted topic refuses an alarm's message.",
    fix="Let cloudwatch.amazonaws.com publish to the topic and use its key, for the alarm's ARN.",
    source="CloudWatch User Guide: alarms and encrypted topics; aws-traps: Keys",
)
def alarms_may_publish(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Alarms may publish to their topics and use the topics' keys."""
    for alarm in graph.of(resource_types.ALARM, resource_types.COMPOSITE_ALARM):
        arn = str(graph.arn(alarm))
        for topic in graph.of(resource_types.TOPIC):
            if not _notifies(graph, alarm, topic):
                continue
            policy = policy_of(graph, topic)
            if not any(allows_service(s, "cloudwatch", {"sns:publish"}, arn) for s in policy):
                yield alarm, f"it may not publish to {topic.name}"
            if not service_may_use_key(graph, topic, "cloudwatch", arn):
                yield alarm, f"it may not use the key of {topic.name}"


def _notifies(graph: ResourceGraph, alarm: Resource, topic: Resource) -> bool:
    for name in ("alarmActions", "okActions"):
        if topic.urn in alarm.sources.get(name, ()):
            return True
        actions: Any = alarm.read(name)
        if actions is not UNKNOWN and graph.arn(topic) in [*(actions or ())]:
            return True
    return False

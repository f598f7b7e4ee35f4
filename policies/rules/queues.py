"""From a topic through a queue to a function: sending, reading and failing."""

import json
from collections.abc import Iterator
from typing import Any

from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.invocations import invoked_function
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.resource_policies import allows_service, policy_of, service_may_use_key
from policies.stack.roles import grants_of, policies_of, role_of

_READ_ACTIONS = {"sqs:receivemessage", "sqs:deletemessage", "sqs:getqueueattributes"}
"""(AWS Lambda Developer Guide: using Lambda with Amazon SQS, execution role permissions)"""

_MAX_BATCH_WITHOUT_WINDOW = 10
"""(AWS Lambda API Reference: CreateEventSourceMapping, BatchSize)"""

_TIMEOUTS_IN_VISIBILITY = 6
"""(AWS Lambda Developer Guide: visibility at least six times the function's time-out)"""


@stack_policy(
    "stack-subscriptions-may-send",
    risk="A queue refuses a topic's message, and nobody is notified.",
    fix="Let sns.amazonaws.com send to the queue and use its key, for the topic's ARN; create the"
    " subscription after that.",
    source="Amazon SNS Developer Guide: fanout to Amazon SQS, encrypted queues; aws-traps: Keys",
)
def subscriptions_may_send(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Topics may send to their subscribed queues and to the dead-letter queues of subscriptions."""
    for subscription in graph.of(resource_types.SUBSCRIPTION):
        topic = graph.source(subscription, "topic", resource_types.TOPIC)
        for queue in _queues_of(graph, subscription):
            # A topic that another stack exports is given by its ARN.
            arn = str(graph.arn(topic) if topic else subscription.read("topic"))
            policy = policy_of(graph, queue)
            if not any(allows_service(each, "sns", {"sqs:sendmessage"}, arn) for each in policy):
                yield subscription, f"its topic may not send to {queue.name}"
            if not service_may_use_key(graph, queue, "sns", arn):
                yield subscription, f"its topic may not use the key of {queue.name}"
            for each in graph.of(resource_types.QUEUE_POLICY):
                is_of_queue = graph.source(each, "queueUrl", resource_types.QUEUE) is queue
                if is_of_queue and not graph.reaches(subscription, each):
                    yield subscription, f"it may be created before {each.name}"


@stack_policy(
    "stack-mappings-may-read",
    risk="A queue fills up, because its function may not read it.",
    fix="Grant the function's role ReceiveMessage, DeleteMessage and GetQueueAttributes on it.",
    source="AWS Lambda Developer Guide: using Lambda with Amazon SQS",
)
def mappings_may_read(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """The function of an event source mapping may read its queue."""
    for mapping in graph.of(resource_types.EVENT_SOURCE_MAPPING):
        queue = graph.source(mapping, "eventSourceArn", resource_types.QUEUE)
        function = invoked_function(graph, mapping, "functionName")
        role = role_of(graph, function) if function else None
        if queue is None or role is None:
            yield mapping, "it does not map a queue of this stack to a function of this stack"
            continue
        granted = {
            action.lower()
            for statement in grants_of(graph, role)
            if graph.arn(queue) in statement.resources
            for action in statement.actions
        }
        for action in sorted(_READ_ACTIONS - granted):
            policy = next(iter(policies_of(graph, role)), role)
            yield policy, f"{action} on {queue.name} is missing"


@stack_policy(
    "resilience-mapped-queue",
    risk="A failing message blocks all others, or is processed twice at the same time.",
    fix="Give the queue a redrivePolicy to another queue and a visibility time-out of six times the"
    " function's; report batch item failures; a batch over 10 needs a window.",
    source="AWS Lambda Developer Guide: using Lambda with Amazon SQS, partial batch responses",
)
def mapped_queue(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A mapped queue moves messages that keep failing to another queue."""
    for mapping in graph.of(resource_types.EVENT_SOURCE_MAPPING):
        queue = graph.source(mapping, "eventSourceArn", resource_types.QUEUE)
        function = invoked_function(graph, mapping, "functionName")
        if queue is None or function is None:
            continue
        redrive: Any = json.loads(queue.props.get("redrivePolicy") or "{}")
        target = graph.arns.get(redrive.get("deadLetterTargetArn"))
        if target is None or target is queue or target.type != resource_types.QUEUE:
            yield queue, "it has no other queue of this stack as dead-letter queue"
        visible = queue.props.get("visibilityTimeoutSeconds") or 30
        least = _TIMEOUTS_IN_VISIBILITY * function.props.get("timeout", 3)
        if visible < least:
            yield queue, f"its visibility time-out is {visible:.0f} s, {least:.0f} s are needed"
        if "ReportBatchItemFailures" not in (mapping.props.get("functionResponseTypes") or ()):
            yield (
                mapping,
                "functionResponseTypes lacks ReportBatchItemFailures: one fault returns the batch",
            )
        window = mapping.props.get("maximumBatchingWindowInSeconds")
        batch = mapping.props.get("batchSize") or _MAX_BATCH_WITHOUT_WINDOW
        if batch > _MAX_BATCH_WITHOUT_WINDOW and not window:
            yield mapping, f"a batch over {_MAX_BATCH_WITHOUT_WINDOW} needs a window"


def _queues_of(graph: ResourceGraph, subscription: Resource) -> Iterator[Resource]:
    """The subscribed queue, and the subscription's dead-letter queue."""
    endpoint = graph.source(subscription, "endpoint", resource_types.QUEUE)
    named = graph.arns.get(str(subscription.read("endpoint")))
    subscribed = endpoint or (named if named and named.type == resource_types.QUEUE else None)
    if subscribed:
        yield subscribed
    redrive = subscription.read("redrivePolicy")
    if isinstance(redrive, str):
        target = graph.arns.get(json.loads(redrive).get("deadLetterTargetArn"))
        if target and target.type == resource_types.QUEUE:
            yield target

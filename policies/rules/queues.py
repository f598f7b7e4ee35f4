"""From a topic over a queue to a function: who may send, who may read, and what is never lost."""

import json
from collections.abc import Iterator
from typing import Any

from policies import resource_types
from policies.policy import stack_policy
from policies.resource_graph import UNKNOWN, Graph, Resource
from policies.rules.encryption import allows_service, policy_of, services_may_use
from policies.rules.iam import grants_of, policies_of, role_of
from policies.rules.resilience import behind

_READING = {"sqs:receivemessage", "sqs:deletemessage", "sqs:getqueueattributes"}
"""(AWS Lambda Developer Guide: using Lambda with Amazon SQS, execution role permissions)"""

_SMALL_BATCH = 10
"""(AWS Lambda API Reference: CreateEventSourceMapping, BatchSize over 10 needs a window)"""

_ATTEMPTS_A_VISIBILITY = 6
"""(AWS Lambda Developer Guide: visibility at least six times the function's time-out)"""


@stack_policy(
    "stack-subscriptions-may-send",
    protects="A notification that a queue refuses, which nobody ever hears of.",
    fix="Let sns.amazonaws.com send to the queue and use its key, for the topic's ARN; subscribe"
    " after that.",
    source="Amazon SNS Developer Guide: fanout to Amazon SQS, encrypted queues; aws-traps: Keys",
)
def subscriptions_may_send(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Topics may send to the queues that are subscribed, and to those for what was refused."""
    for subscription in graph.of(resource_types.SUBSCRIPTION):
        topic = graph.source(subscription, "topic", resource_types.TOPIC)
        for queue in _queues_of(graph, subscription):
            # of a topic that another stack exports, its name is all that there is
            arn = str(graph.arn(topic) if topic else subscription.read("topic"))
            policy = policy_of(graph, queue)
            if not any(allows_service(each, "sns", {"sqs:sendmessage"}, arn) for each in policy):
                yield subscription, f"its topic may not send to {queue.name}"
            if not services_may_use(graph, queue, "sns", arn):
                yield subscription, f"its topic may not use the key of {queue.name}"
            for each in graph.of(resource_types.QUEUE_POLICY):
                is_of = graph.source(each, "queueUrl", resource_types.QUEUE) is queue
                if is_of and not graph.reaches(subscription, each):
                    yield subscription, f"may be made before {each.name}"


@stack_policy(
    "stack-mappings-may-read",
    protects="A queue that fills up, for its function may not read it.",
    fix="Grant the function's role ReceiveMessage, DeleteMessage and GetQueueAttributes on it.",
    source="AWS Lambda Developer Guide: using Lambda with Amazon SQS",
)
def mappings_may_read(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """The function behind a mapping may read its queue."""
    for mapping in graph.of(resource_types.EVENT_SOURCE_MAPPING):
        queue = graph.source(mapping, "eventSourceArn", resource_types.QUEUE)
        function = behind(graph, mapping, "functionName")
        role = role_of(graph, function) if function else None
        if queue is None or role is None:
            yield mapping, "does not lead from a queue of this stack to a function of it"
            continue
        granted = {
            action.lower()
            for statement in grants_of(graph, role)
            if graph.arn(queue) in statement.resources
            for action in statement.actions
        }
        for action in sorted(_READING - granted):
            yield next(iter(policies_of(graph, role)), role), f"needs {action} on {queue.name}"


@stack_policy(
    "resilience-mapped-queue",
    protects="A message that blocks all others for ever, or is worked on twice at once.",
    fix="Give the queue a redrivePolicy to another queue and a visibility time-out of six times the"
    " function's; report batch item failures; a batch over 10 needs a window.",
    source="AWS Lambda Developer Guide: using Lambda with Amazon SQS, partial batch responses",
)
def mapped_queue(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """A queue before a function lets go of what fails, and keeps it elsewhere."""
    for mapping in graph.of(resource_types.EVENT_SOURCE_MAPPING):
        queue = graph.source(mapping, "eventSourceArn", resource_types.QUEUE)
        function = behind(graph, mapping, "functionName")
        if queue is None or function is None:
            continue
        redrive: Any = json.loads(queue.props.get("redrivePolicy") or "{}")
        letters = graph.arns.get(redrive.get("deadLetterTargetArn"))
        if letters is None or letters is queue or letters.type != resource_types.QUEUE:
            yield queue, "no other queue of this stack for what fails again and again"
        visible = queue.props.get("visibilityTimeoutSeconds") or 30
        least = _ATTEMPTS_A_VISIBILITY * function.props.get("timeout", 3)
        if visible < least:
            yield queue, f"seen again after {visible:.0f} s: at least {least:.0f}"
        if "ReportBatchItemFailures" not in (mapping.props.get("functionResponseTypes") or ()):
            yield mapping, "one failed message brings its whole batch back"
        window = mapping.props.get("maximumBatchingWindowInSeconds")
        if (mapping.props.get("batchSize") or _SMALL_BATCH) > _SMALL_BATCH and not window:
            yield mapping, "AWS refuses a batch over 10 without a window"


def _queues_of(graph: Graph, subscription: Resource) -> Iterator[Resource]:
    """The queue that is subscribed, and the one for what cannot be delivered."""
    endpoint = graph.source(subscription, "endpoint", resource_types.QUEUE)
    named = graph.arns.get(str(subscription.read("endpoint")))
    subscribed = endpoint or (named if named and named.type == resource_types.QUEUE else None)
    if subscribed:
        yield subscribed
    redrive = subscription.read("redrivePolicy")
    if isinstance(redrive, str) and redrive is not UNKNOWN:
        letters = graph.arns.get(json.loads(redrive).get("deadLetterTargetArn"))
        if letters and letters.type == resource_types.QUEUE:
            yield letters

"""No message is lost on its way from a topic to people."""

import json
from collections.abc import Iterator
from typing import Any

from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph, strings

_DEFAULT_SECONDS = 345_600
"""(Amazon SQS API Reference: MessageRetentionPeriod)"""
_DAY = 86_400
_LEAST_WAITING_SECONDS = 4 * _DAY
"""Messages outlast an outage over a long weekend; also SQS's default."""
_LEAST_SECONDS = 5 * _DAY
"""Failed messages outlast a long weekend and a working day; SQS's default does not."""
_LEAST_RECEIVES, _LEAST_RECEIVES_MAPPED, _MOST_RECEIVES = 5, 10, 100
"""(AWS Lambda Developer Guide: maxReceiveCount at least 5.) A function that is throttled, or that
its own receiver limits, gives messages back, and each time counts. After hundreds of times nobody
waits for the message any more."""
_STATUSES = frozenset({"ABORTED", "FAILED", "PARTIALLY_SUCCEEDED", "SUCCEEDED", "TIMED_OUT"})


@stack_policy(
    "wiring-mapping-on",
    risk="Messages wait until SQS deletes them, or Lambda drops them unread.",
    fix="Leave the mapping enabled, without filter_criteria; the function can filter, and log it.",
    source="AWS Lambda Developer Guide: event filtering deletes what does not match",
)
def mapping_on(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Mappings are enabled and unfiltered, and each queue has one reader."""
    readers: dict[str, Resource] = {}
    for mapping in graph.of(resource_types.EVENT_SOURCE_MAPPING):
        queue = graph.source(mapping, "eventSourceArn", resource_types.QUEUE)
        first = readers.setdefault(queue.urn, mapping) if queue else mapping
        if first is not mapping:
            yield mapping, f"it takes messages away from {first.name}, which reads the same queue"
        if mapping.read("enabled") is False:
            yield mapping, "it is disabled, so nobody reads the queue"
        if mapping.given("filterCriteria"):
            yield mapping, "its filter deletes messages that the function has not seen"


@stack_policy(
    "wiring-subscription-unfiltered",
    risk="An alarm or a failed execution reaches nobody, and nothing shows it.",
    fix="Remove the filter; on notifications filter only the status in the message's body, and let"
    ' pass what has none ({"exists": false}).',
    source="Amazon SNS Developer Guide: message filtering; CloudWatch: alarms have no attributes",
)
def subscription_unfiltered(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Subscriptions of this stack's topics let alarms and failures pass."""
    for subscription in graph.of(resource_types.SUBSCRIPTION):
        topic = graph.source(subscription, "topic", resource_types.TOPIC) or graph.arns.get(
            str(subscription.read("topic"))
        )
        filtered = subscription.given("filterPolicy")
        if topic is None or not filtered:
            continue
        if not _lets_failures_pass(subscription, filtered):
            yield subscription, f"filterPolicy {filtered} drops alarms or failures"


def _lets_failures_pass(subscription: Resource, filtered: Any) -> bool:
    parsed: Any = json.loads(filtered) if isinstance(filtered, str) else {}
    values: Any = parsed.get("status") or ()
    statuses = {each for each in values if isinstance(each, str)}
    return (
        subscription.read("filterPolicyScope") == "MessageBody"
        and set(parsed) == {"status"}
        and {"exists": False} in values
        and "FAILED" in statuses <= _STATUSES
    )


@stack_policy(
    "wiring-dead-letters-kept",
    risk="What failed is deleted before anybody reads it.",
    fix=f"Set message_retention_seconds of dead letters to {_LEAST_SECONDS // _DAY} days or more,"
    f" of other queues to {_LEAST_WAITING_SECONDS // _DAY}, and not above its dead letters';"
    f" maxReceiveCount to {_LEAST_RECEIVES} ({_LEAST_RECEIVES_MAPPED} where a function reads) to"
    f" {_MOST_RECEIVES}; let the queue in by redrive_allow_policy.",
    source="Amazon SQS Developer Guide: dead-letter queues, retention",
)
def dead_letters_kept(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Dead letters are kept for days, longer than the messages that they were."""
    mappings = graph.of(resource_types.EVENT_SOURCE_MAPPING)
    queues = (graph.source(each, "eventSourceArn", resource_types.QUEUE) for each in mappings)
    mapped = {queue.urn for queue in queues if queue}
    for queue in graph.of(resource_types.QUEUE):
        redrive: Any = _document(queue, "redrivePolicy")
        kept = _kept(queue)
        if kept < _LEAST_WAITING_SECONDS:
            yield queue, f"it keeps messages {kept:.0f} s, {_LEAST_WAITING_SECONDS} are needed"
        target = graph.arns.get(redrive.get("deadLetterTargetArn", ""))
        if target and _kept(target) < kept:
            # SQS counts from when the message was first sent.
            yield target, f"it keeps messages {_kept(target):.0f} s, {queue.name} {kept:.0f} s"
        least = _LEAST_RECEIVES_MAPPED if queue.urn in mapped else _LEAST_RECEIVES
        if redrive and not least <= int(redrive.get("maxReceiveCount", 0)) <= _MOST_RECEIVES:
            count = redrive.get("maxReceiveCount")
            yield queue, f"maxReceiveCount is {count}, it has to be {least} to {_MOST_RECEIVES}"
    for queue, source in _dead_letter_queues(graph):
        if _kept(queue) < _LEAST_SECONDS:
            yield queue, f"it keeps dead letters {_kept(queue):.0f} s, {_LEAST_SECONDS} are needed"
        allowed: Any = _document(queue, "redriveAllowPolicy")
        lets_in = allowed.get("redrivePermission", "allowAll") == "allowAll" or (
            graph.arn(source) in allowed.get("sourceQueueArns", ())
        )
        if not lets_in and source.type == resource_types.QUEUE:
            yield queue, f"its redriveAllowPolicy refuses {source.name}"


def _document(queue: Resource, name: str) -> Any:
    text = queue.given(name)
    return json.loads(text) if isinstance(text, str) else {}


def _kept(queue: Resource) -> float:
    return float(queue.given("messageRetentionSeconds") or _DEFAULT_SECONDS)


def _dead_letter_queues(graph: ResourceGraph) -> Iterator[tuple[Resource, Resource]]:
    """(dead-letter queue, the resource that sends to it)."""
    inputs = ("redrivePolicy", "deadLetterConfig", "destinationConfig")
    for resource in graph.resources:
        for name in inputs:
            redrive = resource.read(name)
            if isinstance(redrive, str):
                named = graph.arns.get(json.loads(redrive).get("deadLetterTargetArn", ""))
            else:
                named = next(
                    (graph.arns[text] for _, text in strings(redrive) if text in graph.arns), None
                )
            queue = named or graph.source(resource, name, resource_types.QUEUE)
            if queue is not None and queue.type == resource_types.QUEUE:
                yield queue, resource

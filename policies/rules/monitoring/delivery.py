"""Subscriptions: what a topic sends reaches the people and the function that wait for it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import pulumi.runtime

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.monitoring.alarms import prefix
from policies.rules.monitoring.messages import ALERTS, NOTIFICATIONS
from policies.stack import resource_types
from policies.stack.invocations import invoked_function
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph
from policies.stack.resource_policies import policy_of

_NOTIFIER = "slack-notifier"
_ALARMS = ("Service", "cloudwatch.amazonaws.com")
_SOURCE_OPERATORS = ("ArnLike", "ArnEquals", "StringLike", "StringEquals")
_ENDINGS = ("PARTIALLY_SUCCEEDED", "FAILED", "TIMED_OUT")
"""What people are told of, unless the setting slack.endings says otherwise (design: Settings)."""


@stack_policy(
    "monitoring-people-are-told",
    risk="Alarms or failed executions reach nobody in Slack, or nobody by e-mail.",
    fix="Subscribe the queue of slack-notifier to both topics and each address of alertEmails to"
    " the alerts; let pass the endings of the setting slack.endings.",
    source="guide: SNS 通知設定 2 and 3; design: Settings, slack, alertEmails",
)
def people_are_told(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Both topics lead to Slack, the alerts also to all addresses, and no ending is lost."""
    for base in (ALERTS, NOTIFICATIONS):
        topic = next((each for each in graph.of(resource_types.TOPIC) if _is(each, base)), None)
        if topic is None:
            continue
        subscriptions = [
            each for each in graph.of(resource_types.SUBSCRIPTION) if _topic(graph, each) is topic
        ]
        to_slack = [each for each in subscriptions if _leads_to_slack(graph, each)]
        if not to_slack:
            yield topic, f"no subscription leads to the queue of {_NOTIFIER}"
        for each in to_slack:
            if each.read("rawMessageDelivery") is True:
                yield each, f"rawMessageDelivery is on: {_NOTIFIER} reads SNS's own form"
            lost = set(_endings()) - _passed(each) if base == NOTIFICATIONS else set[str]()
            if lost:
                yield each, f"its filter drops {', '.join(sorted(lost))}, which people are told of"
        told = {each.read("endpoint") for each in subscriptions if each.read("protocol") == "email"}
        for address in _addresses() if base == ALERTS else ():
            if address not in told:
                yield topic, "an address of alertEmails is not subscribed to it"


@stack_policy(
    "monitoring-subscription-fits",
    risk="SNS refuses the subscription, or sends what its end cannot read.",
    fix="Use sqs for a queue, lambda for a function, email for an address, https for a URL.",
    source="Amazon SNS API Reference: Subscribe, Protocol and Endpoint",
)
def subscription_fits(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """The protocol is that of the end: a queue, a function, an address or a URL."""
    for each in graph.of(resource_types.SUBSCRIPTION):
        protocol, fitting = each.read("protocol"), _fitting(graph, each)
        if fitting is not None and protocol not in fitting:
            yield each, f"its protocol is {protocol}, its endpoint needs {' or '.join(fitting)}"


@stack_policy(
    "monitoring-topic-of-own-alarms",
    risk="Alarms of other products call the people of this one, who learn to look away.",
    fix="Limit cloudwatch.amazonaws.com by aws:SourceArn to the alarms of this stack: ArnLike"
    " arn:aws:cloudwatch:REGION:ACCOUNT:alarm:PREFIX-*.",
    source="Amazon CloudWatch User Guide: alarms and SNS, confused deputy; guide: SNS 通知設定",
)
def topic_of_own_alarms(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A topic takes messages of named alarms of this account, and not of all."""
    for topic in graph.of(resource_types.TOPIC):
        start = f"arn:aws:cloudwatch:{graph.region}:{graph.account}:alarm:"
        for statement in policy_of(graph, topic):
            if not statement.allows or _ALARMS not in statement.principals:
                continue
            sources = statement.condition("aws:SourceArn", *_SOURCE_OPERATORS)
            if not sources:
                yield topic, f"its policy lets every alarm in: {_ALARMS[1]} has no aws:SourceArn"
            for each in sources:
                if not each.startswith(start) or not each.removeprefix(start).strip("*?"):
                    yield topic, f"its policy lets in alarms like {each}"


def _fitting(graph: ResourceGraph, subscription: Resource) -> tuple[str, ...] | None:
    """The protocols of a subscription's end; None if it is not known."""
    endpoint = subscription.read("endpoint")
    if endpoint is UNKNOWN:
        if graph.source(subscription, "endpoint", resource_types.QUEUE):
            return ("sqs",)
        functions = (resource_types.FUNCTION, resource_types.FUNCTION_ALIAS)
        return ("lambda",) if graph.source(subscription, "endpoint", *functions) else None
    text = str(endpoint)
    forms: Mapping[str, tuple[str, ...]] = {
        "arn:aws:sqs:": ("sqs",),
        "arn:aws:lambda:": ("lambda",),
        "arn:aws:firehose:": ("firehose",),
        "https://": ("https",),
    }
    for start, protocols in forms.items():
        if text.startswith(start):
            return protocols
    return ("email", "email-json") if "@" in text else None


def _is(topic: Resource, base: str) -> bool:
    return topic.project == WORKFLOW and topic.read("name") == f"{base}-{topic.stack}"


def _topic(graph: ResourceGraph, subscription: Resource) -> Resource | None:
    given = subscription.read("topic")
    if isinstance(given, str):
        return graph.arns.get(given)
    return graph.source(subscription, "topic", resource_types.TOPIC)


def _leads_to_slack(graph: ResourceGraph, subscription: Resource) -> bool:
    endpoint = subscription.read("endpoint")
    queue = (
        graph.arns.get(endpoint)
        if isinstance(endpoint, str)
        else graph.source(subscription, "endpoint", resource_types.QUEUE)
    )
    if queue is None or subscription.read("protocol") != "sqs":
        return False
    for mapping in graph.of(resource_types.EVENT_SOURCE_MAPPING):
        read = mapping.read("eventSourceArn")
        source = (
            graph.arns.get(read)
            if isinstance(read, str)
            else graph.source(mapping, "eventSourceArn", resource_types.QUEUE)
        )
        function = invoked_function(graph, mapping, "functionName")
        if source is queue and function is not None:
            return function.read("name") == f"{prefix(function)}{_NOTIFIER}"
    return False


def _passed(subscription: Resource) -> set[str]:
    """The endings that a subscription lets pass."""
    given = subscription.read("filterPolicy")
    if not isinstance(given, str):
        return set(_endings())
    parsed: Any = json.loads(given)
    return {each for each in parsed.get("status") or () if isinstance(each, str)}


def _endings() -> list[str]:
    endings: Any = _setting("slack", dict[str, Any]()).get("endings")
    return [*endings] if endings else [*_ENDINGS]


def _addresses() -> list[Any]:
    return _setting("alertEmails", list[Any]())


_T = TypeVar("_T")


def _setting(name: str, otherwise: _T) -> _T:
    """A setting of the stack's configuration, if it is JSON text of the same type."""
    config: dict[str, str] = dict(pulumi.runtime.get_config_env())
    try:
        found: Any = json.loads(config.get(f"{WORKFLOW}:{name}", ""))
    except ValueError:
        return otherwise
    return found if isinstance(found, type(otherwise)) else otherwise

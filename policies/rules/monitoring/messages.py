"""Composite alarms: each outage, and nothing else, calls people; the rest waits for them."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.monitoring.alarm_model import Route
from policies.rules.monitoring.alarms import Named, expected_alarms, prefix
from policies.stack import resource_types
from policies.stack.alarm_rules import Rule, RuleError, parse_rule
from policies.stack.metrics import element
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph

ALERTS, NOTIFICATIONS = "workflow-alerts", "workflow-notifications"
"""The topic that calls a person, and the one for what waits for office hours."""

_SWEPT = "workflow-reconcile-swept"
_SILENT = "workflow-reconcile-silent"
_FIRES = "ALARM"


@dataclass(frozen=True)
class Message:
    """What one composite alarm is for.

    topic, ok_topic: which gets its messages. outage: whether it fires during an outage only (True),
    never during one (False), or regardless (None).
    """

    topic: str
    ok_topic: str | None = None
    outage: bool | None = None


MESSAGES: Mapping[Route, Message] = {
    Route.OUTAGE: Message(ALERTS, ok_topic=ALERTS),
    Route.ESCALATION: Message(ALERTS, outage=True),
    Route.UNDELIVERED: Message(ALERTS),
    Route.NOTICES: Message(NOTIFICATIONS, outage=False),
    Route.CHORES: Message(NOTIFICATIONS, outage=False),
}


@stack_policy(
    "monitoring-messages",
    risk="An outage calls nobody, or a notice calls somebody at night.",
    fix="Declare the composite as components/monitoring/composites.py does: ALARM(...) of each"
    " alarm of its route, and the route's topic.",
    source="guide: SNS 通知設定; docs/decisions/0015; monitoring/README: Escalation",
)
def messages(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Each composite fires for the alarms of its route alone, and tells the route's topic."""
    named = list(expected_alarms(graph))
    composites = {
        str(each.read("alarmName")).removeprefix(prefix(each)): each
        for each in graph.of(resource_types.COMPOSITE_ALARM)
        if each.project == WORKFLOW
    }
    for each in named:
        if each.expected.route is Route.SELF:
            yield from _wrong_topics(graph, each.alarm, Message(ALERTS))
    for route, message in MESSAGES.items() if named else ():
        composite = composites.get(route)
        if composite is None:
            yield named[0].alarm, f"there is no composite alarm {prefix(named[0].alarm)}{route}"
            continue
        yield from _wrong_topics(graph, composite, message)
        with suppress(RuleError):  # alarm-composite reports it
            rule = parse_rule(str(composite.read("alarmRule")))
            for wrong in _wrong_rule(rule, route, message, named, prefix(composite)):
                yield composite, wrong


def _wrong_topics(
    graph: ResourceGraph, alarm: Resource, message: Message
) -> Iterator[tuple[Resource, str]]:
    for input_, topic in (("alarmActions", message.topic), ("okActions", message.ok_topic)):
        if topic is None:
            continue
        told = set(_topics(graph, alarm, input_))
        if f"{topic}-{alarm.stack}" not in told:
            shown = ", ".join(sorted(told)) or "nobody"
            yield alarm, f"{input_}: it tells {shown}, and not {topic}-{alarm.stack}"
        if topic != ALERTS and f"{ALERTS}-{alarm.stack}" in told:
            yield alarm, f"{input_}: it tells {ALERTS}-{alarm.stack}, which calls people at night"


def _topics(graph: ResourceGraph, alarm: Resource, input_: str) -> Iterator[str]:
    """Names of the topics that an input lists."""
    given = alarm.read(input_)
    listed = [UNKNOWN] if given is UNKNOWN else [element(given, i) for i in range(len(given or ()))]
    for value in listed:
        if value is UNKNOWN:
            topic = graph.source(alarm, input_, resource_types.TOPIC)
        else:
            topic = graph.arns.get(str(value))
        if topic is not None:
            yield str(topic.read("name"))


def _wrong_rule(
    rule: Rule, route: Route, message: Message, named: list[Named], start: str
) -> Iterator[str]:
    outage = f"{start}{Route.OUTAGE}"
    context = {outage: _FIRES} if message.outage else dict[str, str]()
    if message.outage is not None:
        against = {} if message.outage else {outage: _FIRES}
        every = {str(n.alarm.read("name")): _FIRES for n in named if n.expected.route is route}
        if rule.holds({**every, **against}):
            yield f"its rule is true {'without' if message.outage else 'during'} an outage"
    for each in named:
        name = str(each.alarm.read("name"))
        if each.expected.route is Route.CONDITION:
            continue
        is_its = each.expected.route is route
        if rule.holds({**context, name: _FIRES}) != is_its:
            does = "ignores" if is_its else "fires for"
            yield f"its rule {does} {name}, which is of {each.expected.route}"
        elif each.expected.key == _SILENT:
            yield from (
                f"its rule counts {name} while {start}{_SWEPT} is {state}"
                for state in (_FIRES, "INSUFFICIENT_DATA")
                if rule.holds({name: _FIRES, f"{start}{_SWEPT}": state})
            )

"""Composite alarms: what fires reaches a person, and no more than that."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.conventions import PROTECTED_STACKS
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.alarm_rules import Rule, RuleError, parse_rule
from policies.stack.metrics import element, metrics_of
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph

_ACTIONS = ("alarmActions", "okActions", "insufficientDataActions")
_ACTORS = (resource_types.TOPIC, resource_types.FUNCTION, resource_types.FUNCTION_ALIAS)
_FIRES = "ALARM"


@stack_policy(
    "alarm-actions-exist",
    risk="CloudWatch accepts an action on a topic that is not there, and drops every message.",
    fix="Name a topic that the stack declares, with somebody who subscribed to it.",
    source="guide: SNS 通知設定; CloudWatch API Reference: PutMetricAlarm, AlarmActions",
)
def actions_exist(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every action is a declared topic that has a subscriber, or a declared function."""
    for alarm in graph.of(resource_types.ALARM, resource_types.COMPOSITE_ALARM):
        for name in _ACTIONS:
            actor: Resource | None
            for value in _values(alarm.read(name)):
                if value is UNKNOWN:
                    actor = graph.source(alarm, name, *_ACTORS)
                else:
                    actor = graph.arns.get(str(value))
                if actor is None or actor.type not in _ACTORS:
                    yield alarm, f"{name}: {value} is no topic or function of this stack"
                elif not _is_heard(graph, actor):
                    yield alarm, f"{name}: nobody has subscribed to {actor.name}"


@stack_policy(
    "alarm-composite",
    risk="A rule that CloudWatch refuses, or that is true while all is well, hides the outage.",
    fix="Write ALARM(...) of declared alarms, joined by OR; declare the composite after them.",
    source="CloudWatch API Reference: PutCompositeAlarm, AlarmRule; aws-traps: Alarms",
)
def composite(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Rules parse, name declared alarms that exist before, and are false while all are OK."""
    declared = _declared(graph)
    for each in graph.of(resource_types.COMPOSITE_ALARM):
        try:
            rule = parse_rule(each.props["alarmRule"])
        except RuleError as error:
            yield each, str(error)
            continue
        for name in sorted(rule.alarms):
            child = declared.get(name)
            if child is None:
                yield each, f"its rule names {name}, which is not a declared alarm"
            elif child is each:
                yield each, "its rule names itself"
            elif not graph.reaches(each, child):
                yield each, f"it may be created before {name}: depend on it"
        if not rule.alarms:
            yield each, "its rule names no alarm"
        elif rule.holds({}):
            yield each, "its rule is true while every alarm is OK: use ALARM(...)"
        elif not any(rule.holds(states) for states in _some_states(rule)):
            yield each, "its rule is never true"


@stack_policy(
    "observability-alarm-actions",
    risk="An alarm notifies nobody.",
    fix="Give it alarm_actions, or name it with ALARM(...) and OR in the rule of a composite alarm"
    " that has some.",
    source="guide: CloudWatch アラーム; Security Hub CloudWatch.15; aws-traps: Alarms",
)
def alarm_actions(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Each alarm acts, or makes a composite fire that acts, whatever the others do."""
    rules = dict(_rules(graph))
    alarms = list(graph.of(resource_types.ALARM))
    by_metrics: dict[frozenset[str], set[str]] = {}
    for alarm in alarms:
        by_metrics.setdefault(_metrics(alarm), set()).add(alarm.props["name"])
    for alarm in alarms:
        name = alarm.props["name"]
        if _acts(alarm):
            continue
        # A second alarm on the same metrics over a longer time fires with the first.
        together = by_metrics[_metrics(alarm)]
        if not any(_reaches_someone(graph, rules, {name, *with_}) for with_ in ((), together)):
            yield alarm, "it has no action, and makes no composite alarm fire that has one"
    for each in graph.of(resource_types.COMPOSITE_ALARM):
        if not _acts(each) and not any(
            each.props["alarmName"] in rule.alarms for rule in rules.values()
        ):
            yield each, "it has no action, and no composite alarm names it"


def _reaches_someone(graph: ResourceGraph, rules: Mapping[str, Rule], firing: set[str]) -> bool:
    """Whether a composite with an action fires, if these metric alarms do, and no others."""
    states = dict.fromkeys(firing, _FIRES)
    for _ in rules:  # a composite may wait for another one
        states |= {name: _FIRES if rule.holds(states) else "OK" for name, rule in rules.items()}
    composites = graph.of(resource_types.COMPOSITE_ALARM)
    return any(_acts(each) and states.get(each.props["alarmName"]) == _FIRES for each in composites)


def _some_states(rule: Rule) -> Iterator[Mapping[str, str]]:
    """States in which a rule over ALARM(...), AND, OR and NOT of a few should be true."""
    every = dict.fromkeys(rule.alarms, _FIRES)
    yield every
    for name in rule.alarms:
        yield {name: _FIRES}
        yield {**every, name: "OK"}
    yield dict.fromkeys(rule.alarms, "INSUFFICIENT_DATA")


def _rules(graph: ResourceGraph) -> Iterator[tuple[str, Rule]]:
    for each in graph.of(resource_types.COMPOSITE_ALARM):
        try:
            yield each.props["alarmName"], parse_rule(each.props["alarmRule"])
        except RuleError:
            continue


def _declared(graph: ResourceGraph) -> dict[str, Resource]:
    composites = graph.of(resource_types.COMPOSITE_ALARM)
    return {each.props["name"]: each for each in graph.of(resource_types.ALARM)} | {
        each.props["alarmName"]: each for each in composites
    }


def _metrics(alarm: Resource) -> frozenset[str]:
    return frozenset(
        f"{each} {sorted(map(str, each.dimensions.items()))}" for each in metrics_of(alarm)
    )


def _acts(alarm: Resource) -> bool:
    return alarm.read("actionsEnabled") is not False and bool(_values(alarm.read("alarmActions")))


def _values(values: Any) -> list[Any]:
    """The elements of a list, UNKNOWN where they are not known yet."""
    if values is UNKNOWN:
        return [UNKNOWN]
    return [element(values, index) for index in range(len(values or ()))]


def _is_heard(graph: ResourceGraph, topic: Resource) -> bool:
    """Whether a topic has a subscriber; elsewhere than in production people come and go by hand."""
    if topic.type != resource_types.TOPIC or topic.stack not in PROTECTED_STACKS:
        return True
    for each in graph.of(resource_types.SUBSCRIPTION):
        if graph.source(each, "topic", resource_types.TOPIC) is topic:
            return True
        if graph.arns.get(str(each.read("topic"))) is topic:
            return True
    return False

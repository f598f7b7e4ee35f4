"""Dead executions are found: by their events, and by a sweep where an event is lost."""

import json
import re
from collections.abc import Iterator
from typing import Any

from policies.conventions import DEAD_ENDINGS, RECONCILER, SWEEP_MINUTES, WORKFLOW
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.invocations import invoked_function
from policies.stack.resource_graph import Resource, ResourceGraph

_ENDINGS = ", ".join(sorted(DEAD_ENDINGS))
_CHANGED = ("input", "inputPath", "inputTransformer")
"""Inputs of a target that replace the event, which the function reads."""


@stack_policy(
    "wiring-dead-executions-found",
    risk="A dead execution keeps its goal locked: its user can neither start nor cancel.",
    fix=f"Target {RECONCILER}'s alias by an enabled rule rate({SWEEP_MINUTES} minutes), and by one"
    f" for status changes of the state machine to {_ENDINGS}.",
    source="design: Invariants, 2; Step Functions Developer Guide: events are best effort",
)
def dead_executions_found(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A sweep and a rule for endings invoke the function that ends executions."""
    rules = [rule for rule in graph.of(resource_types.EVENT_RULE) if _reconciles(graph, rule)]
    for machine in graph.of(resource_types.MACHINE):
        if machine.project != WORKFLOW:
            continue
        if not any(_is_sweep(rule) for rule in rules):
            yield machine, f"no enabled rule has {RECONCILER} look every {SWEEP_MINUTES} minutes"
        if not any(_is_for_endings(graph, rule, machine) for rule in rules):
            yield (
                machine,
                f"no enabled rule tells {RECONCILER} of {', '.join(sorted(DEAD_ENDINGS))}",
            )


def _reconciles(graph: ResourceGraph, rule: Resource) -> bool:
    if rule.given("state") not in (None, "ENABLED") or rule.given("isEnabled") is False:
        return False
    if rule.given("eventBusName") not in (None, "default"):
        return False
    for target in graph.of(resource_types.EVENT_TARGET):
        if graph.named(resource_types.EVENT_RULE, target.read("rule")) is not rule:
            continue
        function = invoked_function(graph, target, "arn")
        changed = [each for each in _CHANGED if target.given(each) is not None]
        if function and str(function.read("name")).endswith(f"-{RECONCILER}") and not changed:
            return True
    return False


def _is_sweep(rule: Resource) -> bool:
    schedule = str(rule.read("scheduleExpression"))
    found = re.fullmatch(r"rate\((\d+) minutes?\)|cron\([0*]/(\d+) \* \* \* \? \*\)", schedule)
    return found is not None and 1 <= int(found[1] or found[2]) <= SWEEP_MINUTES


def _is_for_endings(graph: ResourceGraph, rule: Resource, machine: Resource) -> bool:
    text = rule.given("eventPattern")
    pattern: Any = json.loads(text) if isinstance(text, str) else {}
    detail: Any = pattern.pop("detail", {})
    machines, statuses = detail.pop("stateMachineArn", ()), detail.pop("status", ())
    own = {"account": [graph.account], "region": [graph.region]}
    rest = {key: value for key, value in pattern.items() if own.get(key) != value}
    return (
        rest
        == {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}
        and not detail
        and graph.arn(machine) in machines
        and {each for each in statuses if isinstance(each, str)} >= DEAD_ENDINGS
    )

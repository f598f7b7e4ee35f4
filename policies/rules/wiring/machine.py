"""The state machine keeps what succeeded, and ends when its functions expect it."""

import re
from collections.abc import Iterator
from typing import Any

from policies.conventions import FINISHER, PHASES, WORKFLOW
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.definitions import State, definition, states, states_of, tasks
from policies.stack.resource_graph import Resource, ResourceGraph

_MAY_FAIL = ("Map", "Parallel", "Task")

_TIMEOUT_VARIABLE = "WORKFLOW_TIMEOUT_SECONDS"

_PASSING = frozenset(
    {
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ServiceException",
        "Lambda.TooManyRequestsException",
    }
)
"""(AWS Step Functions Developer Guide: best practices, transient Lambda service exceptions)"""


@resource_policy(
    "wiring-errors-caught",
    on={resource_types.MACHINE},
    risk="One error ends all parallel states, and what they generated is lost.",
    fix="Give every Task, Map and Parallel a catcher of States.ALL whose Next is a state beside it,"
    " no Fail state inside a Map; retry what Lambda documents as transient.",
    source="design: Invariants, 3; AWS Step Functions Developer Guide: error handling",
)
def errors_caught(resource: Resource) -> Iterator[str]:
    """Every error is caught, and passing ones are retried."""
    whole = definition(resource)
    for scope, is_item in _scopes(whole, is_item=False):
        for name, body in scope.items():
            if is_item and body["Type"] == "Fail":
                yield f"{name} is a Fail state inside a Map: one item would end all others"
            catchers: Any = body.get("Catch") or ()
            caught = {error for each in catchers for error in each["ErrorEquals"]}
            if body["Type"] in _MAY_FAIL and "States.ALL" not in caught:
                yield f"{name} catches {', '.join(sorted(caught)) or 'nothing'}, not States.ALL"
            for each in catchers:
                if (target := each.get("Next")) not in scope:
                    yield f"{name} catches an error and goes to {target}, which is not there"
    for state in tasks(resource):
        retriers: Any = state.body.get("Retry") or ()
        if not any(each.get("MaxAttempts", 3) > 0 for each in retriers):
            yield f"{state.name} has no retrier with MaxAttempts over 0"
        retried = {error for each in retriers for error in each["ErrorEquals"]}
        missing = _PASSING - retried if _is_function(state) else ()
        if missing and "States.ALL" not in retried:
            yield f"{state.name} does not retry {', '.join(sorted(missing))}"


def _scopes(
    processor: dict[str, Any], *, is_item: bool
) -> Iterator[tuple[dict[str, dict[str, Any]], bool]]:
    """(states that can name each other, whether they handle an item of a Map)."""
    yield processor["States"], is_item
    for body in processor["States"].values():
        for inner in (body.get("ItemProcessor"), body.get("Iterator")):
            if inner:
                yield from _scopes(inner, is_item=True)
        for branch in body.get("Branches", ()):
            yield from _scopes(branch, is_item=is_item)


def _is_function(state: State) -> bool:
    return ":lambda:" in state.target


@stack_policy(
    "wiring-machine-as-told",
    risk="An execution ends before its functions expect it, or is charged by duration and forgotten"
    " after five minutes.",
    fix=f"Make it STANDARD; give the definition the TimeoutSeconds of {_TIMEOUT_VARIABLE}.",
    source="design: State machine; Invariants, 2 and 3",
)
def machine_as_told(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Machines are STANDARD, and their time-out is the one that functions are told."""
    told = {
        function: function.read("environment", "variables", _TIMEOUT_VARIABLE)
        for function in graph.of(resource_types.FUNCTION)
    }
    for machine in graph.of(resource_types.MACHINE):
        if machine.given("type") not in (None, "STANDARD"):
            yield machine, f"it is of type {machine.read('type')}, STANDARD is needed"
        for state in states(machine):
            config: Any = state.body.get("ItemProcessor", {}).get("ProcessorConfig", {})
            if config.get("ExecutionType") == "EXPRESS":
                yield machine, f"{state.name} runs its items as EXPRESS executions"
        limit = definition(machine).get("TimeoutSeconds")
        for function, seconds in told.items():
            if seconds is not None and str(seconds) != str(limit):
                yield (
                    function,
                    f"{_TIMEOUT_VARIABLE} is {seconds}, but {machine.name} ends after {limit} s",
                )


@resource_policy(
    "wiring-executions-finish",
    on={resource_types.MACHINE},
    risk="An execution ends without its ending: record, goal and lock stay open until the sweep.",
    fix=f"Lead every path, also those of errors, through the Task that calls {FINISHER}; every Next"
    f" names a state beside it. Without an error it calls {', '.join(PHASES)}.",
    source="design: State machine; Invariants, 2 and 3",
)
def executions_finish(resource: Resource) -> Iterator[str]:
    """No path leads from the start to an end without the function that finishes executions."""
    if resource.project != WORKFLOW:
        return
    whole = definition(resource)
    bodies: dict[str, dict[str, Any]] = whole["States"]
    pending, seen = [whole.get("StartAt")], set[Any]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in bodies:
            yield f"a path leads to {name}, which is not there"
            continue
        target = State(name, bodies[name]).target
        if re.search(rf"-{FINISHER}(:[\w-]+)?$", target):
            continue
        following = list(_following(bodies[name]))
        if not following:
            yield f"an execution may end in {name} without {FINISHER}"
        pending += following
    called = [_functions(bodies[name]) for name in _main_path(whole)]
    order = [phase for functions in called for phase in PHASES if phase in functions]
    if order != [*PHASES]:
        yield f"its way without an error calls {', '.join(order)}, not {', '.join(PHASES)}"


def _main_path(whole: dict[str, Any]) -> Iterator[str]:
    """The names of the states that follow each other without an error, a Choice by its default."""
    name: Any = whole.get("StartAt")
    seen = set[Any]()
    while name in whole["States"] and name not in seen:
        seen.add(name)
        yield name
        body = whole["States"][name]
        name = body.get("Next") or body.get("Default")


def _functions(body: dict[str, Any]) -> set[str]:
    """The ends of the names of the functions that a state calls, at any depth."""
    inner = states_of({"States": {"": body}})
    targets = [each.target for each in inner if each.type == "Task"]
    return {phase for phase in PHASES for each in targets if f"-{phase}:" in f"{each}:"}


def _following(body: dict[str, Any]) -> Iterator[Any]:
    """The names of the states that may come next."""
    for each in (body, *body.get("Catch", ()), *body.get("Choices", ())):
        if "Next" in each:
            yield each["Next"]
    if "Default" in body:
        yield body["Default"]

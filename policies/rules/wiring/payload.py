"""Each state of the workflow's definition gets the fields that it reads."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from policies.conventions import WORKFLOW
from policies.policy import resource_policy
from policies.rules.expected.entries import ANSWERS, NEEDED, OPTIONAL
from policies.stack import resource_types
from policies.stack.definitions import State, definition
from policies.stack.payloads import (
    ANYTHING,
    ERROR,
    NO_OBJECT,
    Fields,
    Scope,
    evaluated,
    read_in_vain,
)
from policies.stack.resource_graph import Resource

_STARTED_WITH = Fields(frozenset({"executionId", "goalId"}), frozenset({"requestId", "actionIds"}))
"""What workflow-start gives an execution; only a retry has actionIds."""
_REQUEST = "requestId"
_PUBLISHED = Fields(frozenset({"MessageId"}), frozenset({"SequenceNumber"}))
"""(Amazon SNS API Reference: Publish)"""
_READING = ("Arguments", "Choices", "Cause", "Error", "ItemSelector", "Items")
"""Fields of a state whose expressions read its input."""


@resource_policy(
    "wiring-payload",
    on={resource_types.MACHINE},
    risk="A function refuses its event, or a failed execution is taken for a good one: every"
    " execution fails, or its goal keeps half of its tasks.",
    fix="Hand on each field that a later state reads or a function needs"
    " (policies/rules/expected/entries.py), the request's id for its log lines, and in each catcher"
    " the error ($states.errorOutput).",
    source="handlers/contract/events.py; AWS Step Functions Developer Guide: transforming data with"
    " JSONata",
)
def payload(resource: Resource) -> Iterator[str]:
    """From the start on, every state has what it reads, and hands on what the next one does."""
    if resource.project == WORKFLOW:
        yield from dict.fromkeys(_level(definition(resource), _STARTED_WITH))


def _level(level: Mapping[str, Any], given: Fields) -> Iterator[str]:
    """The faults of the states that can be reached in a definition, a Map or a branch."""
    pending, seen = [(level.get("StartAt"), given)], set[tuple[Any, Fields]]()
    while pending:
        name, fields = pending.pop()
        if (name, fields) in seen or name not in level["States"]:
            continue  # expected-definition reports a name that is not there
        seen.add((name, fields))
        body: dict[str, Any] = level["States"][name]
        yield from (f"{name} {fault}" for fault in _faults(body, fields))
        yield from _inner(body, fields)
        pending += _following(body, fields)


def _faults(body: Mapping[str, Any], given: Fields) -> Iterator[str]:
    scope: Scope = {"input": given}
    for field in _READING:
        for name in read_in_vain(body.get(field, ""), scope):
            yield f"reads {name} in {field}, which is not handed to it"
    for name in read_in_vain(body.get("Output", ""), {**scope, "result": _result(body)}):
        yield f"reads {name} in Output, which is not there"
    for catcher in body.get("Catch", ()):
        output: Any = catcher.get("Output", "$states.errorOutput")
        for name in read_in_vain(output, {**scope, "errorOutput": ERROR}):
            yield f"reads {name} in a catcher, which is not there"
        if "$states.errorOutput" not in str(output):
            yield f"hands no error on to {catcher.get('Next')}: the failure looks like a success"
    if function := _function(body):
        yield from _wrong_event(function, _event(body, given))


def _wrong_event(function: str, event: Fields) -> Iterator[str]:
    for name in sorted(NEEDED[function]):
        if not event.has(name):
            yield f"calls {function} without {name}, which it needs"
    if not event.may_have(_REQUEST):
        yield f"calls {function} without {_REQUEST}: its log lines cannot be found by the request"
    for name in sorted((event.always | event.maybe) - NEEDED[function] - OPTIONAL[function]):
        yield f"calls {function} with {name}, which it refuses"


def _event(body: Mapping[str, Any], given: Fields) -> Fields:
    """What the function of a Task is called with."""
    if "Arguments" not in body:
        return given
    arguments: Any = body["Arguments"]
    if str(body.get("Resource", "")).startswith("arn:aws:states:::lambda:invoke"):
        holder = cast("dict[str, Any]", arguments) if isinstance(arguments, dict) else {}
        arguments = holder.get("Payload", "")
    return evaluated(arguments, {"input": given})


def _function(body: Mapping[str, Any]) -> str | None:
    """The function of the workflow that a Task calls."""
    target = State("", dict(body)).target if body.get("Type") == "Task" else ""
    return next((each for each in NEEDED if f"-{each}:" in f"{target}:"), None)


def _result(body: Mapping[str, Any]) -> Fields:
    if body.get("Type") == "Map":
        return NO_OBJECT
    if str(body.get("Resource", "")).startswith("arn:aws:states:::sns:publish"):
        return _PUBLISHED
    function = _function(body)
    answers = ANSWERS.get(function or "")
    is_direct = ":lambda:" in str(body.get("Resource", "")).partition(":function:")[0]
    return Fields(answers) if answers and is_direct else ANYTHING


def _following(body: Mapping[str, Any], given: Fields) -> Iterator[tuple[Any, Fields]]:
    """(state that may come next, what it gets)."""
    scope: Scope = {"input": given}
    result = _result(body) if body.get("Type") in ("Map", "Parallel", "Task") else given
    output = evaluated(body["Output"], {**scope, "result": result}) if "Output" in body else result
    for way in (body, *body.get("Choices", ())):
        if "Next" in way:
            yield way["Next"], output
    if "Default" in body:
        yield body["Default"], output
    for catcher in body.get("Catch", ()):
        caught = {**scope, "errorOutput": ERROR}
        handed = evaluated(catcher["Output"], caught) if "Output" in catcher else ERROR
        yield catcher.get("Next"), handed


def _inner(body: Mapping[str, Any], given: Fields) -> Iterator[str]:
    if processor := body.get("ItemProcessor"):
        selected = body.get("ItemSelector")
        item = evaluated(selected, {"input": given}) if selected is not None else NO_OBJECT
        yield from _level(processor, item)
    for branch in body.get("Branches", ()):
        yield from _level(branch, given)

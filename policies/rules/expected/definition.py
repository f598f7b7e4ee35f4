"""Form of state machine definitions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.definitions import definition
from policies.stack.resource_graph import Resource, strings

_ENDS = frozenset({"Succeed", "Fail"})
_TYPES = frozenset({"Task", "Map", "Parallel", "Choice", "Pass", "Wait", *_ENDS})
_RESERVED = frozenset(
    f"States.{name}"
    for name in (
        *("ALL", "DataLimitExceeded", "ExceedToleratedFailureThreshold", "HeartbeatTimeout"),
        *("Http.Socket", "ItemReaderFailed", "Permissions", "QueryEvaluationError"),
        *("ResultWriterFailed", "Runtime", "TaskFailed", "Timeout", "NoChoiceMatched"),
    )
)
"""AWS Step Functions Developer Guide: error names."""
_RETRY_NUMBERS: Mapping[str, tuple[float, float]] = {
    "IntervalSeconds": (1, 60),
    "MaxAttempts": (0, 10),
    "BackoffRate": (1, 5),
    "MaxDelaySeconds": (10, 300),
}
"""Each with the range in which a user still waits; AWS's defaults are within it."""


@resource_policy(
    "expected-definition",
    on={resource_types.MACHINE},
    risk="Step Functions refuses the definition, or an execution takes a way that nobody tested.",
    fix="Mend the state that the message names.",
    source="Amazon States Language specification; AWS Step Functions Developer Guide: JSONata",
)
def definition_form(resource: Resource) -> Iterator[str]:
    """States are linked and reached, expressions whole, and retries bounded."""
    parsed = definition(resource)
    yield from _level(parsed, "the definition")
    if parsed.get("QueryLanguage") != "JSONata":
        yield f"QueryLanguage is {parsed.get('QueryLanguage')}, expressions need JSONata"
    for path, text in strings(parsed):
        if "{%" in text and not re.fullmatch(r"\{%.*%\}", text, re.DOTALL):
            yield f"{path} is text around an expression, which is not evaluated"


def _level(level: Any, where: str) -> Iterator[str]:
    """The faults of states that stand beside each other, and of those inside them."""
    states: dict[str, Any] = level.get("States") or {}
    targets: list[Any] = [
        level.get("StartAt"),
        *(each for body in states.values() for each in _nexts(body)),
    ]
    yield from (
        f"{where} leads to {each}, which is not there" for each in targets if each not in states
    )
    for name in states.keys() - set(targets):
        yield f"{name}: no way leads to it"
    for name, body in states.items():
        yield from (f"{name}: {fault}" for fault in _state(body))
        inner: dict[str, Any] | None = body.get("ItemProcessor")
        if inner:
            config: dict[str, Any] = inner.get("ProcessorConfig") or {}
            if config.get("Mode") not in ("INLINE", "DISTRIBUTED"):
                yield f"{name}: ProcessorConfig.Mode has to be INLINE or DISTRIBUTED"
            yield from _level(inner, name)
        for branch in body.get("Branches", ()):
            yield from _level(branch, name)


def _nexts(body: Any) -> Iterator[str]:
    ways: list[Any] = [body, *(body.get("Catch") or ()), *(body.get("Choices") or ())]
    yield from (way["Next"] for way in ways if "Next" in way)
    if "Default" in body:
        yield body["Default"]


def _state(body: Any) -> Iterator[str]:
    kind: Any = body.get("Type")
    if kind not in _TYPES:
        yield f"Type {kind} is none of {', '.join(sorted(_TYPES))}"
    if kind not in _ENDS | {"Choice"} and ("Next" in body) == (body.get("End") is True):
        yield "it has to have Next, or End true"
    if kind == "Choice":
        yield from _choices(body)
    if kind == "Map" and not (body.get("ItemProcessor") and body.get("Items")):
        yield "a Map needs Items and ItemProcessor"
    if kind == "Fail" and not (body.get("Error") and body.get("Cause")):
        yield "Error or Cause is missing: nobody learns why the execution failed"
    yield from _errors(body)
    yield from _arguments(body)


def _choices(body: Any) -> Iterator[str]:
    choices: Any = body.get("Choices") or ()
    if not (choices and body.get("Default")):
        yield "it has no Choices, or no Default for what none of them matches"
    for each in choices:
        if not ("Next" in each and str(each.get("Condition")).startswith("{%")):
            yield "each choice needs a Condition and Next"


def _errors(body: Any) -> Iterator[str]:
    for way in ("Retry", "Catch"):
        ways: Any = body.get(way) or ()
        for names in (each.get("ErrorEquals") for each in ways):
            if not names:
                yield f"{way} without ErrorEquals"
            for name in names or ():
                if (name.startswith("States.") and name not in _RESERVED) or "*" in name:
                    yield f"{way} names {name}, which is no error"
    retries: Any = body.get("Retry") or ()
    for retry in retries:
        for name, (low, high) in _RETRY_NUMBERS.items():
            if not low <= retry.get(name, low) <= high:
                yield f"Retry.{name} is {retry[name]}, it has to be {low} to {high}"


def _arguments(body: Any) -> Iterator[str]:
    """Faults in what a service is given: a message, or expressions with their names and values."""
    if str(body.get("Resource", "")).startswith("arn:aws:states:::sns:publish"):
        yield from _message(body.get("Arguments"))
    if ":dynamodb:" not in str(body.get("Resource", "")):
        return
    given: dict[str, Any] = body.get("Arguments") or {}
    texts = " ".join(str(value) for key, value in given.items() if key.endswith("Expression"))
    for holder, sign in (("ExpressionAttributeNames", "#"), ("ExpressionAttributeValues", ":")):
        used = set(re.findall(rf"{sign}\w+", texts))
        if used != set(given.get(holder) or ()):
            yield f"{holder} are not those that the expressions use: {', '.join(sorted(used))}"
    for holder in ("Key", "ExpressionAttributeValues"):
        values: dict[str, Any] = given.get(holder) or {}
        for name in [name for name, value in values.items() if not _is_typed(value)]:
            yield f"{holder}.{name} has no type and value"
    if not given.get("Key"):
        yield "it names no item: Key is missing"


def _message(given: Any) -> Iterator[str]:
    """(Amazon SNS API Reference: Publish, MessageAttributeValue)"""
    if not isinstance(given, dict):
        return  # an expression
    arguments = cast("dict[str, Any]", given)
    if not arguments.get("Message"):
        yield "it publishes nothing: Message is missing"
    attributes: dict[str, Any] = arguments.get("MessageAttributes") or {}
    for name, value in attributes.items():
        kind = value.get("DataType")
        holder = "BinaryValue" if kind == "Binary" else "StringValue"
        if kind not in ("Binary", "Number", "String", "String.Array") or not value.get(holder):
            yield f"MessageAttributes.{name} needs DataType (String, Number, ...) and {holder}"


def _is_typed(value: Any) -> bool:
    return isinstance(value, dict) and len(cast("dict[str, Any]", value)) == 1

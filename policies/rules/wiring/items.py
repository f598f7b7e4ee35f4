"""What the state machine writes itself into the workflow's table."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.conventions import TABLE_KEYS, WORKFLOW
from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.definitions import tasks
from policies.stack.resource_graph import Resource

STATUSES = frozenset({"PENDING", "GENERATING", "GENERATED", "SAVED", "FAILED"})
"""Of a work item (handlers/contract/statuses.py, compared by a test)."""

ATTRIBUTES = frozenset(
    {
        *("actionId", "attempts", "callsEnded", "callsStarted", "coerced", "context", "costUsd"),
        *("endedAt", "errorCode", "errorDetail", "executionId", "hedgedCalls"),
        *("inputTokens", "outputTokens"),
        *("promptVersion", "startedAt", "status", "taskCount", "throttles"),
    }
)
"""Of a work item, as handlers read it (handlers/storage/work_item_format.py)."""

_ASSIGNED = re.compile(r"([#\w]+)\s*=\s*(:\w+)")
_COMPARED = re.compile(r"([#\w]+)\s*(?:=|<>|IN)\s*\(?((?:\s*:\w+,?)+)")


@resource_policy(
    "wiring-items",
    on={resource_types.MACHINE},
    risk="A failed action stays open, or the handlers cannot read its item.",
    fix=f"Give Key {' and '.join(TABLE_KEYS)}; set and compare attributes of work items, and as"
    f" status one of {', '.join(sorted(STATUSES))}.",
    source="design: Data; handlers/storage/work_item_format.py; Amazon DynamoDB Developer Guide:"
    " expressions",
)
def items(resource: Resource) -> Iterator[str]:
    """Updates name the table's keys, and attributes and statuses that handlers know."""
    if resource.project != WORKFLOW:
        return
    for state in tasks(resource):
        if state.target.startswith("arn:aws:states:::dynamodb:"):
            given: Mapping[str, Any] = state.body.get("Arguments") or {}
            yield from (f"{state.name}: {fault}" for fault in _faults(given))


def _faults(given: Mapping[str, Any]) -> Iterator[str]:
    keys = {*(given.get("Key") or given.get("Item") or ())}
    if not set(TABLE_KEYS) <= keys or ("Key" in given and keys != set(TABLE_KEYS)):
        yield f"its key is {', '.join(sorted(keys)) or 'absent'}, not {', '.join(TABLE_KEYS)}"
    update, condition = (
        str(given.get(f"{kind}Expression", "")) for kind in ("Update", "Condition")
    )
    if re.search(r"\)\s*(?!AND\b|OR\b)\w", condition):
        yield f"the condition {condition} has text behind a parenthesis"
    names: Mapping[str, Any] = given.get("ExpressionAttributeNames") or {}
    values: Mapping[str, Any] = given.get("ExpressionAttributeValues") or {}
    used = {names.get(each, each) for each, _ in _ASSIGNED.findall(update)} | {*names.values()}
    for attribute in sorted(used - ATTRIBUTES):
        yield f"{attribute} is no attribute of a work item"
    for expression, form in ((update, _ASSIGNED), (condition, _COMPARED)):
        for attribute, placeholders in form.findall(expression):
            if names.get(attribute, attribute) == "status":
                yield from _wrong_statuses(values, re.findall(r":\w+", placeholders))


def _wrong_statuses(values: Mapping[str, Any], placeholders: list[str]) -> Iterator[str]:
    for each in placeholders:
        typed: Mapping[str, Any] = values.get(each) or {}
        value = typed.get("S")
        if isinstance(value, str) and "{%" not in value and value not in STATUSES:
            yield f"{each} is {value}, no status of a work item"

"""Finds the tasks in an answer that is not in the requested form, where their place is certain.

Models are known to wrap a call's input once more, to send it as a JSON text, to make the call
twice or in words, and to write numbers as texts. Reading such an answer saves a second call.
Nothing is invented: no text is cut, no value is moved into its range, no field is filled in.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers.generation.coercion import Coercion
from handlers.generation.errors import InvalidAnswerError
from handlers.generation.json_text import is_bounded, is_list, is_object, values_in
from handlers.generation.meant_task import is_part_of_a_task, is_task, meant_task
from handlers.generation.rules import TaskRules
from handlers.generation.tool import TOOL_NAME

ContentBlock = Mapping[str, Any]
Coercions = frozenset[Coercion]
Found = tuple[list[Any], Coercions]
"""A list of tasks, and the differences found so far."""

_TASKS = "tasks"
_THINKING_ENDS = "</thinking>"
_NONE: Coercions = frozenset()


def meant_tasks(content: Sequence[ContentBlock], rules: TaskRules) -> Found:
    """The tasks in an answer, not validated yet.

    Raises InvalidAnswerError if no list of tasks is found, or several that differ.
    """
    calls = tool_calls(content)
    sources = [list(_lists_of_call(call)) for call in calls] or [list(_lists_of_text(content))]
    readings = [[_read(found, rules) for found in source] for source in sources]
    every = [reading for source in readings for reading in source]
    if len(calls) == 1 and not every:
        raise InvalidAnswerError([_what_is_wrong(calls[0].get("input"))])
    if not all(readings) or any(tasks != every[0][0] for tasks, _ in every):
        wrong = f"{TOOL_NAME} was called {len(calls)} times: call it exactly once"
        differ = f"{_TASKS}: there are {len(every)} lists that differ: give one"
        raise InvalidAnswerError([differ if len(calls) == 1 else wrong])
    repeated = {Coercion.CALL_REPEATED} if len(every) > 1 else _NONE
    return every[0][0], frozenset(repeated).union(*(coerced for _, coerced in every))


def tool_calls(content: Sequence[ContentBlock]) -> list[Mapping[str, Any]]:
    """The calls of our tool in an answer, also as `functions.save_tasks` or `saveTasks`."""
    calls = (block.get("toolUse") for block in content if is_object(block))
    return [call for call in calls if is_object(call) and _is_our_tool(call.get("name"))]


def texts(content: Sequence[ContentBlock]) -> str:
    """The texts of an answer, a line each."""
    found = (block.get("text") for block in content if is_object(block))
    return "\n".join(text for text in found if isinstance(text, str))


def _is_our_tool(name: Any) -> bool:
    word = re.split(r"[.:/]", name)[-1] if isinstance(name, str) else ""
    return re.sub(r"[\W_]+", "", word).casefold() == TOOL_NAME.replace("_", "")


def _lists_of_call(call: Mapping[str, Any]) -> Iterator[Found]:
    given = call.get("input")
    if is_bounded(given):
        is_named = call.get("name") == TOOL_NAME
        yield from _lists(given, "", _NONE if is_named else frozenset({Coercion.TOOL_NAME}))


def _lists_of_text(content: Sequence[ContentBlock]) -> Iterator[Found]:
    # The text before it is the model's thinking, perhaps with a draft.
    answer = texts(content).rpartition(_THINKING_ENDS)[2]
    for value in values_in(answer):
        yield from _lists(value, "", frozenset({Coercion.CALL_AS_TEXT}))


def _lists(value: Any, key: str, coerced: Coercions) -> Iterator[Found]:
    """Every list of tasks within a value. key: under which it stands, empty for the whole input."""
    wrapped = coerced | {Coercion.WRAPPED}
    if isinstance(value, str):
        for inner in values_in(value):
            yield from _lists(inner, key, coerced | {Coercion.JSON_AS_TEXT})
    elif is_list(value):
        if key == _TASKS:
            yield value, coerced
        elif value and all(map(is_task, value)):
            yield value, wrapped
        else:
            for inner in value:
                yield from _lists(inner, "[]", wrapped)
    elif is_object(value):
        if is_task(value):
            yield [value], wrapped
        elif value and all(map(is_task, value.values())):
            yield list(value.values()), wrapped
        else:
            yield from _lists_of_object(value, key, coerced)


def _lists_of_object(value: dict[str, Any], key: str, coerced: Coercions) -> Iterator[Found]:
    for name, inner in value.items():
        if name == _TASKS and not key:
            spare = {Coercion.SPARE_FIELD} if len(value) > 1 else _NONE
            yield from _lists(inner, name, coerced | spare)
        else:
            yield from _lists(inner, name, coerced | {Coercion.WRAPPED})


def _read(found: Found, rules: TaskRules) -> Found:
    tasks, coerced = found
    seen = set(coerced)
    return [_task(task, rules, seen) for task in tasks], frozenset(seen)


def _task(given: Any, rules: TaskRules, coerced: set[Coercion]) -> Any:
    if not is_part_of_a_task(given):  # A JSON text, or wrapped once more.
        inner = list(_lists(given, "[]", _NONE))
        if len(inner) == 1 and len(inner[0][0]) == 1:
            (given,), how = inner[0]
            coerced |= how
    return meant_task(given, rules, coerced) if is_object(given) else given


def _what_is_wrong(given: Any) -> str:
    if not is_bounded(given):
        return f"the input of {TOOL_NAME} is too large or too deep"
    if not is_object(given):
        return f"the input of {TOOL_NAME} must be a JSON object"
    return f"{_TASKS}: must be a list" if _TASKS in given else f"{_TASKS}: is missing"

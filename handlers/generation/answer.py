"""Validation of the model's answer: its tasks, or the list of its problems.

The model repairs its answer by these problems, and they are logged. So they hold field names,
numbers and fixed texts, never a text of the model's or a user's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.generation.coercion import Coercion
from handlers.generation.errors import ERROR_BY_STOP_REASON, InvalidAnswerError
from handlers.generation.fence import clean
from handlers.generation.json_text import is_object
from handlers.generation.meaning import ContentBlock, meant_tasks
from handlers.generation.meant_task import UNREADABLE
from handlers.generation.rules import (
    DESCRIPTION_CHARACTERS,
    MAXIMUM_MINUTES,
    MINIMUM_MINUTES,
    TITLE_CHARACTERS,
    TaskRules,
)
from handlers.generation.tool import TOOL_NAME
from handlers.storage.models import GeneratedTask

MALFORMED_CALL = f"the call of {TOOL_NAME} was malformed: its input must be a JSON object"

_PROBLEMS_SHOWN = 10
_SHOWN_BELOW = 1_000_000
_CUT_OFF = "the answer was cut off before its end: fewer tasks or shorter descriptions"
# Bedrock reports the call as malformed; its tasks may be complete all the same.
_MALFORMED = {
    "malformed_tool_use": MALFORMED_CALL,
    "malformed_model_output": "the answer was malformed",
}


@dataclass(frozen=True)
class Answer:
    """Tasks that meet the rules.

    coerced: how they had to be read; empty for an answer in the requested form.
    """

    tasks: tuple[GeneratedTask, ...]
    coerced: tuple[Coercion, ...] = ()


def read_tasks(stop_reason: str, content: Sequence[ContentBlock], rules: TaskRules) -> Answer:
    """The tasks in an answer. Raises InvalidAnswerError with all its problems, or the error of a
    stop reason that no repair can help."""
    error = ERROR_BY_STOP_REASON.get(stop_reason, InvalidAnswerError)
    is_malformed = stop_reason in _MALFORMED
    if error is InvalidAnswerError and not is_malformed:
        is_cut_off = stop_reason == "max_tokens"
        raise InvalidAnswerError([_CUT_OFF if is_cut_off else "the answer stopped unexpectedly"])
    if error not in (None, InvalidAnswerError):
        raise error(f"the model stopped with {stop_reason}")
    try:
        meant, coerced = meant_tasks(content, rules)
    except InvalidAnswerError:
        if not is_malformed:
            raise
        raise InvalidAnswerError([_MALFORMED[stop_reason]]) from None
    if is_malformed:
        coerced |= {Coercion.CALL_MALFORMED}
    return Answer(tuple(_parse(meant, rules)), tuple(sorted(coerced)))


def _parse(meant: Sequence[Any], rules: TaskRules) -> list[GeneratedTask]:
    broken = [
        f"tasks[{index}]{problem}"
        for index, given in enumerate(meant)
        for problem in _problems_of(given, rules)
    ]
    tasks = [] if broken else [_task(given, rules) for given in meant]
    problems = [*_count_problems(len(meant), rules), *broken, *_repetitions(tasks)]
    if not problems:
        return tasks
    more = len(problems) - _PROBLEMS_SHOWN
    raise InvalidAnswerError(
        problems[:_PROBLEMS_SHOWN] + ([f"and {more} more problems"] if more > 0 else [])
    )


def _task(given: Mapping[str, Any], rules: TaskRules) -> GeneratedTask:
    title, description = given["title"].strip(), given["description"].strip()
    return GeneratedTask(title, description, rules.type, given["estimatedMinutes"])


def _count_problems(count: int, rules: TaskRules) -> list[str]:
    if rules.minimum <= count <= rules.maximum:
        return []
    return [f"tasks: there are {count}, but {rules.minimum} to {rules.maximum} are asked for"]


def _repetitions(tasks: Sequence[GeneratedTask]) -> list[str]:
    first: dict[tuple[str, str], int] = {}
    return [
        f"tasks[{index}]: repeats tasks[{earlier}]"
        for index, task in enumerate(tasks)
        if (earlier := first.setdefault((task.title, task.description), index)) != index
    ]


def _problems_of(given: Any, rules: TaskRules) -> Iterator[str]:
    """The first problem of each field, behind the field's name."""
    if not is_object(given):
        yield ": Input should be a valid dictionary"
        return
    for field, check in _CHECKS.items():
        problem = check(given[field], rules) if field in given else "Field required"
        if problem:
            yield f".{field}: {problem}"


def _text_problem(value: Any, most: int) -> str | None:
    if not isinstance(value, str):
        return _NO_TEXT
    text = value.strip()
    if len(text) > most:
        return f"String should have at most {most} characters, it has {len(text)}"
    if not clean(text):
        return "must not be blank"
    if unreadable := UNREADABLE.search(text):
        return f"must not contain the character U+{ord(unreadable[0]):04X}"
    return None


def _type_problem(value: Any, rules: TaskRules) -> str | None:
    if not isinstance(value, str):
        return _NO_TEXT
    return None if value == rules.type else f"must be {rules.type}"


def _minutes_problem(value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "Input should be a valid integer"
    shown = f", it is {value}" if abs(value) < _SHOWN_BELOW else ""
    if value < MINIMUM_MINUTES:
        return f"Input should be greater than or equal to {MINIMUM_MINUTES}{shown}"
    if value > MAXIMUM_MINUTES:
        return f"Input should be less than or equal to {MAXIMUM_MINUTES}{shown}"
    return None


_NO_TEXT = "Input should be a valid string"
_CHECKS: Mapping[str, Callable[[Any, TaskRules], str | None]] = {
    "title": lambda value, _: _text_problem(value, TITLE_CHARACTERS),
    "description": lambda value, _: _text_problem(value, DESCRIPTION_CHARACTERS),
    "type": _type_problem,
    "estimatedMinutes": lambda value, _: _minutes_problem(value),
}
"""Field -> its problem, in words that models know from JSON validators."""

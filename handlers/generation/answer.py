"""Validation of the model's answer: its tasks, or the list of its problems.

The model repairs its answer by these problems, and they are logged. So they hold field names,
numbers and fixed texts, never a text of the model's or a user's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails

from handlers.generation.coercion import Coercion
from handlers.generation.errors import ERROR_BY_STOP_REASON, InvalidAnswerError
from handlers.generation.fence import clean
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


def _readable(text: str) -> str:
    if not clean(text):
        raise ValueError("must not be blank")
    if unreadable := UNREADABLE.search(text):
        raise ValueError(f"must not contain the character U+{ord(unreadable[0]):04X}")
    return text


def _own_type(text: str, info: ValidationInfo) -> str:
    rules = cast(TaskRules, info.context)
    if text != rules.type:
        raise ValueError(f"must be {rules.type}")
    return text


class _Task(BaseModel):
    # Deferred: only the list's validator below is built, of which this one is a part.
    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    title: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=TITLE_CHARACTERS),
        AfterValidator(_readable),
    ]
    description: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=DESCRIPTION_CHARACTERS),
        AfterValidator(_readable),
    ]
    type: Annotated[str, AfterValidator(_own_type)]
    estimatedMinutes: Annotated[int, Field(ge=MINIMUM_MINUTES, le=MAXIMUM_MINUTES)]  # noqa: N815


_TASKS = TypeAdapter(list[_Task])


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
    tasks = tuple(
        GeneratedTask(task.title, task.description, rules.type, task.estimatedMinutes)
        for task in _parse(meant, rules)
    )
    return Answer(tasks, tuple(sorted(coerced)))


def _parse(meant: list[Any], rules: TaskRules) -> list[_Task]:
    problems = _count_problems(len(meant), rules)
    try:
        tasks = _TASKS.validate_python(meant, context=rules)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False)]
    else:
        problems += _repetitions(tasks)
        if not problems:
            return tasks
    # Outside the except block: pydantic's error quotes the texts and must not become the context.
    more = len(problems) - _PROBLEMS_SHOWN
    raise InvalidAnswerError(
        problems[:_PROBLEMS_SHOWN] + ([f"and {more} more problems"] if more > 0 else [])
    )


def _count_problems(count: int, rules: TaskRules) -> list[str]:
    if rules.minimum <= count <= rules.maximum:
        return []
    return [f"tasks: there are {count}, but {rules.minimum} to {rules.maximum} are asked for"]


def _repetitions(tasks: Sequence[_Task]) -> list[str]:
    first: dict[tuple[str, str], int] = {}
    return [
        f"tasks[{index}]: repeats tasks[{earlier}]"
        for index, task in enumerate(tasks)
        if (earlier := first.setdefault((task.title, task.description), index)) != index
    ]


def _problem(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    given = detail["input"]
    if detail["type"] == "string_too_long":
        message += f", it has {len(given)}"
    elif detail["type"] in ("greater_than_equal", "less_than_equal") and abs(given) < _SHOWN_BELOW:
        message += f", it is {given}"
    return f"{_path(detail['loc'])}: {message}"


def _path(location: tuple[int | str, ...]) -> str:
    return "tasks" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in location
    )

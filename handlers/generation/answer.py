"""The model's answer, accepted only as the rules want it, or told what is wrong with it.

The problems are written so that the model can repair its answer by them, and so that they can be
logged: they hold field names, numbers and our own words, never a text of the model's or a user's.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails

from handlers.generation.errors import ERROR_BY_STOP_REASON, InvalidAnswerError
from handlers.generation.fence import clean
from handlers.generation.rules import (
    DESCRIPTION_CHARACTERS,
    MAXIMUM_MINUTES,
    MINIMUM_MINUTES,
    TITLE_CHARACTERS,
    TaskRules,
)
from handlers.generation.tool import TOOL_NAME
from handlers.storage.models import GeneratedTask

ContentBlock = Mapping[str, Any]

_PROBLEMS_SHOWN = 10
_BIDIRECTIONAL_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNUSABLE = {
    "max_tokens": "the answer was cut off before its end: fewer tasks or shorter descriptions",
    "malformed_tool_use": f"the call of {TOOL_NAME} was malformed: its input must be a JSON object",
    "malformed_model_output": "the answer was malformed",
}


def _one_line(text: str) -> str:
    return _readable(text, allowed="")


def _paragraph(text: str) -> str:
    return _readable(text, allowed="\n\t")


def _readable(text: str, allowed: str) -> str:
    if not clean(text):
        raise ValueError("must not be blank")
    for character in text:
        if character in _BIDIRECTIONAL_CONTROLS or (
            unicodedata.category(character) in ("Cc", "Cs") and character not in allowed
        ):
            raise ValueError(f"must not contain the character U+{ord(character):04X}")
    return text


def _own_type(text: str, info: ValidationInfo) -> str:
    rules = cast(TaskRules, info.context)
    if text != rules.type:
        raise ValueError(f"must be {rules.type}")
    return text


class _Task(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    title: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=TITLE_CHARACTERS),
        AfterValidator(_one_line),
    ]
    description: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=DESCRIPTION_CHARACTERS),
        AfterValidator(_paragraph),
    ]
    type: Annotated[str, AfterValidator(_own_type)]
    estimatedMinutes: Annotated[int, Field(ge=MINIMUM_MINUTES, le=MAXIMUM_MINUTES)]  # noqa: N815


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    tasks: list[_Task]


def read_tasks(
    stop_reason: str, content: Sequence[ContentBlock], rules: TaskRules
) -> tuple[GeneratedTask, ...]:
    """The tasks in an answer; raises InvalidAnswerError with everything that is wrong with it,
    or the error of a stop reason that no repair can help."""
    error = ERROR_BY_STOP_REASON.get(stop_reason, InvalidAnswerError)
    if error is InvalidAnswerError:
        raise InvalidAnswerError([_UNUSABLE.get(stop_reason, "the answer stopped unexpectedly")])
    if error is not None:
        raise error(f"the model stopped with {stop_reason}")
    answer = _parse(_tool_input(content), rules)
    return tuple(
        GeneratedTask(task.title, task.description, rules.type, task.estimatedMinutes)
        for task in answer.tasks
    )


def tool_calls(content: Sequence[ContentBlock]) -> list[Mapping[str, Any]]:
    """The calls of our tool in an answer."""
    calls = (block["toolUse"] for block in content if "toolUse" in block)
    return [call for call in calls if call.get("name") == TOOL_NAME]


def _tool_input(content: Sequence[ContentBlock]) -> Mapping[str, Any]:
    calls = tool_calls(content)
    if len(calls) != 1:
        raise InvalidAnswerError(
            [f"{TOOL_NAME} was called {len(calls)} times: call it exactly once"]
        )
    if not isinstance(calls[0].get("input"), dict):
        raise InvalidAnswerError([f"the input of {TOOL_NAME} must be a JSON object"])
    return calls[0]["input"]


def _parse(tool_input: Mapping[str, Any], rules: TaskRules) -> _Answer:
    problems = _count_problems(tool_input.get("tasks"), rules)
    try:
        answer = _Answer.model_validate(tool_input, context=rules)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False)]
    else:
        problems += _repetitions(answer)
        if not problems:
            return answer
    # Outside the handler: pydantic's error, which quotes what it was given, is no part of ours.
    more = len(problems) - _PROBLEMS_SHOWN
    raise InvalidAnswerError(
        problems[:_PROBLEMS_SHOWN] + ([f"and {more} more problems"] if more > 0 else [])
    )


def _count_problems(tasks: Any, rules: TaskRules) -> list[str]:
    count = len(tasks) if isinstance(tasks, list) else None  # pyright: ignore[reportUnknownArgumentType]
    if count is None or rules.minimum <= count <= rules.maximum:
        return []
    return [f"tasks: there are {count}, but {rules.minimum} to {rules.maximum} are asked for"]


def _repetitions(answer: _Answer) -> list[str]:
    first: dict[tuple[str, str], int] = {}
    return [
        f"tasks[{index}]: repeats tasks[{earlier}]"
        for index, task in enumerate(answer.tasks)
        if (earlier := first.setdefault((task.title, task.description), index)) != index
    ]


def _problem(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":  # the last part of `loc` is the model's own word
        allowed = ", ".join(_Task.model_fields if len(detail["loc"]) > 1 else _Answer.model_fields)
        return f"{_path(detail['loc'][:-1])}: has a field that is not asked for, only {allowed}"
    message = detail["msg"].removeprefix("Value error, ")
    given = detail["input"]
    if detail["type"] == "string_too_long":
        message += f", it has {len(given)}"
    elif detail["type"] in ("greater_than_equal", "less_than_equal"):
        message += f", it is {given}"
    return f"{_path(detail['loc'])}: {message}"


def _path(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "the input"

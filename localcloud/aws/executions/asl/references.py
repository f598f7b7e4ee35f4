"""What a JSONPath state refers to, and the payload templates that are made of it.

Specification: Paths, Payload Template, Intrinsic Functions; developer guide: variables.
"""

import copy
import re
from typing import Any, cast

from localcloud.aws.executions.asl import intrinsics, paths
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.errors import PathNotFoundError, StatesRuntimeError
from localcloud.aws.executions.history import compact
from localcloud.aws.ministack import Json

_VARIABLE = re.compile(r"\$(?P<name>[^\W\d]\w*)(?P<rest>.*)", re.DOTALL)


def resolve(reference: str, data: Any, frame: Frame) -> Any:
    """The value of `$.path`, `$$.path`, `$variable` or `States.Function(...)`; PathNotFoundError.

    data: what `$` is.
    """
    if reference.startswith("States."):
        return intrinsics.call(reference, lambda argument: _argument(argument, data, frame))
    document, path = data, reference
    if reference.startswith("$$"):
        # a copy, for the context object changes with the next state
        document, path = copy.deepcopy(frame.context), reference[1:]
    elif variable := _VARIABLE.fullmatch(reference):
        document, path = dict(frame.variables), f"$['{variable['name']}']{variable['rest']}"
    try:
        return paths.read(path, document)
    except PathNotFoundError as missing:
        raise PathNotFoundError(missing.message, reference, document) from None


def resolve_field(reference: str, data: Any, frame: Frame) -> Any:
    """The value of a field that is a path itself, such as InputPath; StatesRuntimeError."""
    try:
        return resolve(reference, data, frame)
    except PathNotFoundError as missing:
        raise StatesRuntimeError(f"Invalid path '{reference}' : {missing.message}") from None


def fill(template: Any, data: Any, frame: Frame) -> Any:
    """A payload template with what its fields that end in `.$` refer to; StatesRuntimeError."""
    match template:
        case dict():
            fields = cast("Json", template)
            return dict(_binding(name, value, data, frame) for name, value in fields.items())
        case list():
            members = cast("list[Any]", template)
            return [fill(member, data, frame) for member in members]
        case _:
            return template


def _binding(name: str, value: Any, data: Any, frame: Frame) -> tuple[str, Any]:
    if not name.endswith(".$"):
        return name, fill(value, data, frame)
    try:
        return name.removesuffix(".$"), resolve(value, data, frame)
    except PathNotFoundError as missing:
        raise StatesRuntimeError(
            f"The JSONPath '{value}' specified for the field '{name}' could not be found in the "
            f"input '{compact(missing.document)}'"
        ) from None


def _argument(reference: str, data: Any, frame: Frame) -> Any:
    try:
        return resolve(reference, data, frame)
    except PathNotFoundError as missing:
        raise StatesRuntimeError(
            f"The JsonPath argument for the field '{reference}' could not be found in the input "
            f"'{compact(missing.document)}'"
        ) from None

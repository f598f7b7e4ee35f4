"""A state whose fields are JSONPath: InputPath, Parameters, ResultSelector, ResultPath, OutputPath.

Specification: Input and Output Processing. A state's paths see `$$` and the variables as they were
when the state began; what it assigns is seen by the next one.
"""

import copy
import re
from typing import Any, cast

from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.references import fill, resolve, resolve_field
from localcloud.aws.executions.errors import StatesRuntimeError
from localcloud.aws.executions.history import compact
from localcloud.aws.ministack import ExecutionError, Json

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(?:'([^']*)'|\"([^\"]*)\"|(\d+))\]")


class PathState:
    """One entry into a JSONPath state."""

    def __init__(self, state: Json, given: Any, frame: Frame) -> None:
        self._state, self._given, self._frame = state, given, frame
        self.input = self._selected("InputPath", given)

    def arguments(self) -> Any:
        """What Parameters make of the input."""
        if "Parameters" not in self._state:
            return self.input
        return fill(self._state["Parameters"], self.input, self._frame)

    def number(self, name: str, whole: str = "integer") -> Any:
        """The number in a field or where its path points; None if there is neither.

        whole: "integer" or "float".
        """
        path = self._state.get(f"{name}Path")
        if path is None:
            return self._state.get(name)
        found = resolve_field(path, self.input, self._frame)
        number = _number(found, whole)
        if number is None:
            shown = found if isinstance(found, str) else compact(found)
            raise StatesRuntimeError(
                f'The {name}Path field refers to value "{shown}" which is not a valid {whole}: '
                f"{path}"
            )
        return number

    def role_arn(self) -> str | None:
        """The role that a task's Credentials name; None if it has none."""
        return fill(self._state.get("Credentials", {}), self.input, self._frame).get("RoleArn")

    def items(self) -> list[Any]:
        """What a Map iterates over."""
        path = self._state.get("ItemsPath", "$")
        found = resolve_field(path, self.input, self._frame)
        if not isinstance(found, list):
            raise StatesRuntimeError(f'Reference path "{path}" must point to array.')
        return cast("list[Any]", found)

    def item_input(self, frame: Frame) -> Any:
        """The input of an iteration; `frame` is the iteration's, and holds the item."""
        selector = self._state.get("ItemSelector", self._state.get("Parameters"))
        if selector is None:
            return frame.context["Map"]["Item"]["Value"]
        # an iteration sees its Map's variables through its own frame
        return fill(selector, self.input, frame)

    def output(self, result: Any) -> Any:
        """The state's output; what it assigns is noted on the way."""
        self._assign(self._state, result)
        if "ResultSelector" in self._state:
            result = fill(self._state["ResultSelector"], result, self._frame)
        return self._selected("OutputPath", self._placed(self._state, result))

    def passed_on(self, chosen: Json) -> Any:
        """The output of a state without a result, or of the choice that it made."""
        self._assign(chosen, self.input)
        return self._selected("OutputPath", self.input)

    def caught(self, catcher: Json, _location: str, error_output: Json) -> Any:
        """The output of a state whose error was caught: OutputPath has no part in it."""
        self._assign(catcher, error_output)
        return self._placed(catcher, error_output)

    def _assign(self, assigning: Json, result: Any) -> None:
        self._frame.assigned.update(fill(assigning.get("Assign", {}), result, self._frame))

    def _selected(self, name: str, data: Any) -> Any:
        path = self._state.get(name, "$")
        return {} if path is None else resolve_field(path, data, self._frame)

    def _placed(self, fields: Json, result: Any) -> Any:
        """The state's input with the result where ResultPath says."""
        path: str | None = fields.get("ResultPath", "$")
        if path is None:
            return self._given
        if path == "$":
            return result
        output = copy.deepcopy(self._given)
        *steps, last = [_step(match) for match in _STEP.finditer(path, 1)]
        place: Any = output
        try:
            for step in steps:
                if isinstance(step, str) and not isinstance(place.get(step), dict | list):
                    place[step] = {}
                place = place[step]
            place[last] = result
        except (TypeError, LookupError, AttributeError):
            raise ExecutionError(
                "States.ResultPathMatchFailure",
                f"Unable to apply Reference Path {path} to input {compact(self._given)}",
            ) from None
        return output

    def text(self, name: str) -> str | None:
        """A Fail state's Error or Cause, given or where its path points; None if there is none."""
        path = self._state.get(f"{name}Path")
        if path is None:
            return self._state.get(name)
        found = resolve_field(path, self.input, self._frame)
        if not isinstance(found, str):
            raise StatesRuntimeError(
                f"The value referenced by {name}Path must be a string, but the value was: "
                f"{compact(found)}"
            )
        return found

    def referenced(self, path: str) -> Any:
        """What a path of a Choice or Wait names; PathNotFoundError."""
        return resolve(path, self.input, self._frame)


def _step(match: "re.Match[str]") -> str | int:
    name, single, double, index = match.groups()
    return (
        int(index) if index is not None else next(each for each in (name, single, double) if each)
    )


def _number(found: Any, whole: str) -> float | None:
    if isinstance(found, bool):
        return None
    try:
        if isinstance(found, str):
            found = float(found)
            found = int(found) if found.is_integer() else found
        if whole == "integer":
            return found if isinstance(found, int) else None
        return float(found)
    except (TypeError, ValueError):
        return None

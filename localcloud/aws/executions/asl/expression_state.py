"""A state whose fields are JSONata: Arguments, Output, Assign, and expressions in single fields."""

from typing import Any

from localcloud.aws.executions.asl.expressions import QueryScope, fill, json_type, typed
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.errors import QueryEvaluationError
from localcloud.aws.executions.history import compact
from localcloud.aws.ministack import Json


class ExpressionState:
    """One entry into a JSONata state."""

    def __init__(self, state: Json, given: Any, frame: Frame) -> None:
        self._state, self._frame = state, frame
        self._scope = QueryScope(frame, given)
        self.input = given

    def arguments(self) -> Any:
        """The state's Arguments; its input if it has none."""
        return self._field("Arguments", self.input)

    def number(self, name: str, _whole: str = "integer") -> Any:
        """The number of a field; None if there is none."""
        if name not in self._state:
            return None
        return typed(self._state[name], "number", name, self._scope)

    def role_arn(self) -> str | None:
        """The role that a task's Credentials name; None if it has none."""
        return self._field("Credentials", {}).get("RoleArn")

    def items(self) -> list[Any]:
        """What a Map iterates over."""
        if "Items" in self._state:
            return typed(self._state["Items"], "array", "Items", self._scope)
        if json_type(self.input) != "array":
            raise QueryEvaluationError(
                f"Map state input must be an array but was: {compact(self.input)}"
            )
        return self.input

    def item_input(self, frame: Frame) -> Any:
        """The input of an iteration; `frame` is the iteration's, and holds the item."""
        if "ItemSelector" not in self._state:
            return frame.context["Map"]["Item"]["Value"]
        return fill(self._state["ItemSelector"], "ItemSelector", QueryScope(frame, self.input))

    def output(self, result: Any) -> Any:
        """The state's output; what it assigns is noted on the way."""
        scope = self._scope.with_result(result)
        output = self._field("Output", result, scope)
        self._assign(self._state, "", scope)
        return output

    def passed_on(self, chosen: Json, location: str = "") -> Any:
        """The output of a state without a result, or of the choice that it made."""
        return self._continued(chosen, location, self.input, self._scope)

    def caught(self, catcher: Json, location: str, error_output: Json) -> Any:
        """The output of a state whose error was caught."""
        scope = self._scope.with_error(error_output)
        return self._continued(catcher, location, error_output, scope)

    def text(self, name: str) -> str | None:
        """A Fail state's Error or Cause; None if there is none."""
        if name not in self._state:
            return None
        return typed(self._state[name], "string", name, self._scope)

    def holds(self, condition: Any, location: str) -> bool:
        """Whether a choice's Condition is true."""
        return typed(condition, "boolean", location, self._scope)

    def _continued(self, fields: Json, location: str, default: Any, scope: QueryScope) -> Any:
        output = default
        if "Output" in fields:
            output = fill(fields["Output"], f"{location}Output", scope)
        self._assign(fields, location, scope)
        return output

    def _field(self, name: str, default: Any, scope: QueryScope | None = None) -> Any:
        if name not in self._state:
            return default
        return fill(self._state[name], name, scope or self._scope)

    def _assign(self, fields: Json, location: str, scope: QueryScope) -> None:
        assigned = fill(fields.get("Assign", {}), f"{location}Assign", scope)
        self._frame.assigned.update(assigned)

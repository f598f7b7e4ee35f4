"""The JSONata of a state: its `{% ... %}` expressions, and the failures that AWS makes of them.

The engine and the functions that Step Functions adds are MiniStack's. Causes and the names of
locations: the recordings, and github.com/floci-io/floci/issues/2665 and 2736, which quote AWS.
"""

from dataclasses import dataclass, replace
from typing import Any, cast

import jsonata

from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.errors import QueryEvaluationError
from localcloud.aws.executions.history import compact
from localcloud.aws.ministack import Json, states

_EVALUATION_LIMIT_MILLISECONDS = 1000
_EXACT_INTEGERS = 2**53
_engine: Any = jsonata


@dataclass(frozen=True)
class QueryScope:
    """What the expressions of a state see as `$states`.

    result, error_output: None where the field that is evaluated has none.
    """

    frame: Frame
    given: Any
    result: Any = None
    error_output: Any = None

    def with_result(self, result: Any) -> "QueryScope":
        """The same, once the state has a result."""
        return replace(self, result=result)

    def with_error(self, error_output: Any) -> "QueryScope":
        """The same, in a catcher."""
        return replace(self, error_output=error_output)

    def bindings(self) -> dict[str, Any]:
        """The engine's variables; it takes None for undefined, and has a null of its own."""
        null = _engine.utils.Utils.NULL_VALUE
        variables = {
            name: null if value is None else value for name, value in self.frame.variables.items()
        }
        states_variable: dict[str, Any] = {
            "input": self.given,
            "result": self.result,
            "errorOutput": self.error_output,
            "context": self.frame.context,
        }
        return {**variables, "states": states_variable}


def fill(template: Any, location: str, scope: QueryScope) -> Any:
    """A value with its expressions evaluated; QueryEvaluationError.

    location: the field, relative to the state: Output/names[0].
    """
    match template:
        case str():
            expression = _expression(template)
            return template if expression is None else _evaluate(expression, location, scope)
        case dict():
            fields = cast("Json", template)
            return {
                name: fill(value, f"{location}/{name}", scope) for name, value in fields.items()
            }
        case list():
            members = cast("list[Any]", template)
            return [fill(each, f"{location}[{n}]", scope) for n, each in enumerate(members)]
        case _:
            return template


def typed(template: Any, expected: str, location: str, scope: QueryScope) -> Any:
    """A value, held to the JSON type that AWS requires of its field; QueryEvaluationError."""
    value = fill(template, location, scope)
    if json_type(value) != expected:
        expression = _expression(template) if isinstance(template, str) else None
        raise QueryEvaluationError(
            f"The JSONata expression '{expression or template}' specified for the field "
            f"'{location}' returned an unexpected result type. Expected '{expected}', but was "
            f"'{json_type(value)}' for value: {compact(value)}",
            location,
        )
    return value


def json_type(value: Any) -> str:
    """The name of a value's JSON type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _expression(text: str) -> str | None:
    """What stands between `{%` and `%}`, if a text is an expression."""
    return text[2:-2].strip() if text.startswith("{%") and text.endswith("%}") else None


def _evaluate(expression: str, location: str, scope: QueryScope) -> Any:
    bindings = scope.bindings()
    sentence = f"The JSONata expression '{expression}' specified for the field '{location}'"
    try:
        value = _parsed(expression).evaluate(None, bindings)
        is_defined = value is not None or _parsed(f"$exists(({expression}))").evaluate(
            None, bindings
        )
    except Exception as error:
        code: Any = getattr(error, "error", None)
        problem = f". {code}: {error}" if isinstance(code, str) and code else f": {error}"
        raise QueryEvaluationError(
            f"{sentence} threw an error during evaluation{problem}", location
        ) from (error)
    if not is_defined:
        raise QueryEvaluationError(f"{sentence} returned nothing (undefined).", location)
    return _plain(value)


def _parsed(expression: str) -> Any:
    parsed = _engine.Jsonata.jsonata(expression, timeout=_EVALUATION_LIMIT_MILLISECONDS)
    states._register_sfn_jsonata_functions(parsed)
    return parsed


def _plain(value: Any) -> Any:
    """A result as JSON has it: JSONata knows one kind of number, and its lists are lists."""
    match value:
        case float() if value.is_integer() and abs(value) < _EXACT_INTEGERS:
            return int(value)
        case dict():
            fields = cast("Json", value)
            return {name: _plain(each) for name, each in fields.items()}
        case list():
            members = cast("list[Any]", value)
            return [_plain(each) for each in members]
        case _:
            return value

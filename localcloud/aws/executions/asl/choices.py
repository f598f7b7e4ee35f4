"""The rules of a Choice state in JSONPath: And, Or, Not and the comparison operators.

Specification: Choice State. A comparison with a value of another type is false. The causes are
AWS's (quoted in public reports; none is among the recordings).
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from localcloud.aws.executions.asl.timestamps import moment
from localcloud.aws.executions.errors import PathNotFoundError, StatesRuntimeError
from localcloud.aws.ministack import Json

_Lookup = Callable[[str], Any]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: left == right,
    "LessThan": lambda left, right: left < right,
    "LessThanEquals": lambda left, right: left <= right,
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanEquals": lambda left, right: left >= right,
}
_OPERATOR = re.compile(
    "(?P<kind>String|Numeric|Boolean|Timestamp)(?P<comparison>[A-Z].*?)(?P<is_path>Path)?"
)


def holds(rule: Json, lookup: _Lookup) -> bool:
    """Whether a rule is met; StatesRuntimeError for a Variable that names nothing.

    lookup: what a path names in the state's input; PathNotFoundError.
    """
    if "And" in rule:
        return all(holds(each, lookup) for each in rule["And"])
    if "Or" in rule:
        return any(holds(each, lookup) for each in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], lookup)
    operator = next(key for key in rule if key.startswith("Is") or _OPERATOR.fullmatch(key))
    operand = rule[operator]
    if operator == "IsPresent":
        return _is_present(rule["Variable"], lookup) == operand
    value = _looked_up(rule["Variable"], lookup)
    if operator.startswith("Is"):
        return _TYPES[operator](value) == operand
    parts = _OPERATOR.fullmatch(operator)
    assert parts is not None  # noqa: S101 - it was found by this
    if parts["is_path"]:
        operand = _looked_up(operand, lookup)
    return _compares(parts["kind"], parts["comparison"], value, operand)


def _is_present(path: str, lookup: _Lookup) -> bool:
    try:
        lookup(path)
    except PathNotFoundError:
        return False
    return True


def _looked_up(path: str, lookup: _Lookup) -> Any:
    try:
        return lookup(path)
    except PathNotFoundError:
        raise StatesRuntimeError(
            f"Invalid path '{path}': The choice state's condition path references an invalid value."
        ) from None


def _compares(kind: str, comparison: str, value: Any, operand: Any) -> bool:
    left, right = _KINDS[kind](value), _KINDS[kind](operand)
    if left is None or right is None:
        return False
    if comparison == "Matches":
        return _matches(left, right)
    return _COMPARISONS[comparison](left, right)


def _matches(text: str, pattern: str) -> bool:
    """StringMatches: `*` stands for any text, `\\*` for itself."""
    pieces = re.split(r"(\\.|\*)", pattern)
    wanted = "".join(
        ".*" if piece == "*" else re.escape(re.sub(r"\\(.)", r"\1", piece)) for piece in pieces
    )
    return re.fullmatch(wanted, text, re.DOTALL) is not None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _timestamp(value: Any) -> datetime | None:
    return moment(value) if isinstance(value, str) else None


_KINDS: dict[str, Callable[[Any], Any]] = {
    "String": _string,
    "Numeric": _number,
    "Boolean": _boolean,
    "Timestamp": _timestamp,
}
_TYPES: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": lambda value: _number(value) is not None,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: _timestamp(value) is not None,
}

"""The functions of one row (CloudWatch Logs User Guide, "Supported operations and functions")."""

import math
from collections.abc import Callable, Sequence

from localcloud.aws.logs_insights.values import Timestamp, Value, number

Function = Callable[[Sequence[Value]], Value]


def datefloor(time: Value, period: Value) -> Value:
    """The start of the period that contains a time; both in milliseconds."""
    at, length = number(time), number(period)
    return None if at is None or not length else Timestamp(at // length * length)


def _of_number(function: Callable[[float], float]) -> Function:
    def apply(values: Sequence[Value]) -> Value:
        given = number(values[0])
        return None if given is None else function(given)

    return apply


def _of_text(function: Callable[[str], Value]) -> Function:
    return lambda values: None if values[0] is None else function(str(values[0]))


def _contains(values: Sequence[Value]) -> Value:
    text, part = values
    return None if text is None or part is None else float(str(part) in str(text))


def _replaced(values: Sequence[Value]) -> Value:
    text, old, new = values
    return None if text is None else str(text).replace(str(old), str(new))


def _extreme(choose: Callable[[list[float]], float]) -> Function:
    def apply(values: Sequence[Value]) -> Value:
        numbers = [given for value in values if (given := number(value)) is not None]
        return choose(numbers) if numbers else None

    return apply


def _ceiling(time: Value, period: Value) -> Value:
    at, length = number(time), number(period)
    return None if at is None or not length else Timestamp(math.ceil(at / length) * length)


FUNCTIONS: dict[str, Function] = {
    "abs": _of_number(abs),
    "ceil": _of_number(math.ceil),
    "floor": _of_number(math.floor),
    "sqrt": _of_number(math.sqrt),
    "log": _of_number(math.log),
    "greatest": _extreme(max),
    "least": _extreme(min),
    "datefloor": lambda values: datefloor(values[0], values[1]),
    "dateceil": lambda values: _ceiling(values[0], values[1]),
    "frommillis": _of_number(Timestamp),
    "tomillis": _of_number(float),
    "coalesce": lambda values: next((value for value in values if value is not None), None),
    "ispresent": lambda values: float(values[0] is not None),
    "isempty": lambda values: float(values[0] in (None, "")),
    "isblank": lambda values: float(not str(values[0] or "").strip()),
    "concat": lambda values: "".join(str(value) for value in values if value is not None),
    "strlen": _of_text(lambda text: float(len(text))),
    "toupper": _of_text(str.upper),
    "tolower": _of_text(str.lower),
    "trim": _of_text(str.strip),
    "strcontains": _contains,
    "replace": _replaced,
}
"""The functions by name in lower case; a missing operand gives a missing value."""

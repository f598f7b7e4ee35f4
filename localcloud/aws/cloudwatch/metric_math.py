"""Evaluates metric math over series of the same periods.

(CloudWatch user guide, "Metric math syntax and functions".) Two rules hold everywhere: a missing
value counts as 0 where the other operand has a value, and a division by zero drops the value.
Example: with a = (6, None, 3) and b = (3, 2, 0), `a + b` is (9, 2, 3) and `a / b` is (2, 0, None).
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from localcloud.aws.cloudwatch.expressions import (
    Array,
    Binary,
    Expression,
    ExpressionError,
    FunctionCall,
    Name,
    Negative,
    Number,
    String,
    parse,
)
from localcloud.aws.cloudwatch.math_functions import AGGREGATES, OPERATORS, POINTWISE
from localcloud.aws.cloudwatch.metrics import Series

Value = float | Series | list[Series]
"""A scalar (nan where a division by zero left none), a time series, or an array of them."""


@dataclass(frozen=True)
class MathInputs:
    """The series that an expression may refer to.

    metrics: series of the metrics by id; METRICS() returns them.
    results: series of other expressions by id.
    period: length of each period, in seconds. periods: number of periods of every series.
    fills_empty: whether FILL fills a series without any value; AWS does not document it.
    """

    metrics: Mapping[str, Series]
    results: Mapping[str, Series]
    period: int
    periods: int
    fills_empty: bool = True


def evaluate_expression(text: str, inputs: MathInputs) -> Series:
    """Evaluate an expression to one series. Raises ExpressionError if its result is none."""
    value = _value(parse(text), inputs)
    if not isinstance(value, tuple):
        raise ExpressionError(f"{text!r} does not yield one time series")
    return value


def _value(tree: Expression, inputs: MathInputs) -> Value:
    match tree:
        case Number(value):
            return value
        case Name(value):
            for known in (inputs.metrics, inputs.results):
                if value in known:
                    return known[value]
            raise ExpressionError(f"{value!r} is not the id of a metric or expression")
        case Negative(operand):
            return _each(operator.neg, _value(operand, inputs))
        case Binary(sign, left, right):
            return _binary(OPERATORS[sign], _value(left, inputs), _value(right, inputs))
        case Array(items):
            return [each for item in items for each in _series_in(_value(item, inputs))]
        case FunctionCall(function, arguments):
            return _call(function, arguments, inputs)
        case String(value):
            raise ExpressionError(f"{value!r}: a string is allowed in METRICS only")


def _call(function: str, arguments: tuple[Expression, ...], inputs: MathInputs) -> Value:  # noqa: PLR0911 - one a function
    match function, arguments:
        case "IF", (condition, chosen, *otherwise) if len(otherwise) <= 1:
            values = [_value(each, inputs) for each in (condition, chosen, *otherwise)]
            return _if(*values)
        case "FILL", (filled, filler):
            return _filled(_value(filled, inputs), filler, inputs)
        case "METRICS", ():
            return list(inputs.metrics.values())
        case "METRICS", (String(part),):
            return [series for name, series in inputs.metrics.items() if part in name]
        case "PERIOD", (Name(_),):
            return float(inputs.period)
        case "TIME_SERIES", (argument,):
            return (_scalar(_value(argument, inputs)),) * inputs.periods
        case _, (argument,) if function in POINTWISE:
            return _each(POINTWISE[function], _value(argument, inputs))
        case _, (argument,) if function in AGGREGATES:
            return _aggregate(function, _value(argument, inputs))
        case "METRIC_COUNT", (argument,):
            return float(len(_series_in(_value(argument, inputs))))
        case _:
            raise ExpressionError(f"{function} of {len(arguments)} arguments is not supported here")


def _each(function: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, list):
        return [_mapped(function, series) for series in value]
    return _mapped(function, value) if isinstance(value, tuple) else float(function(value))


def _mapped(function: Callable[[float], float], series: Series) -> Series:
    return tuple(None if value is None else float(function(value)) for value in series)


def _binary(function: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, list) and isinstance(right, list):
        raise ExpressionError("an operator cannot take two arrays")
    if isinstance(left, list):
        return [_paired(function, series, right) for series in left]
    if isinstance(right, list):
        return [_paired(function, left, series) for series in right]
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _paired(function, left, right)
    return float(function(left, right))


def _paired(function: Callable[[float, float], float], left: Value, right: Value) -> Series:
    pairs = zip(_slots(left, right), _slots(right, left), strict=True)
    return tuple(_kept(function, *pair) for pair in pairs)


def _slots(value: Value, other: Value) -> Series:
    """A value for each period; a scalar counts where the other operand has a value."""
    if isinstance(value, tuple):
        return value
    return tuple(None if beside is None else _scalar(value) for beside in _as_series(other))


def _kept(
    function: Callable[[float, float], float], left: float | None, right: float | None
) -> float | None:
    if left is None and right is None:
        return None
    result = float(function(left or 0.0, right or 0.0))
    return None if math.isnan(result) else result


def _aggregate(function: str, value: Value) -> Value:
    """A scalar for one series; for an array a series, aggregated period by period."""
    combine = AGGREGATES[function]
    if isinstance(value, tuple):
        there = [each for each in value if each is not None]
        return float(combine(there)) if there else math.nan
    columns = zip(*_series_in(value), strict=True)
    return tuple(_combined(combine, column, function) for column in columns)


def _combined(
    combine: Callable[[Sequence[float]], float], column: Series, function: str
) -> float | None:
    there = [each for each in column if each is not None]
    if not there:
        return None
    # the guide: AVG counts missing values as 0; MIN and MAX leave them out
    missing = [0.0] * (len(column) - len(there)) if function == "AVG" else []
    return float(combine(there + missing))


def _filled(value: Value, filler: Expression, inputs: MathInputs) -> Value:
    if isinstance(value, list):
        return [_fill(series, filler, inputs) for series in value]
    return _fill(_as_series(value), filler, inputs)


def _fill(series: Series, filler: Expression, inputs: MathInputs) -> Series:
    if not inputs.fills_empty and all(value is None for value in series):
        return series
    if filler == Name("REPEAT"):
        return _repeated(series)
    values = _value(filler, inputs)
    fillers = values if isinstance(values, tuple) else (_scalar(values),) * len(series)
    pairs = zip(series, fillers, strict=True)
    return tuple(other if value is None else value for value, other in pairs)


def _repeated(series: Series) -> Series:
    """REPEAT: each missing value is the last one before it, if there is one."""
    filled: list[float | None] = []
    for value in series:
        filled.append(filled[-1] if value is None and filled else value)
    return tuple(filled)


def _if(condition: Value, chosen: Value, otherwise: Value | None = None) -> Value:
    if isinstance(condition, tuple):
        return tuple(
            _picked(truth, chosen, otherwise, place) for place, truth in enumerate(condition)
        )
    value = chosen if _scalar(condition) else otherwise
    return tuple(None for _ in _as_series(chosen)) if value is None else value


def _picked(
    truth: float | None, chosen: Value, otherwise: Value | None, place: int
) -> float | None:
    """The guide's rules: a missing value is 0 in the first branch and dropped in the second."""
    if truth is None:
        return None
    value = chosen if truth else otherwise
    if value is None:
        return None
    picked = value[place] if isinstance(value, tuple) else _scalar(value)
    return 0.0 if picked is None and truth else picked


def _as_series(value: Value) -> Series:
    if not isinstance(value, tuple):
        raise ExpressionError("a time series is needed here")
    return value


def _series_in(value: Value) -> list[Series]:
    return value if isinstance(value, list) else [_as_series(value)]


def _scalar(value: Value) -> float:
    if isinstance(value, tuple | list):
        raise ExpressionError("a scalar is needed here")
    return value

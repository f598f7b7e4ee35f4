"""The functions of `stats`, over many rows. Rows without the operand do not count."""

import math
import statistics
from collections.abc import Callable, Sequence

from localcloud.aws.logs_insights.values import Value, number, shown, sort_key

Aggregate = Callable[[Sequence[Value], Sequence[Value]], Value]
"""A function of the operand's values in all rows and of the further operands (constants)."""


def percentile(values: Sequence[float], percent: float) -> float:
    """A percentile, interpolated between the two nearest values."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _of_numbers(function: Callable[[list[float]], float]) -> Aggregate:
    def apply(values: Sequence[Value], _: Sequence[Value]) -> Value:
        numbers = [given for value in values if (given := number(value)) is not None]
        return function(numbers) if numbers else None

    return apply


def _percentile(values: Sequence[Value], operands: Sequence[Value]) -> Value:
    numbers = [given for value in values if (given := number(value)) is not None]
    percent = number(operands[0])
    return percentile(numbers, percent) if numbers and percent is not None else None


def _deviation(numbers: list[float]) -> float:
    return statistics.pstdev(numbers)


AGGREGATES: dict[str, Aggregate] = {
    "count": lambda values, _: float(len(values)),
    "count_distinct": lambda values, _: float(len({shown(value) for value in values})),
    "sum": _of_numbers(math.fsum),
    "avg": _of_numbers(statistics.fmean),
    "min": lambda values, _: min(values, key=sort_key, default=None),
    "max": lambda values, _: max(values, key=sort_key, default=None),
    "stddev": _of_numbers(_deviation),
    "median": _of_numbers(statistics.median),
    "pct": _percentile,
    "earliest": lambda values, _: values[0] if values else None,
    "latest": lambda values, _: values[-1] if values else None,
}
"""The functions by name; they get the values in the order of time."""

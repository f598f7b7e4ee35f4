"""The values of a query: text, numbers and times; a missing value is None."""

from datetime import UTC, datetime


class Timestamp(float):
    """A time in milliseconds since the epoch, printed as by Insights."""

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self / 1000, UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S}.{int(self) % 1000:03}"


Value = str | float | Timestamp | None
Row = dict[str, Value]


def number(value: Value) -> float | None:
    """The value as a number, text with a number included; None for any other value."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value


def is_true(value: Value) -> bool:
    """Whether a condition is true: its value is 1 or 0."""
    return bool(number(value))


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1, by number if both are numbers, else by text; None if a value is missing."""
    if left is None or right is None:
        return None
    first, second = number(left), number(right)
    if first is None or second is None:
        return (str(left) > str(right)) - (str(left) < str(right))
    return (first > second) - (first < second)


def sort_key(value: Value) -> tuple[int, float, str]:
    """The order of a column: numbers, then text, then missing values."""
    if value is None:
        return 2, 0.0, ""
    as_number = number(value)
    return (1, 0.0, str(value)) if as_number is None else (0, as_number, "")


def shown(value: Value) -> str:
    """The value as text, as results have it."""
    if isinstance(value, float) and not isinstance(value, Timestamp) and value.is_integer():
        return str(int(value))
    return str(value)

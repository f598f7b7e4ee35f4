"""How a table of right settings is written, and what in a resource differs from it."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from policies.pulumi_policy_internals import UnknownValueError
from policies.stack.resource_graph import Resource


@dataclass(frozen=True)
class Right:
    """What a setting has to be.

    property: its path; [] stands for each element of a list, and a path may lead into JSON text.
        If its holder is absent, so is the setting, and nothing is wrong.
    is_right: of a value, which is None if the setting is absent.
    words: what is right, after "it has to be". why: what happens otherwise.
    """

    property: str
    is_right: Callable[[Any], bool]
    words: str
    why: str


Table = Mapping[str, Sequence[Right]]
"""Type -> its settings."""


def one_of(property_: str, values: Collection[Any], why: str) -> Right:
    """A setting with one of these values; None among them stands for none."""
    words = " or ".join("absent" if value is None else str(value) for value in values)
    return Right(property_, lambda value: value in values, words, why)


def between(property_: str, low: float, high: float, why: str) -> Right:
    """A number in a range, both ends included."""

    def is_between(value: Any) -> bool:
        return isinstance(value, int | float) and low <= value <= high

    return Right(property_, is_between, f"from {low:,} to {high:,}", why)


def optional(right: Right) -> Right:
    """A setting that may be absent."""
    return Right(
        right.property,
        lambda value: value is None or right.is_right(value),
        f"{right.words}, or absent",
        right.why,
    )


def wrong_settings(resource: Resource, table: Table) -> Iterator[str]:
    """A message for each setting that is not as the table says; unknown ones are left out."""
    for right in table[resource.type]:
        for value in _values(resource.props, right.property.replace("[]", ".[]").split(".")):
            if not right.is_right(value):
                shown = "absent" if value is None else _shown(value)
                yield f"{right.property} is {shown}, it has to be {right.words}: {right.why}"


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(str(each) for each in cast('Sequence[Any]', value))}]"
    # the engine sends all numbers as floats
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    holder: Any = json.loads(value) if isinstance(value, str) and path else value
    if not path:
        yield holder
    elif path[0] == "[]":
        for each in holder or ():
            yield from _values(each, path[1:])
    elif holder is not None:
        try:
            inner: Any = holder.get(path[0])
        except UnknownValueError:
            return
        if inner is not None or not path[1:]:
            yield from _values(inner, path[1:])

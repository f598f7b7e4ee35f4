"""How a type of Pulumi's is said in CloudFormation: names by path, everything else capitalised."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Json = dict[str, Any]

Said = Callable[[Any, Json], Json]
"""An input's value, and the object it stands in, to what that adds to the object's counterpart."""


@dataclass(frozen=True)
class LeftOut:
    """An input that CloudFormation has no word for."""

    reason: str


Names = Mapping[str, str | Said | LeftOut]
"""By an input's path (`ttl.enabled`; lists are no step): its name, with `.` between steps if it
stands deeper, or how it is said. What has none is capitalised; if that is wrong, the schema does
not know the property."""


@dataclass(frozen=True)
class Shape:
    """A type that CloudFormation has too.

    type: CloudFormation's name of it.
    outputs: by the provider's name, a text for `Fn::Sub` in which % is the logical id.
    besides: what `publish` makes that is a resource of its own to CloudFormation: the suffix of its
        logical id -> its type and properties.
    """

    type: str
    names: Names = field(default_factory=dict[str, str | Said | LeftOut])
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    besides: Mapping[str, tuple[str, Mapping[str, str]]] = field(
        default_factory=dict[str, tuple[str, Mapping[str, str]]]
    )


@dataclass(frozen=True)
class Part:
    """A type that CloudFormation has as a property of another.

    of: Pulumi's type of the whole.
    by: the inputs that tell which whole, and what they equal: an input of the whole, or its `id`.
    item_of: the whole's list that it is an item of; empty: its properties are the whole's.
    """

    of: str
    by: Mapping[str, str]
    names: Names = field(default_factory=dict[str, str | Said | LeftOut])
    item_of: str = ""


def translated(names: Names, inputs: Json) -> Json:
    """The properties that CloudFormation would be given for these inputs."""
    return _object(names, inputs, "")


def merge(whole: Json, fragment: Json) -> None:
    """Add to an object: objects are merged, lists joined, a second value of anything refused."""
    for name, value in fragment.items():
        held: Any = whole.get(name)
        if held is None:
            whole[name] = value
        elif isinstance(held, dict) and isinstance(value, dict):
            merge(cast("Json", held), cast("Json", value))
        elif isinstance(held, list) and isinstance(value, list):
            whole[name] = [*cast("list[Any]", held), *cast("list[Any]", value)]
        else:
            raise ValueError(f"two values of {name}")


def _object(names: Names, given: Json, path: str) -> Json:
    made: Json = {}
    # in the order of their names, so that the hashKey comes before the rangeKey
    for name, value in sorted(given.items()):
        where = f"{path}.{name}" if path else name
        said = names.get(where, name[:1].upper() + name[1:])
        if value is None or isinstance(said, LeftOut):
            continue
        if isinstance(said, str):
            fragment: Any = _value(names, value, where)
            for step in reversed(said.split(".")):
                fragment = {step: fragment}
        else:
            fragment = said(value, given)
        merge(made, fragment)
    return made


def _value(names: Names, value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return _object(names, cast("Json", value), path)
    if isinstance(value, list):
        return [_value(names, each, path) for each in cast("list[Any]", value)]
    # Pulumi's numbers are all floating
    return int(value) if isinstance(value, float) and value.is_integer() else value

"""How a type of Pulumi's maps to CloudFormation: names by path; all other names are capitalised."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Json = dict[str, Any]

Converter = Callable[[Any, Json], Json]
"""(an input's value, the object that holds the input) -> what to add to the object's properties."""


@dataclass(frozen=True)
class Omitted:
    """An input that CloudFormation does not have."""

    reason: str


PropertyNames = Mapping[str, str | Converter | Omitted]
"""Path of an input (`ttl.enabled`; lists are no step) -> CloudFormation's name, with `.` between
the steps if it is nested, or a converter. An input without an entry is capitalised; if that is
wrong, the schema does not know the property."""


@dataclass(frozen=True)
class ResourceMapping:
    """A type that is a resource in CloudFormation too.

    type: CloudFormation's type.
    outputs: the provider's name -> a text for `Fn::Sub`, in which % stands for the logical id.
    published: resources that CloudFormation has where Pulumi has the input `publish`: suffix of the
        logical id -> type and properties.
    """

    type: str
    names: PropertyNames = field(default_factory=dict[str, str | Converter | Omitted])
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    published: Mapping[str, tuple[str, Mapping[str, str]]] = field(
        default_factory=dict[str, tuple[str, Mapping[str, str]]]
    )


@dataclass(frozen=True)
class PropertyMapping:
    """A type that is a property of another resource in CloudFormation.

    owner: Pulumi's type of that resource.
    owner_inputs: inputs that identify the owner -> the owner's input that equals them, or `id`.
    item_of: the owner's list that it is an item of; empty: its properties are the owner's.
    """

    owner: str
    owner_inputs: Mapping[str, str]
    names: PropertyNames = field(default_factory=dict[str, str | Converter | Omitted])
    item_of: str = ""


def properties_of(names: PropertyNames, inputs: Json) -> Json:
    """CloudFormation's properties for these inputs."""
    return _object(names, inputs, "")


def merge(properties: Json, more: Json) -> None:
    """Add to properties: merge objects, join lists. Raises ValueError on two other values."""
    for name, value in more.items():
        held: Any = properties.get(name)
        if held is None:
            properties[name] = value
        elif isinstance(held, dict) and isinstance(value, dict):
            merge(cast("Json", held), cast("Json", value))
        elif isinstance(held, list) and isinstance(value, list):
            properties[name] = [*cast("list[Any]", held), *cast("list[Any]", value)]
        else:
            raise ValueError(f"two values of {name}")


def _object(names: PropertyNames, inputs: Json, path: str) -> Json:
    properties: Json = {}
    # sorted by name, so that hashKey comes before rangeKey
    for name, value in sorted(inputs.items()):
        where = f"{path}.{name}" if path else name
        mapped = names.get(where, name[:1].upper() + name[1:])
        if value is None or isinstance(mapped, Omitted):
            continue
        if isinstance(mapped, str):
            converted: Any = _value(names, value, where)
            for step in reversed(mapped.split(".")):
                converted = {step: converted}
        else:
            converted = mapped(value, inputs)
        merge(properties, converted)
    return properties


def _value(names: PropertyNames, value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return _object(names, cast("Json", value), path)
    if isinstance(value, list):
        return [_value(names, each, path) for each in cast("list[Any]", value)]
    # Pulumi sends all numbers as floats.
    return int(value) if isinstance(value, float) and value.is_integer() else value

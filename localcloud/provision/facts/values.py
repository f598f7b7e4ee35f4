"""A resource's properties as the facts see them: plain values, some of them not known yet."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from localcloud.provision.facts.model import TypeFacts

Properties = Mapping[str, Any]


class _Unknown:
    def __repr__(self) -> str:
        return "(not known yet)"


UNKNOWN: Final = _Unknown()
"""A value that only AWS will say, in a preview."""

DEFAULTS = "__defaults"
"""The input in which pulumi-aws notes which others it has filled in."""


def walk(
    facts: TypeFacts, value: Any, path: str = "", where: str = ""
) -> Iterator[tuple[str, str, Any]]:
    """Every value below: its path in the facts, such as `rules[].id`; its own, `rules[0].id`."""
    if isinstance(value, Mapping):
        for name, each in cast("Properties", value).items():
            below = f"{where}.{name}" if where else name
            free = f"{path}.*" in facts.paths
            yield from _and_below(facts, each, f"{path}.*" if free else join(path, name), below)
    elif isinstance(value, list):
        for index, each in enumerate(cast("list[Any]", value)):
            yield from _and_below(facts, each, f"{path}[]", f"{where}[{index}]")


def join(path: str, name: str) -> str:
    """The path of a property of what is at a path."""
    return f"{path}.{name}" if path else name


def at(value: Any, path: str) -> Any:
    """The value at a path such as `serverSideEncryption.kmsKeyArn`; None without one."""
    for name in path.split("."):
        if value is UNKNOWN:
            return UNKNOWN
        value = cast("Properties", value).get(name) if isinstance(value, Mapping) else None
    return value


def is_known(value: Any) -> bool:
    """Whether nothing of a value is unknown."""
    if isinstance(value, Mapping):
        return all(map(is_known, cast("Properties", value).values()))
    if isinstance(value, list):
        return all(map(is_known, cast("list[Any]", value)))
    return value is not UNKNOWN


def is_given(facts: TypeFacts, inputs: Properties, path: str) -> bool:
    """Whether the program gives it a value of its own, which is not the provider's default."""
    value = at(inputs, path)
    if value is UNKNOWN:
        return True
    fact = facts.properties.get(path)
    nothing: tuple[Any, ...] = (None, False, "", [], {}, fact.default if fact else None)
    return not any(is_same(value, each) for each in nothing)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal; to Python, but not here, true is 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def undescribed(facts: TypeFacts, inputs: Properties) -> list[str]:
    """The paths of what the program gives and the facts do not know."""
    return sorted(
        {path for path, _, _ in walk(facts, inputs) if path not in facts.paths}
        - {DEFAULTS, f"{DEFAULTS}[]"}
    )


def _and_below(
    facts: TypeFacts, value: Any, path: str, where: str
) -> Iterator[tuple[str, str, Any]]:
    yield path, where, value
    yield from walk(facts, value, path, where)

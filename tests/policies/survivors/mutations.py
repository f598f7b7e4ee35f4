"""Each property of a resource changed alone: dropped, weakened, swapped, widened, renamed."""

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pulumi
from pulumi.output import Unknown

from declared.resources import DeclaredResource

Path = tuple[str | int, ...]
"""Steps into a resource's inputs; they also lead into JSON text."""

OTHER_ACCOUNT = "999999999999"
_ABSENT = object()
_WIDENED = frozenset({"Action", "Resource", "Principal", "Service", "AWS"})
"""Elements of a statement that `*` makes wider."""


@dataclass(frozen=True)
class Kind:
    """What all mutants that change the same property of the same type in the same way share.

    property: the path, with [] for each index and * for the name of each state.
    """

    type: str
    property: str
    mutation: str


@dataclass(frozen=True)
class MachineMutant:
    """A resource with one change.

    input: the input that the change lies in.
    """

    kind: Kind
    resource: DeclaredResource
    input: str


def mutants_of(
    resource: DeclaredResource, others: Mapping[str, list[DeclaredResource]]
) -> Iterator[MachineMutant]:
    """All mutants of a resource.

    others: type -> all declared resources of the type, from which `swap` takes values.
    """
    for path, value in _properties(resource.inputs):
        name, kind = str(path[0]), _pattern(path)
        peers = [each for each in others[resource.type] if each.urn != resource.urn]
        own = resource.property_dependencies.get(name, frozenset[str]())
        for mutation, new in _changes(path, value, peers, own):
            if isinstance(new, DeclaredResource):
                changed = _with_sources(resource, name, new.property_dependencies[name])
            else:
                changed = replace(resource, inputs=_with(resource.inputs, path, new))
                if len(path) == 1 and isinstance(value, Unknown):
                    changed = _with_sources(changed, name, frozenset())
            yield MachineMutant(Kind(resource.type, kind, mutation), changed, name)


def _properties(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every (path, value) below a value: the holders and the leaves."""
    if path:
        yield path, value
    inner: Any = _parsed(value)
    for step in _steps(inner):
        yield from _properties(inner[step], (*path, step))


def _steps(holder: Any) -> Iterable[str | int]:
    if isinstance(holder, dict):
        return cast("dict[str, Any]", holder)
    return range(len(cast("list[Any]", holder))) if isinstance(holder, list) else ()


def _changes(
    path: Path, value: Any, peers: list[DeclaredResource], own: frozenset[str]
) -> Iterator[tuple[str, Any]]:
    """Every (mutation, new value) of one property; own: the URNs that an unknown value is from.

    A peer as the new value: where an unknown one comes from.
    """
    yield "drop", _ABSENT
    in_document = {"Statement", "Principal"} & set(map(str, path))
    if in_document and path[-1] in _WIDENED and value != ["*"]:
        yield "widen", "*"
    if isinstance(value, bool):
        yield "flip", not value
    elif isinstance(value, int | float):
        yield "more", value * 10 or 1
        if value:
            yield "less", value // 10
    elif isinstance(value, Unknown):
        yield "rename", f"arn:aws:iam::{OTHER_ACCOUNT}:role/x"
    elif isinstance(value, str) and _parsed(value) is value:
        yield from _changed_texts(value, widens=bool(in_document) or isinstance(path[-1], int))
    elif not isinstance(value, str) and value and isinstance(_parsed(value), list):
        yield "empty", []
    yield from _swapped(path, value, peers, own)


def _changed_texts(value: str, *, widens: bool) -> Iterator[tuple[str, str]]:
    if value in ("Allow", "Deny"):
        yield "flip", "Deny" if value == "Allow" else "Allow"
        return
    yield "rename", f"{value}x"
    if re.search(r":\d{12}:", value):
        yield "other account", re.sub(r":\d{12}:", f":{OTHER_ACCOUNT}:", value)
    if value.startswith("arn:"):
        yield "widen", f"{':'.join(value.split(':')[:5])}:*"
    elif widens and value != "*":
        yield "widen", "*"


def _swapped(
    path: Path, value: Any, peers: list[DeclaredResource], own: frozenset[str]
) -> Iterator[tuple[str, Any]]:
    """The value of the next resource of the type that has another one."""
    for peer in peers:
        if isinstance(value, Unknown):
            sources = peer.property_dependencies.get(str(path[0]), frozenset())
            if sources and sources != own:
                yield "swap", peer
                return
            continue
        found = _at(peer.inputs, path)
        if found is not _ABSENT and not isinstance(found, Unknown) and not _same(found, value):
            yield "swap", found
            return


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal; of two unknown values inside of them nobody knows more."""
    if isinstance(one, pulumi.FileArchive) and isinstance(other, pulumi.FileArchive):
        return one.path == other.path
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        first, second = cast(dict[str, Any], one), cast(dict[str, Any], other)
        return first.keys() == second.keys() and all(_same(first[k], second[k]) for k in first)
    if isinstance(one, list) and isinstance(other, list):
        pair = cast(list[Any], one), cast(list[Any], other)
        return len(pair[0]) == len(pair[1]) and all(map(_same, *pair))
    return one == other


def _with_sources(
    resource: DeclaredResource, input_: str, sources: frozenset[str]
) -> DeclaredResource:
    """The resource, whose unknown input comes from other resources."""
    every = {**resource.property_dependencies, input_: sources}
    return replace(resource, property_dependencies={k: v for k, v in every.items() if v})


def _at(inputs: Any, path: Path) -> Any:
    value = inputs
    for step in path:
        try:
            value = _parsed(value)[step]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return value


def _with(holder: Any, path: Path, new: Any) -> Any:
    """A copy of a value with one property changed."""
    if isinstance(holder, str):
        return json.dumps(_with(json.loads(holder), path, new), ensure_ascii=False)
    changed = copy.copy(holder)
    step: Any = path[0]
    if len(path) > 1:
        changed[step] = _with(holder[step], path[1:], new)
    elif new is _ABSENT:
        del changed[step]
    else:
        changed[step] = new
    return changed


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _pattern(path: Path) -> str:
    text = "".join("[]" if isinstance(step, int) else f".{step}" for step in path)[1:]
    text = re.sub(r"\bStates\.[^.]+", "States.*", text)
    return re.sub(r"(States\.\*\.ItemProcessor\.)+", "", text)

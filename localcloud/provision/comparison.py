"""Compares what was declared with what a service holds, property by property."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pulumi import FileArchive

ABSENT = "nothing"


@dataclass(frozen=True)
class Difference:
    """A property not held as declared; `path` is like `ttl.attributeName` or `indexes[0]`."""

    path: str
    declared: Any
    held: Any


def differences(
    declared: Mapping[str, Any], held: Mapping[str, Any], path: str = ""
) -> Iterator[Difference]:
    """Yield every declared property that is not held; further properties held do not count.

    A property that was not read back counts as not held. Lists are equal in any order, since AWS
    returns sets in any order. JSON texts are compared as parsed values.
    """
    for name, value in declared.items():
        if value is not None:
            where = f"{path}.{name}" if path else name
            yield from _differences_of(value, held.get(name), where)


def archive_hash(archive: FileArchive) -> str:
    """The SHA-256 of a zip in base64: Lambda's CodeSha256."""
    digest = hashlib.sha256(Path(archive.path).read_bytes()).digest()
    return base64.b64encode(digest).decode()


def _differences_of(declared: Any, held: Any, path: str) -> Iterator[Difference]:
    declared, held = _normalised(declared), _normalised(held)
    if held is None:
        yield Difference(path, declared, ABSENT)
    elif isinstance(declared, dict) and isinstance(held, dict):
        yield from differences(cast("dict[str, Any]", declared), cast("dict[str, Any]", held), path)
    elif isinstance(declared, list) and isinstance(held, list):
        yield from _item_differences(cast("list[Any]", declared), cast("list[Any]", held), path)
    elif declared != held or isinstance(declared, bool) != isinstance(held, bool):
        yield Difference(path, declared, held)


def _item_differences(declared: list[Any], held: list[Any], path: str) -> Iterator[Difference]:
    pairs = _pairs(declared, held)
    missing = [index for index in range(len(declared)) if index not in pairs.values()]
    left = [index for index in range(len(held)) if index not in pairs]
    if len(missing) == len(left):
        for place, other in zip(missing, left, strict=True):
            yield from _differences_of(declared[place], held[other], f"{path}[{place}]")
    else:
        yield Difference(path, declared, held)


def _pairs(declared: list[Any], held: list[Any]) -> dict[int, int]:
    """The largest matching of equal items: held index to declared index (augmenting paths)."""
    pairs: dict[int, int] = {}

    def match(index: int, tried: set[int]) -> bool:
        for other, item in enumerate(held):
            if other not in tried and _holds(declared[index], item):
                tried.add(other)
                if other not in pairs or match(pairs[other], tried):
                    pairs[other] = index
                    return True
        return False

    for index in range(len(declared)):
        match(index, set())
    return pairs


def _holds(declared: Any, held: Any) -> bool:
    return held is not None and next(_differences_of(declared, held, ""), None) is None


def _normalised(value: Any) -> Any:
    """The value as it is compared: JSON is parsed, 1.0 is 1, an archive is its hash."""
    if isinstance(value, FileArchive):
        return archive_hash(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value

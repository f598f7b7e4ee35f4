"""What was declared against what is held: every declared property, named by its path."""

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
    """A property not held as declared; `path` is such as `ttl.attributeName` or `indexes[0]`."""

    path: str
    declared: Any
    held: Any


def differences(
    declared: Mapping[str, Any], held: Mapping[str, Any], path: str = ""
) -> Iterator[Difference]:
    """Every declared property that is not held; what is held beyond that is the service's own.

    A property that was not read back counts as not held, whatever was declared. Lists are equal in
    any order, since AWS returns its sets in any. Texts that are JSON are compared as what they say.
    """
    for name, value in declared.items():
        if value is not None:
            where = f"{path}.{name}" if path else name
            yield from _differences_of(value, held.get(name), where)


def archive_hash(archive: FileArchive) -> str:
    """The base64 of the SHA-256 of a zip, which Lambda calls CodeSha256."""
    digest = hashlib.sha256(Path(archive.path).read_bytes()).digest()
    return base64.b64encode(digest).decode()


def _differences_of(declared: Any, held: Any, path: str) -> Iterator[Difference]:
    declared, held = _meaning(declared), _meaning(held)
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
        for ours, theirs in zip(missing, left, strict=True):
            yield from _differences_of(declared[ours], held[theirs], f"{path}[{ours}]")
    else:
        yield Difference(path, declared, held)


def _pairs(declared: list[Any], held: list[Any]) -> dict[int, int]:
    """As many declared items as possible, each by the index of a held item that holds it."""
    pairs: dict[int, int] = {}

    def place(ours: int, tried: set[int]) -> bool:
        for theirs, item in enumerate(held):
            if theirs not in tried and _holds(declared[ours], item):
                tried.add(theirs)
                if theirs not in pairs or place(pairs[theirs], tried):
                    pairs[theirs] = ours
                    return True
        return False

    for ours in range(len(declared)):
        place(ours, set())
    return pairs


def _holds(declared: Any, held: Any) -> bool:
    return held is not None and next(_differences_of(declared, held, ""), None) is None


def _meaning(value: Any) -> Any:
    """The value as it is compared: JSON parsed, whole numbers whole, an archive as its hash."""
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

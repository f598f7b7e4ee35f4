"""The list of the kinds of mutants that no policy reports, each with a reason."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from tests.policies.survivors.mutations import Kind

LIST = Path(__file__).with_name("survivors.yaml")


@dataclass(frozen=True)
class Entry:
    """Kinds that survive for one reason.

    type: of the resources. properties: their paths; * stands for any text.
    mutations: empty stands for all. matters: False if such a mutant is as good as the original, or
    AWS, the provider or the SDK refuses it before it could do harm.
    """

    type: str
    properties: tuple[str, ...]
    reason: str
    mutations: tuple[str, ...] = ()
    matters: bool = True

    def lists(self, kind: Kind, patterns: Iterable[str] | None = None) -> bool:
        """Whether a kind is meant; patterns: instead of all properties."""
        return (
            _matches(self.type, kind.type)
            and (not self.mutations or kind.mutation in self.mutations)
            and any(_matches(each, kind.property) for each in patterns or self.properties)
        )


def entries(path: Path = LIST) -> list[Entry]:
    """The list. Raises KeyError if an entry lacks type, properties or reason."""
    read = cast("list[dict[str, Any]]", yaml.safe_load(path.read_text()))
    return [
        Entry(
            each["type"],
            tuple(each["properties"]),
            each["reason"],
            tuple(each.get("mutations", ())),
            each.get("matters", True),
        )
        for each in read
    ]


def unlisted(survivors: Iterable[Kind], listed: Collection[Entry]) -> list[Kind]:
    """The survivors that no entry explains."""
    return [kind for kind in survivors if not any(entry.lists(kind) for entry in listed)]


def stale(survivors: Collection[Kind], listed: Iterable[Entry]) -> list[tuple[Entry, str]]:
    """The (entry, property or mutation) pairs of the list for which nothing survives any more."""
    found: list[tuple[Entry, str]] = []
    for entry in listed:
        kinds = [kind for kind in survivors if entry.lists(kind)]
        found += [
            (entry, each)
            for each in entry.properties
            if not any(entry.lists(kind, [each]) for kind in kinds)
        ]
        alive = {kind.mutation for kind in kinds}
        found += [(entry, mutation) for mutation in entry.mutations if mutation not in alive]
    return found


def _matches(pattern: str, text: str) -> bool:
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text))

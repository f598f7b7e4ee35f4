"""What a change of inputs does: which properties differ, whether they replace, in which order."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from localcloud.provision.facts.model import Property, TypeFacts, ancestry
from localcloud.provision.facts.naming import filled_in
from localcloud.provision.facts.values import DEFAULTS, UNKNOWN, Properties, is_given, is_same, join

_NOTHING = Property()
_EMPTY: tuple[Any, ...] = (None, [], {})
"""Terraform takes an empty list or map for none."""


@dataclass(frozen=True)
class Change:
    """From one set of inputs to another, by top-level property.

    replacing: those that replace the resource. delete_first: the old one goes before the new one
    comes. perpetual: those that differ at every update, with the reason.
    """

    changed: tuple[str, ...]
    replacing: tuple[str, ...]
    delete_first: bool
    perpetual: Mapping[str, str]


def change(facts: TypeFacts, old: Properties, new: Properties) -> Change:
    """What the provider makes of it."""
    paths = set(differences(facts, old, new))
    perpetual = dict(_perpetual(facts, new))
    replacing = {
        _top(path)
        for path in paths
        if any(facts.properties.get(part, _NOTHING).force_new for part in ancestry(path))
    }
    return Change(
        tuple(sorted({_top(path) for path in paths} | perpetual.keys())),
        tuple(sorted(replacing)),
        bool(replacing) and deletes_first(facts, new),
        perpetual,
    )


def deletes_first(facts: TypeFacts, new: Properties) -> bool:
    """Whether a replacement deletes the old resource before it creates the new one.

    pulumi-terraform-bridge (nameRequiresDeleteBeforeReplace): so it is wherever the program gives a
    property that could be auto-named, even if that changes; what is auto-named is created first.
    """
    named = facts.auto_named
    if named is None or new.get(named.property) is None:
        return facts.delete_before_replace
    return facts.delete_before_replace or named.property not in filled_in(new)


def renewed(facts: TypeFacts, changed: tuple[str, ...], new: Properties) -> list[str]:
    """The outputs whose values an update changes, so that a preview does not know them."""
    return [
        output
        for each in facts.renews
        if (not each.changed or any(name in each.changed for name in changed))
        and all(is_given(facts, new, name) for name in each.given)
        for output in each.outputs
    ]


def filled_in_by_aws(facts: TypeFacts, inputs: Properties) -> list[str]:
    """The properties that AWS will fill in: a preview of a new resource does not know them."""
    return [
        path
        for path, fact in facts.properties.items()
        if fact.computed and path not in inputs and "." not in path and "[" not in path
    ]


def differences(
    facts: TypeFacts, old: Properties, new: Properties, path: str = ""
) -> Iterator[str]:
    """The paths, in the facts, of what differs."""
    for name in sorted({*old, *new} - {DEFAULTS}):
        free = f"{path}.*" in facts.paths
        below = f"{path}.*" if free else join(path, name)
        yield from _differences_of(facts, below, old.get(name), new.get(name))


def _differences_of(facts: TypeFacts, path: str, old: Any, new: Any) -> Iterator[str]:
    fact = facts.properties.get(path, _NOTHING)
    if new is None and (fact.kept or fact.computed):
        return
    old, new = (fact.default if each in _EMPTY else each for each in (old, new))
    if UNKNOWN in (old, new):
        yield path
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from differences(facts, cast("Properties", old), cast("Properties", new), path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _items(facts, path, cast("list[Any]", old), cast("list[Any]", new))
    elif not _same(fact, old, new):
        yield path


def _items(facts: TypeFacts, path: str, old: list[Any], new: list[Any]) -> Iterator[str]:
    if facts.properties.get(path, _NOTHING).set:
        old, new = (sorted(each, key=_canonical) for each in (old, new))
    if len(old) != len(new):
        yield path
    else:
        for before, after in zip(old, new, strict=True):
            yield from _differences_of(facts, f"{path}[]", before, after)


def _same(fact: Property, old: Any, new: Any) -> bool:
    if isinstance(old, str) and isinstance(new, str):
        return old == new or _SAME[fact.same](old, new)
    return is_same(old, new)


def _same_json(old: str, new: str) -> bool:
    return _json(old) == _json(new)


def _same_policy(old: str, new: str) -> bool:
    return _statements(_json(old)) == _statements(_json(new))


def _same_function(old: str, new: str) -> bool:
    return new == _function_name(old) or old == _function_name(new)


def _same_last_segment(old: str, new: str) -> bool:
    return old.rpartition("/")[2] == new.rpartition("/")[2]


def _never(_old: str, _new: str) -> bool:
    return False


_SAME = {
    None: _never,
    "function": _same_function,
    "json": _same_json,
    "last_segment": _same_last_segment,
    "policy": _same_policy,
}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _statements(value: Any) -> Any:
    """A policy document in one form: lists without order, a list of one as its item."""
    if isinstance(value, dict):
        return {name: _statements(each) for name, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        items = sorted((_statements(each) for each in cast("list[Any]", value)), key=_canonical)
        return items[0] if len(items) == 1 else items
    return value


def _function_name(text: str) -> str:
    """The name in a function's ARN, with or without a qualifier; of a name itself."""
    parts = text.split(":")
    return parts[6] if len(parts) > 6 else parts[0]  # noqa: PLR2004 - parts of such an ARN


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _perpetual(facts: TypeFacts, new: Properties) -> Iterator[tuple[str, str]]:
    for path, fact in facts.properties.items():
        value = new.get(path)
        if fact.perpetual and isinstance(value, str) and re.search(fact.perpetual.pattern, value):
            yield path, fact.perpetual.because


def _top(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]

"""`python -m tests.policies.survivors`: judge every mutant, and say what the list lacks.

It takes minutes. With `--write` it adds the kinds that are not listed, without a reason, and takes
out what does not survive any more: write the reasons, then run it again. With `--only TEXT` it
tries the kinds in whose type and property (`aws:sqs/queue:Queue delaySeconds`) the text stands.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterable

import yaml

from tests.policies.survivors.judge import environment
from tests.policies.survivors.listed import LIST, Entry, entries, stale, unlisted
from tests.policies.survivors.mutations import Kind
from tests.policies.survivors.stack import STACK, mutated_stack, settings


def main() -> int:
    """Print the counts and the differences; 1 if there are any."""
    parser = argparse.ArgumentParser(prog="tests.policies.survivors")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT")
    given = parser.parse_args()
    if given.write and given.only:
        parser.error("--write needs all kinds: leave out --only")
    config, secret_keys = settings()
    os.environ.update(environment(STACK, config, secret_keys))
    stack = mutated_stack(config)
    kinds = {
        kind: made
        for kind, made in stack.mutants.items()
        if not given.only or any(text in f"{kind.type} {kind.property}" for text in given.only)
    }
    survivors = stack.survivors(kinds)
    listed = entries()
    new = unlisted(survivors, listed)
    gone = [] if given.only else stale(survivors, listed)
    made = sum(map(len, kinds.values()))
    print(f"{made} mutants of {len(kinds)} kinds; of {len(survivors)} kinds one survives")
    print(properties_that_matter(kinds, survivors, listed))
    for kind in new:
        print(f"not listed: {kind.type} {kind.property}: {kind.mutation}")
    for entry, what in gone:
        print(f"survives no more: {entry.type} {what} ({entry.reason})")
    if given.write:
        write([*without(listed, gone), *without_reason(new)])
    return 1 if new or gone else 0


def properties_that_matter(
    kinds: Iterable[Kind], survivors: Iterable[Kind], listed: list[Entry]
) -> str:
    """How many properties have a mutant that matters, and of how many one survives."""
    harmless = [entry for entry in listed if not entry.matters]
    surviving = set(survivors)
    matter = [
        kind
        for kind in kinds
        if kind not in surviving or not any(entry.lists(kind) for entry in harmless)
    ]
    properties = {(kind.type, kind.property) for kind in matter}
    alive = {(kind.type, kind.property) for kind in matter if kind in surviving}
    share = 100 * len(alive) / len(properties)
    return f"properties that matter {len(properties)}, survived {len(alive)} ({share:.1f} %)"


def without(listed: list[Entry], gone: list[tuple[Entry, str]]) -> list[Entry]:
    """The list without the properties and mutations for which nothing survives."""
    kept: list[Entry] = []
    for entry in listed:
        dead = {what for each, what in gone if each is entry}
        properties = tuple(each for each in entry.properties if each not in dead)
        mutations = tuple(each for each in entry.mutations if each not in dead)
        if properties and bool(mutations) == bool(entry.mutations):
            kept.append(Entry(entry.type, properties, entry.reason, mutations, entry.matters))
    return kept


def without_reason(new: Iterable[Kind]) -> list[Entry]:
    """Entries for new survivors, whose reasons have to be written."""
    mutations: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind in new:
        mutations[kind.type, kind.property].append(kind.mutation)
    properties: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (type_, name), each in mutations.items():
        properties[type_, tuple(sorted(each))].append(name)
    return [Entry(t, tuple(names), "", each) for (t, each), names in properties.items()]


def write(listed: Iterable[Entry]) -> None:
    """Write the list, the comment at its head as it was."""
    head = "".join(each for each in LIST.read_text().splitlines(True) if each.startswith("#"))
    plain = [
        {
            "type": entry.type,
            "properties": list(entry.properties),
            **({"mutations": list(entry.mutations)} if entry.mutations else {}),
            **({} if entry.matters else {"matters": False}),
            "reason": entry.reason,
        }
        for entry in listed
    ]
    LIST.write_text(head + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100))


if __name__ == "__main__":
    sys.exit(main())

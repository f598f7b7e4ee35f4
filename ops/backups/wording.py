"""A difference in lines for a person: ids and names of attributes, never a user's words."""

from collections.abc import Iterable, Iterator, Sequence

from ops.backups.difference import Difference

_SHOWN = 20


def summary(found: Difference) -> Iterator[str]:
    """Every kind with its number, and the first of each but the same."""
    yield f"{found.saved} items saved, {found.live} live: {found.same} are the same"
    damaged = [f"{key}: {', '.join(names)}" for key, names in found.damaged.items()]
    for what, keys in (
        ("missing: copied back", found.missing),
        ("damaged, the program cannot have written them so: copied back", damaged),
        ("of executions that run now: left alone, restore again after their end", found.running),
        ("newer: stay", found.newer),
        ("only live, written later: stay", found.only_live),
        ("expired and deleted by TTL: stay away", found.expired),
    ):
        if keys:
            yield f"{len(keys)} {what}"
            yield from _shown(keys)


def losses(found: Difference) -> list[str]:
    """What a copy back gives up."""
    lines = list[str]()
    if found.damaged:
        lines.append(
            f"lost: what the {_items(found.damaged)} damaged hold now in the attributes above"
        )
    if found.missing:
        lines.append(
            f"lost already: what was written to the {_items(found.missing)} missing after they"
            " were saved; an execution that ran then comes back as FAILED"
        )
    return lines or ["nothing would be lost"]


def counted(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _items(keys: Sequence[str] | dict[str, list[str]]) -> str:
    return counted(len(keys), "item")


def _shown(keys: Sequence[str]) -> Iterable[str]:
    yield from (f"    {key}" for key in keys[:_SHOWN])
    if len(keys) > _SHOWN:
        yield f"    ... and {len(keys) - _SHOWN} more (--json has all)"

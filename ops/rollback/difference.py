"""What differs between two versions, in lines for a person."""

import json
from collections.abc import Iterator
from difflib import unified_diff

from ops.rollback.versions import Content

_SHOWN_LINES = 40


def difference(old: Content, new: Content) -> list[str]:
    """Lines `what: old -> new`, or those of a definition's diff; the values of variables are kept
    back, since somebody may have put a secret into one.
    """
    if old.definition or new.definition:
        lines = [*unified_diff(_lines(old), _lines(new), "live", "then", n=1, lineterm="")]
        if len(lines) > _SHOWN_LINES:
            lines = [*lines[:_SHOWN_LINES], f"... and {len(lines) - _SHOWN_LINES} more lines"]
        return lines
    return [*_facts(old.facts, new.facts)]


def _facts(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    for name in sorted(old | new):
        before, after = old.get(name, "none"), new.get(name, "none")
        if before != after:
            hidden = name.startswith("variable ")
            yield f"{name}: changes" if hidden else f"{name}: {before} -> {after}"


def _lines(content: Content) -> list[str]:
    return json.dumps(json.loads(content.definition), indent=1, ensure_ascii=False).splitlines()

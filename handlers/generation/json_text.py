"""JSON that stands within a text, and how much of a foreign value is looked at."""

import json
import re
from typing import Any, TypeGuard

_MOST_CHARACTERS = 50_000
"""An answer is cut at some 5,000 tokens, long before this."""
_MOST_VALUES = 2_000
_DEEPEST = 16

# How an object or a list begins; a brace or bracket of a sentence does not look like this.
_BEGINNING = re.compile(r'\{\s*["}]|\[\s*[\[{"\]]')


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON list."""
    return isinstance(value, list)


def is_bounded(value: Any) -> bool:
    """Whether a value is small enough to be walked through, kept and sent back."""
    characters = values = 0
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        values += len(level)
        characters += sum(len(each) for each in level if isinstance(each, str))
        if values > _MOST_VALUES or characters > _MOST_CHARACTERS:
            return False
        level = [each for outer in level for each in _inside(outer)]
        if not level:
            return True
    return False


def values_in(text: str) -> list[Any]:
    """The objects and lists in a text, in order; none if one of them is broken, cut or too large.

    What a text holds besides (words, a code fence, tags) does not matter.
    """
    if len(text) > _MOST_CHARACTERS:
        return []
    if isinstance(whole := _decoded(text), str):  # JSON as a JSON text
        return values_in(whole)
    found: list[Any] = []
    position = 0
    while beginning := _BEGINNING.search(text, position):
        try:
            value, position = _DECODER.raw_decode(text, beginning.start())
        except (ValueError, RecursionError):
            return []
        found.append(value)
    return found if is_bounded(found) else []


def _decoded(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _inside(value: Any) -> list[Any]:
    if is_object(value):
        return [*value.keys(), *value.values()]
    return value if is_list(value) else []


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs) and any(values[name] != value for name, value in pairs):
        raise ValueError("a key stands twice, with different values")
    return values


# not strict: a line break within a string is what it looks like
_DECODER = json.JSONDecoder(object_pairs_hook=_object, strict=False)

"""JSON within a text, and the largest value that is read."""

import json
import re
from typing import Any, TypeGuard

_MOST_CHARACTERS = 50_000
"""An answer is cut off at about 5,000 tokens, long before this."""
_MOST_VALUES = 2_000
_DEEPEST = 16

# The beginning of an object or a list; a brace or bracket in a sentence is followed otherwise.
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

    Other parts of the text (words, a code fence, tags) do not matter.
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


# Not strict: a string may contain a line break.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, strict=False)

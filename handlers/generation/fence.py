"""Users' texts as data inside a prompt: nothing in them can end the fence or become markup.

The texts become one JSON document between two tags. In it `<`, `>` and `&` are written as
\\u003c, \\u003e and \\u0026, so the closing tag cannot occur in a text; line breaks and quotes are
JSON's own escapes. Characters that a reader does not see (controls, format characters such as
bidirectional overrides and tags, private use, halves of surrogate pairs) are dropped: they
serve to smuggle instructions past people, and no goal needs them.
"""

import json
import unicodedata
from collections.abc import Mapping

OPENING = "<goal_data>"
CLOSING = "</goal_data>"
TEXT_CHARACTERS = 2_000
"""A text longer than this is cut: twelve of them stay far below the model's context window."""

_CUT = "…"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
_KEPT_CONTROLS = {"\n", "\t"}
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def fence(data: Mapping[str, Mapping[str, str | None]]) -> str:
    """The document of `data`'s texts, fenced; absent and empty texts are left out."""
    cleaned = {
        part: {name: text for name, value in texts.items() if value and (text := clean(value))}
        for part, texts in data.items()
    }
    document = json.dumps(cleaned, ensure_ascii=False, indent=1)
    return f"{OPENING}\n{document.translate(_ESCAPES)}\n{CLOSING}"


def clean(text: str) -> str:
    """The text without what a reader does not see, cut to TEXT_CHARACTERS."""
    visible = "".join(
        character
        for character in text
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in _INVISIBLE
    ).strip()
    if len(visible) <= TEXT_CHARACTERS:
        return visible
    return visible[: TEXT_CHARACTERS - len(_CUT)] + _CUT

"""Fences users' texts as data inside a prompt: no text can end the fence or become markup.

The texts become one JSON document between two tags. In it `<`, `>` and `&` are written as
\\u003c, \\u003e and \\u0026, so the closing tag cannot occur in a text; line breaks and quotes are
JSON's own escapes. Their full-width and small forms are written as escapes too: a model may read
`＜／goal_data＞` as the tag. Characters that a reader does not see are dropped
(contract/hidden_text.py).
"""

import json
from collections.abc import Mapping

from handlers.contract.hidden_text import without_hidden

OPENING = "<goal_data>"
CLOSING = "</goal_data>"
TEXT_CHARACTERS = 2_000
"""A longer text is cut. Twelve such texts stay far below the model's context window."""

_CUT = "…"
_ESCAPES = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "<>&＜＞＆﹤﹥﹠"})
"""All characters that Unicode's compatibility forms (NFKC) make `<`, `>` or `&`."""


def fence(data: Mapping[str, Mapping[str, str | None]]) -> str:
    """The texts as a fenced document; missing and empty texts are left out."""
    cleaned = {
        part: {name: text for name, value in texts.items() if value and (text := clean(value))}
        for part, texts in data.items()
    }
    document = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
    return f"{OPENING}{document.translate(_ESCAPES)}{CLOSING}"


def unfenced(text: str) -> list[str]:
    """The texts of the fenced document within a text; the text itself if it holds none."""
    document = text.partition(OPENING)[2].rpartition(CLOSING)[0]
    parts: dict[str, dict[str, str]] = json.loads(document) if document else {"": {"": text}}
    return [value for texts in parts.values() for value in texts.values()]


def clean(text: str) -> str:
    """The text without invisible characters, cut to TEXT_CHARACTERS."""
    seen = without_hidden(text).strip()
    if len(seen) <= TEXT_CHARACTERS:
        return seen
    # Again, since the cut may leave a joiner at the end.
    return without_hidden(seen[: TEXT_CHARACTERS - len(_CUT)]) + _CUT

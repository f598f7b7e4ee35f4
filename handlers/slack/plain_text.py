"""Texts from outside, shown letter by letter: without mentions, links, emoji or markup.

They stand only in `plain_text` objects, which have no markup. In addition `&`, `<` and `>` are
written as entities, as Slack asks of all texts (docs.slack.dev: formatting message text, escaping),
and an invisible character breaks what a client could still turn into a mention or a link.
"""

import re
from typing import Any

from handlers.contract.hidden_text import without_hidden

MAX_TEXT = 3000
"""Characters of a text object (docs.slack.dev: text object)."""

MAX_FIELD = 2000
"""Characters of one field of a section (docs.slack.dev: section block)."""

MAX_HEADER = 150
"""Characters of a header (docs.slack.dev: header block)."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_WORD_JOINER = "\u2060"
# Control characters except line feeds, and those that change the reading direction.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HALVES = re.compile(r"[\ud800-\udfff]")
_LIVELY = re.compile(r"(?<=@)(?=\S)|(?<=:)(?=//)|(?<=:)(?=[\w+'-]+:)|(?<=www)(?=\.)", re.IGNORECASE)
"""Positions inside a mention, a URL, an emoji's name, a host name."""
_ELLIPSIS = "…"
_NOTHING = "-"


def harmless(text: str, limit: int) -> str:
    """The text for a reader: 1 to `limit` characters, entities counted as they are written."""
    text = without_hidden(_HALVES.sub("\ufffd", _UNPRINTABLE.sub(" ", text))).strip()
    text = _LIVELY.sub(_WORD_JOINER, text)
    pieces = [_ENTITIES.get(character, character) for character in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces) or _NOTHING
    room = limit - len(_ELLIPSIS)
    kept: list[str] = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + _ELLIPSIS


def plain(text: str, limit: int = MAX_TEXT) -> dict[str, Any]:
    """A text object of text from outside."""
    return {"type": "plain_text", "text": harmless(text, limit), "emoji": False}

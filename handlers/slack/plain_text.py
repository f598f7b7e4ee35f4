"""Foreign text as Slack shows it letter by letter: no mention, link, emoji or markup comes of it.

It only ever stands in `plain_text` objects, which know no markup. Beyond that, as Slack asks of all
texts (docs.slack.dev: formatting message text, escaping), `&`, `<` and `>` are entities, and what
a client might still turn into a mention or a link is broken by a character that nobody sees.
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
# Controls but line feeds, what turns the reading direction round, half characters.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HALVES = re.compile(r"[\ud800-\udfff]")
_LIVELY = re.compile(r"(?<=@)(?=\S)|(?<=:)(?=//)|(?<=:)(?=[\w+'-]+:)|(?<=www)(?=\.)", re.IGNORECASE)
"""Inside of a mention, a URL, an emoji's name, a host's name."""
_ELLIPSIS = "…"
_NOTHING = "-"


def harmless(text: str, limit: int) -> str:
    """The text for a reader, of at most `limit` and at least one character, entities counted."""
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
    """A text object of foreign text."""
    return {"type": "plain_text", "text": harmless(text, limit), "emoji": False}

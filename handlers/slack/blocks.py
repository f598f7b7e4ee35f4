"""Block Kit's parts as we use them. `mrkdwn` holds our own words and URLs, nobody else's text."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from handlers.slack.plain_text import MAX_FIELD, MAX_HEADER, MAX_TEXT, harmless, plain

Block = dict[str, Any]

RED, ORANGE, YELLOW, GREEN, GREY = "#d72b3f", "#e8912d", "#ecb22e", "#2eb67d", "#868686"

MAX_ROWS = 5
"""Rows of two fields in one section (docs.slack.dev: section block, at most 10 fields)."""

MAX_BLOCKS = 50
"""(docs.slack.dev: blocks in a message)"""

Row = tuple[str, Block]
"""A label of ours, and a text object."""


def header(text: str) -> Block:
    """A headline."""
    return {"type": "header", "text": {**plain(text, MAX_HEADER), "emoji": True}}


def text(value: str) -> Block:
    """A paragraph of foreign text."""
    return {"type": "section", "text": plain(value)}


def ours(markup: str) -> Block:
    """A paragraph of our own markup."""
    return {"type": "section", "text": _markup(markup)}


def rows(labelled: Sequence[Row]) -> list[Block]:
    """A table of two columns, as many sections as it takes."""
    sections = [labelled[at : at + MAX_ROWS] for at in range(0, len(labelled), MAX_ROWS)]
    return [
        {
            "type": "section",
            "fields": [
                field for label, value in section for field in (_markup(f"*{label}*"), value)
            ],
        }
        for section in sections
    ]


def labelled(label: str, content: Block) -> list[Block]:
    """A row over the whole width."""
    return [ours(f"*{label}*"), {"type": "section", "text": content}]


def value(content: str) -> Block:
    """A field of foreign text."""
    return plain(content, MAX_FIELD)


def exact(content: str) -> Block:
    """A field of text whose form was checked: it can be copied as it stands."""
    return {"type": "plain_text", "text": content, "emoji": False}


def moment(at: datetime) -> Block:
    """A time in the reader's own zone (docs.slack.dev: date formatting); UTC where that fails."""
    utc = at.astimezone(UTC)
    shown = f"<!date^{int(utc.timestamp())}^{{date_num}} {{time_secs}}|{utc:%Y-%m-%d %H:%M:%S} UTC>"
    return _markup(shown)


def links(targets: Sequence[tuple[str, str]]) -> Block:
    """A line of links: (label of ours, URL of ours), at most 10; one that is too long is left out.

    An element each, for the URL of a log query takes most of what one text may be long.
    """
    shown = [f"<{url}|{label}>" for label, url in targets]
    fitting = [_markup(link) for link in shown if len(link) <= MAX_TEXT]
    return {"type": "context", "elements": fitting}


def message(headline: str, colour: str, details: Sequence[Block], mention: str = "") -> Block:
    """A whole message: its headline, whom it calls, and the details beside a bar of colour."""
    top = [header(headline), *([ours(mention)] if mention else [])]
    return {
        # What notifications and screen readers say.
        "text": harmless(headline, MAX_TEXT),
        "blocks": top,
        "attachments": [{"color": colour, "blocks": list(details[:MAX_BLOCKS])}],
        "mrkdwn": False,
        "link_names": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _markup(markup: str) -> Block:
    return {"type": "mrkdwn", "text": markup, "verbatim": True}

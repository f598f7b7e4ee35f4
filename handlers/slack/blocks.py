"""The parts of Block Kit that the messages use.

`mrkdwn` objects hold only fixed texts and URLs, `plain_text` objects every text from outside.
"""

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
"""A label and a text object."""


def header(text: str) -> Block:
    """A headline."""
    return {"type": "header", "text": {**plain(text, MAX_HEADER), "emoji": True}}


def text(value: str) -> Block:
    """A paragraph of text from outside."""
    return {"type": "section", "text": plain(value)}


def markup(text: str) -> Block:
    """A paragraph in Slack's markup."""
    return {"type": "section", "text": _mrkdwn(text)}


def rows(labelled: Sequence[Row]) -> list[Block]:
    """A table of two columns, in as many sections as it needs."""
    sections = [labelled[at : at + MAX_ROWS] for at in range(0, len(labelled), MAX_ROWS)]
    return [
        {
            "type": "section",
            "fields": [
                field for label, value in section for field in (_mrkdwn(f"*{label}*"), value)
            ],
        }
        for section in sections
    ]


def labelled(label: str, content: Block) -> list[Block]:
    """A row over the full width."""
    return [markup(f"*{label}*"), {"type": "section", "text": content}]


def value(content: str) -> Block:
    """A field of text from outside."""
    return plain(content, MAX_FIELD)


def exact(content: str) -> Block:
    """A field of validated text, unchanged, so that it can be copied."""
    return {"type": "plain_text", "text": content, "emoji": False}


def moment(at: datetime) -> Block:
    """A time in the reader's time zone (docs.slack.dev: date formatting); UTC where that fails."""
    utc = at.astimezone(UTC)
    shown = f"<!date^{int(utc.timestamp())}^{{date_num}} {{time_secs}}|{utc:%Y-%m-%d %H:%M:%S} UTC>"
    return _mrkdwn(shown)


def links(targets: Sequence[tuple[str, str]]) -> Block:
    """A line of at most 10 links, (label, URL); a link that is too long is left out.

    Each link is an element, since the URL of a log query takes most of the length of one text.
    """
    shown = [f"<{url}|{label}>" for label, url in targets]
    fitting = [_mrkdwn(link) for link in shown if len(link) <= MAX_TEXT]
    return {"type": "context", "elements": fitting}


def message(headline: str, colour: str, details: Sequence[Block], mention: str = "") -> Block:
    """A message: headline, mention, and the details beside a coloured bar."""
    top = [header(headline), *([markup(mention)] if mention else [])]
    return {
        # For notifications and screen readers.
        "text": harmless(headline, MAX_TEXT),
        "blocks": top,
        "attachments": [{"color": colour, "blocks": list(details[:MAX_BLOCKS])}],
        "mrkdwn": False,
        "link_names": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}

"""The Slack message of a text that is neither an alarm nor an ended execution."""

from handlers.slack import blocks
from handlers.slack.blocks import GREY, Block
from handlers.slack.notices import TextNotice
from handlers.slack.style import Style


def text_message(notice: TextNotice, times: int, style: Style) -> Block:
    """The message. times: how often the text was published."""
    texts = style.texts
    shown = [blocks.text(notice.text), *blocks.rows([(texts.since, blocks.moment(notice.at))])]
    if times > 1:
        shown.append(blocks.markup(texts.repeated.format(count=times)))
    headline = f"{texts.other}: {notice.subject}" if notice.subject else texts.other
    return blocks.message(headline, GREY, shown)

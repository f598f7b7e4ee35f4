"""What somebody else published, as a message."""

from handlers.slack import blocks
from handlers.slack.blocks import GREY, Block
from handlers.slack.notices import Remark
from handlers.slack.style import Style


def remark_message(remark: Remark, times: int, style: Style) -> Block:
    """What somebody else published, letter by letter."""
    words = style.words
    shown = [blocks.text(remark.text), *blocks.rows([(words.since, blocks.moment(remark.at))])]
    if times > 1:
        shown.append(blocks.ours(words.repeated.format(count=times)))
    headline = f"{words.remark}: {remark.subject}" if remark.subject else words.remark
    return blocks.message(headline, GREY, shown)

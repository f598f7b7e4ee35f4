"""Removes characters that a reader does not see: they can hide instructions from people.

Two kinds of invisible characters belong to the visible text and stay where they have an effect: a
joiner between two emoji, or within a word of a script that joins its letters; and a variation
selector after the character that it varies (an emoji's colour, a kanji in a name).
"""

import re

# Controls except line feed and tab, half surrogate pairs, private use, annotations, and Unicode's
# Default_Ignorable_Code_Point (DerivedCoreProperties.txt): joiners, directions, selectors, tags ...
_HIDDEN = (
    r"[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    r"\U000f0000-\U0010ffff]"
)

_EMOJI = r"[\u2190-\u2bff\U0001f000-\U0001fbff]"
_COLOURED = (
    r"(?:(?<=[#*0-9\xa9\xae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299])"
    rf"|(?<={_EMOJI}))"
)
_JOINING_LETTER = (  # Arabic, Syriac, N'Ko, the Indic scripts, Myanmar, Khmer, Mongolian
    r"[\u0600-\u061b\u061d-\u109f\u1780-\u17b3\u17b6-\u180a\u1810-\u18af\ufb50-\ufdff\ufe70-\ufefc]"
)
_IDEOGRAPH = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
# England, Scotland and Wales: the only flags that are spelt with tags (emoji-sequences.txt).
_FLAG = (
    r"\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    r"|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_SEEN = "|".join(
    [
        _FLAG,
        rf"(?:(?<={_EMOJI})|(?<={_EMOJI}\ufe0f))\u200d(?={_EMOJI})",
        rf"(?<={_JOINING_LETTER})[\u200c\u200d](?={_JOINING_LETTER})",
        rf"{_COLOURED}[\ufe0e\ufe0f]",
        rf"(?<={_IDEOGRAPH})[\ufe00-\ufe02\U000e0100-\U000e01ef]",
        r"(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]",
        r"(?<=[\u1000-\u109f])\ufe00",
    ]
)
_SEEN_OR_HIDDEN = f"({_SEEN})|{_HIDDEN}"
"""Compiled at its first use, and kept by re: few functions of the API need it."""


def without_hidden(text: str) -> str:
    """The text without invisible characters; line feeds and tabs stay."""
    return re.sub(_SEEN_OR_HIDDEN, lambda found: found[1] or "", text)

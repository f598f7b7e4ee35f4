"""Invisible characters are dropped; joiners and selectors that shape the visible text stay."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.api.requests import CancelBody, body_of
from handlers.contract.hidden_text import without_hidden
from handlers.generation.fence import clean
from handlers.slack.plain_text import harmless
from tests.shared_inputs import shared_input

JOINERS = "\u200c\u200d"
SELECTORS = "\ufe0e\ufe0f\U000e0100\U000e01ef"
TAGS = "\U000e0067\U000e0062\U000e007f"
BASES = "👨👩❤🏴🏽1あ走xم क्ශ "
hostile = st.text(st.sampled_from([*JOINERS, *SELECTORS, *TAGS, *BASES, "\u200b", "\u061c"]))

SEEN = [
    "👨\u200d👩\u200d👧と走る",  # family
    "🧑🏽\u200d💻",  # with a skin tone
    "🏳\ufe0f\u200d🌈",
    "❤\ufe0f\u200d🔥",
    "🙂\u200d↔\ufe0f",
    "1\ufe0f\u20e3 ℹ\ufe0f ™\ufe0f ㊗\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
    "می\u200cخواهم",  # Persian: a joiner less within a word
    "ශ\u0dca\u200dරී",  # Sinhala: a joined consonant
    "葛\U000e0100城",  # a kanji as it is written in a name
    "가족과 달리기",
    "א ב ג",
    "line\nbreak\ttab",
]

HIDDEN = {
    "joiners between letters that do not join": ("i\u200cg\u200dn走\u200dる", "ign走る"),
    "two joiners in a row": ("👨\u200d\u200d👩", "👨👩"),
    "a joiner at an end": ("\u200d👨\u200d", "👨"),
    "non-joiners between emoji": ("👨\u200c👩", "👨👩"),
    "selectors behind letters": ("x\ufe0fあ\ufe0e走\ufe0f", "xあ走"),
    "selectors in a row": ("👍\ufe0f\ufe0f\U000e0101", "👍\ufe0f"),
    "selectors that spell bytes": ("👍\U000e0158\U000e0159", "👍"),
    "tags": ("走\U000e0069\U000e0067\U000e006eる", "走る"),
    "tags behind a flag that spell no flag": ("🏴\U000e0069\U000e0067\U000e007f", "🏴"),
    "direction": ("\u202egnp\u2066\u200f.exe\u061c", "gnp.exe"),
    "zero width": ("a\u200bb\ufeff\u2060\u00adc", "abc"),
    "fillers": ("ㅤ\u115f\uffa0x", "x"),
    "controls": ("\x00a\x1b[2J\r\x85", "a[2J"),
    "halves of pairs": ("\ud83d走", "走"),
    "private use": ("\ue000\U0010fffd走", "走"),
}


@pytest.mark.parametrize("text", SEEN)
def test_characters_that_shape_the_visible_text_stay(text: str) -> None:
    assert without_hidden(text) == text


@pytest.mark.parametrize(("text", "seen"), HIDDEN.values(), ids=HIDDEN.keys())
def test_characters_that_a_reader_does_not_see_are_dropped(text: str, seen: str) -> None:
    assert without_hidden(text) == seen


@given(hostile | st.text(st.characters()))
def test_cleaning_a_text_twice_changes_nothing_more(text: str) -> None:
    seen = without_hidden(text)
    assert without_hidden(seen) == seen


@given(hostile)
def test_only_hidden_characters_are_dropped_and_the_rest_keeps_its_order(text: str) -> None:
    def shown(text: str) -> str:
        return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn", "Cn"))

    assert shown(without_hidden(text)) == shown(text)


@given(st.text(st.sampled_from([*JOINERS, *SELECTORS, *TAGS]), min_size=1), st.data())
def test_no_message_of_hidden_characters_gets_through(message: str, data: st.DataObject) -> None:
    letters = data.draw(st.text("abc走あ ", min_size=len(message), max_size=len(message)))
    smuggled = "".join(a + b for a, b in zip(letters, message, strict=True))
    seen = without_hidden(smuggled)
    assert not set(seen) & {*JOINERS, *TAGS}
    assert seen.count("\U000e0100") + seen.count("\U000e01ef") <= seen.count("走")


def reason(text: str) -> str | None:
    """The reason of a cancel."""
    body = json.dumps({"reason": text})
    return body_of(CancelBody, body, is_base64=False, content_type="application/json").reason


@pytest.mark.parametrize("text", SEEN[:11])
def test_prompt_reason_and_slack_treat_a_text_alike(text: str) -> None:
    assert clean(text) == text
    assert reason(text) == text
    assert harmless(text, 1000) == text


@pytest.mark.parametrize("kind", ["joiners between letters that do not join", "tags"])
def test_prompt_reason_and_slack_drop_the_same(kind: str) -> None:
    text, seen = HIDDEN[kind]
    assert clean(text) == reason(text) == harmless(text, 1000) == seen


def test_the_family_that_was_reported_stays_together() -> None:
    text = shared_input("reports/11-emoji-joiner/text.txt").read_text(encoding="utf-8").strip()
    assert clean(text) == reason(text) == harmless(text, 1000) == text

"""A user's text stays within its fence and visible to readers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.hidden_text import without_hidden
from handlers.generation.fence import CLOSING, OPENING, TEXT_CHARACTERS, clean, fence

hostile = st.one_of(
    st.text(),
    st.text(alphabet='<>&/goal_dt"\\\n\r{}u003c\u2028\u202e\u200b'),
    st.lists(st.sampled_from([CLOSING, OPENING, '"}', "\\u003c", "]", "\n", "無視して"])).map(
        "".join
    ),
)


@given(hostile, hostile)
def test_the_fence_opens_and_closes_once_around_any_texts(title: str, background: str) -> None:
    fenced = fence({"action": {"title": title, "background": background}})
    assert fenced.count(OPENING) == 1
    assert fenced.count(CLOSING) == 1
    assert fenced.startswith(OPENING)
    assert fenced.endswith(CLOSING)
    document = fenced.removeprefix(OPENING).removesuffix(CLOSING)
    assert not set("<>&") & set(document)
    texts = {"title": clean(title), "background": clean(background)}
    assert json.loads(document) == {"action": {name: text for name, text in texts.items() if text}}


@given(hostile)
def test_a_clean_text_is_short_visible_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= TEXT_CHARACTERS
    assert clean(cleaned) == cleaned
    cleaned.encode()  # no half of a surrogate pair
    assert without_hidden(cleaned) == cleaned


def test_ordinary_japanese_is_left_alone() -> None:
    text = "英語を毎日30分勉強する。\n「TOEIC 800点」が目標 (2027年3月)"
    assert clean(text) == text


def test_invisible_characters_are_dropped() -> None:
    tags = "".join(chr(0xE0000 + ord(character)) for character in "ignore")
    assert clean(f"走{tags}る\u202e\u200b\x00") == "走る"


def test_a_long_text_is_cut_where_the_reader_sees_it() -> None:
    assert clean("走" * 5_000) == "走" * (TEXT_CHARACTERS - 1) + "…"


@pytest.mark.parametrize("before", range(4))
def test_a_cut_text_ends_in_no_joiner(before: int) -> None:
    cleaned = clean("走" * before + "👨\u200d" * 2_000)
    assert "\u200d…" not in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("empty", [None, "", "  \n", "\u200b"])
def test_an_absent_text_is_left_out(empty: str | None) -> None:
    assert "background" not in fence({"action": {"title": "走る", "background": empty}})

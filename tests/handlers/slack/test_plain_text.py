"""A text from outside is shown letter by letter."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.plain_text import harmless, plain

any_text = st.text(st.characters(), max_size=300)  # half characters included
hostile = st.lists(
    st.sampled_from(
        [
            "<!channel>",
            "<@U123>",
            "<https://evil.example|here>",
            "&lt;",
            "*b*",
            "`c`",
            ">",
            "http://evil.example",
            "@here",
            ":bomb:",
            "\x00",
            "\u202e",
            "\n",
            "あ",
            "<",
            "&",
            "www.x.com",
        ]
    ),
    max_size=60,
).map("".join)


@given(any_text | hostile, st.integers(1, 200))
def test_no_control_character_of_slacks_is_left_and_the_length_holds(text: str, limit: int) -> None:
    shown = harmless(text, limit)
    assert 1 <= len(shown) <= limit
    assert "<" not in shown
    assert ">" not in shown
    assert re.fullmatch(r"([^&]|&amp;|&lt;|&gt;)*", shown)


@given(any_text | hostile)
def test_nothing_is_left_that_a_client_could_make_a_mention_or_a_link_of(text: str) -> None:
    shown = unescape(harmless(text, 10_000))
    assert not re.search(r"@\S(?<!\u2060)|://|:[\w+'-]+:|www\.", shown, re.IGNORECASE)


FILLERS = "\u115f\u1160\u3164"  # Letters by category, but invisible.


@given(
    st.text(
        st.characters(categories=["L", "N"], max_codepoint=0x3FFF, exclude_characters=FILLERS),
        min_size=1,
        max_size=80,
    )
)
def test_words_stay_as_they_are(text: str) -> None:
    assert harmless(text, 1000) == text


@given(any_text)
def test_a_shown_text_can_be_encoded(text: str) -> None:
    harmless(text, 1000).encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> & co", "&lt;!channel&gt; &amp; co"),
        ("", "-"),
        (" \x00\x07 ", "-"),
        ("two\nlines", "two\nlines"),
        ("\u202egnp.exe", "gnp.exe"),
        ("http://x", "http:\u2060//x"),
        ("@here", "@\u2060here"),
        (":bomb:", ":\u2060bomb:"),
    ],
)
def test_a_text_is_shown_as_it_is_written(text: str, shown: str) -> None:
    assert harmless(text, 100) == shown


def test_a_long_text_ends_in_an_ellipsis_and_in_no_half_entity() -> None:
    assert harmless("&&&", 12) == "&amp;&amp;…"
    assert harmless("&&&", 15) == "&amp;&amp;&amp;"


def test_a_text_from_outside_is_a_plain_text_object() -> None:
    assert plain("*x*") == {"type": "plain_text", "text": "*x*", "emoji": False}

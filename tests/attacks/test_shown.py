"""Hostile texts where people read them: Slack, the picture of an execution, the Slack sink."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.hidden_text import without_hidden
from handlers.contract.languages import Language
from handlers.contract.statuses import ActionStatus
from handlers.slack.alarm_message import alarm_message
from handlers.slack.execution_message import execution_message
from handlers.slack.notices import AlarmNotice, AlarmValue, ExecutionNotice, TextNotice, read
from handlers.slack.style import Style
from handlers.slack.text_message import text_message
from localcloud.slack.rendering import page as sink_page
from localcloud.slack.rules import refusal, texts
from ops.trace.page import page
from ops.trace.picture import picture
from tests.attacks.attack import ATTACKS, CANARY, TextAttack
from tests.handlers.slack.notices import AT, LOG_GROUPS, RUNBOOK, change, ended, enveloped
from tests.ops.trace.parts import at, attempt, generated, item, record

STYLE = Style("ja", 50, "", RUNBOOK, "https://x.example/d", "ap-northeast-1", LOG_GROUPS)
OWN_MARKUP = re.compile(
    r"\*[^*<>\n]+\*|<!date\^\d+\^\{date_num\} \{time_secs\}\|[-\d: ]+ UTC>"
    r"|<https://[^\s<>|]+\|[^\s<>|]+>|the same \d+ times|同じ内容が\d+回"
)
LIVELY = re.compile(r"@[^\s\u2060…]|://|:[\w+'-]+:|www\.", re.IGNORECASE)
HOSTS = {"example.com", "x.example", "ap-northeast-1.console.aws.amazon.com"}
HOSTILE = st.text(st.sampled_from("<>&\"'!@#|*_~`:/=\\\n\x1b\u202e\u200b；＜") | st.characters())


def messages(text: str) -> Iterator[dict[str, Any]]:
    """Every message that a text from outside can get into."""
    for language in get_args(Language):
        style = replace(STYLE, language=language)
        yield text_message(TextNotice("key", text, text, AT), 2, style)
        alarm = AlarmNotice(
            name=text,
            arn="arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:x",
            description=text,
            state="ALARM",
            previous="OK",
            reason=text,
            changed_at=AT,
            values=(AlarmValue(text, 1.0, ">", None, text, text),),
        )
        yield alarm_message(alarm, None, style)


def assert_is_plain(message: dict[str, Any]) -> None:
    assert refusal(message) is None
    for text in [*texts(message), {"type": "plain_text", "text": message["text"]}]:
        if text["type"] == "mrkdwn":
            assert OWN_MARKUP.fullmatch(text["text"]), text["text"]
            assert set(re.findall(r"https://([^/]+)/", text["text"])) <= HOSTS
        else:
            assert not set("<>") & set(text["text"])
            assert not LIVELY.search(text["text"].replace("&amp;", "&")), text["text"]
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text["text"])
    assert (message["mrkdwn"], message["link_names"], message["parse"]) == (False, False, "none")
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_slack_shows_a_hostile_text_letter_by_letter(attack: TextAttack) -> None:
    for message in messages(attack.text):
        assert_is_plain(message)


@given(HOSTILE)
def test_slack_shows_any_text_letter_by_letter(text: str) -> None:
    for message in messages(text):
        assert_is_plain(message)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_no_hostile_text_passes_as_an_ended_execution(attack: TextAttack) -> None:
    for name in ended():
        notice = read(enveloped(ended(**{name: attack.text})))
        if isinstance(notice, ExecutionNotice):
            assert CANARY not in str(execution_message(notice, STYLE))
        else:
            assert isinstance(notice, TextNotice)
            assert_is_plain(text_message(notice, 1, STYLE))


class Elements(HTMLParser):
    """The elements that a browser would make, with the names of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.targets: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.targets |= {str(value) for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.text += data


def drawn(text: str) -> str:
    """The picture of an execution in which every text is hostile."""
    items = [
        item("a", title=text, sub_goal=text, error_detail=text or "-"),
        item("b", ActionStatus.FAILED, title=text, error_code=text or "-", error_detail=text),
    ]
    states = [generated(each, attempt(0, 1, text), attempt(1, 2, text)) for each in ("a", "b")]
    return page(picture(record(), items, states, at(99)), with_titles=True)


POLICY = "default-src 'none'; style-src 'unsafe-inline'"
HARMLESS_ELEMENTS = Elements(drawn("text")).found


def assert_is_only_text(html: str) -> None:
    elements = Elements(html)
    assert elements.found == HARMLESS_ELEMENTS
    assert all(target.startswith("#") for target in elements.targets)
    assert POLICY in unescape(html.partition("<style>")[0])
    body = elements.text.partition("}\n")[2] or elements.text
    assert not [c for c in body if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert without_hidden(body) == body


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_picture_shows_a_hostile_text_as_text(attack: TextAttack) -> None:
    assert_is_only_text(drawn(attack.text))


@given(HOSTILE.filter(lambda text: text.strip() != ""))
def test_the_picture_shows_any_text_as_text(text: str) -> None:
    assert_is_only_text(drawn(f"x{text}"))


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_sinks_page_shows_what_slack_was_sent_without_script_or_foreign_link(
    attack: TextAttack,
) -> None:
    for message in messages(attack.text):
        html = sink_page([message])
        found = Elements(html)
        assert {tag for tag, _ in found.found} <= {
            "html", "meta", "title", "style", "h1", "main", "article", "div", "small", "b", "time",
            "a", "mark", "span",
        }  # fmt: skip
        assert all(target.startswith("https://") for target in found.targets)
        assert POLICY in html.partition("<style>")[0]


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_sinks_page_stands_what_any_program_sends_it_as_markup(attack: TextAttack) -> None:
    text = {"type": "mrkdwn", "text": attack.text}
    sent = {
        "text": "x",
        "attachments": [{"color": attack.text, "blocks": [{"type": "section", "text": text}]}],
    }
    html = sink_page([sent])
    found = Elements(html)
    assert not {"script", "img", "svg", "iframe", "base", "body"} & {tag for tag, _ in found.found}
    assert all(target.startswith(("https://", "http://")) for target in found.targets)
    assert set(re.findall(r"style=\"background:([^\"]*)\"", html)) == {"#ddd"}


def test_a_change_of_an_alarm_is_plain_too() -> None:
    assert_is_plain(alarm_message(change(), None, STYLE))

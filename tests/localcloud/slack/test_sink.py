"""The sink accepts what Slack accepts, refuses the rest with Slack's codes, and shows messages."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.slack.rendering import page
from localcloud.slack.rules import refusal
from localcloud.slack.server import SlackSink


@pytest.fixture
def sink() -> Iterator[SlackSink]:
    with SlackSink() as sink:
        yield sink


def sent(sink: SlackSink, body: bytes, path: str = "/services/local") -> tuple[int, str]:
    """Status and body of a POST."""
    url = f"http://127.0.0.1:{sink.port}{path}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body)) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def got(sink: SlackSink, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{sink.port}{path}") as reply:
        return reply.read().decode()


def section(**parts: Any) -> dict[str, Any]:
    return {"blocks": [{"type": "section", **parts}]}


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def test_a_message_is_accepted_stored_and_shown(sink: SlackSink) -> None:
    assert sent(sink, b'{"text": "hello"}') == (200, "ok")
    assert json.loads(got(sink, "/messages")) == [{"text": "hello"}]
    assert "hello" in got(sink, "/")


def test_another_path_is_refused(sink: SlackSink) -> None:
    assert sent(sink, b"{}", "/services/other") == (404, "no_service")


def test_simulated_faults_are_answered_in_order_once_each(sink: SlackSink) -> None:
    faults = [{"status": 429, "code": "rate_limited", "retry_after": 2}, {"status": 500}]
    url = f"http://127.0.0.1:{sink.port}/faults"
    urllib.request.urlopen(
        urllib.request.Request(url, json.dumps(faults).encode(), method="PUT")
    ).close()
    statuses = [sent(sink, b'{"text": "x"}')[0] for _ in range(3)]
    assert statuses == [429, 500, 200]


REFUSALS: list[tuple[Any, str | None]] = [
    ([], "invalid_payload"),
    ({}, "no_text"),
    ({"text": "x"}, None),
    (section(text=plain("x" * 3000)), None),
    (section(text=plain("x" * 3001)), "invalid_blocks"),
    (section(text=plain("")), "invalid_blocks"),
    (section(fields=[plain("x")] * 10), None),
    (section(fields=[plain("x")] * 11), "invalid_blocks"),
    (section(fields=[plain("x" * 2001)]), "invalid_blocks"),
    (section(), "invalid_blocks"),
    ({"blocks": section(text=plain("x"))["blocks"] * 50}, None),
    ({"blocks": section(text=plain("x"))["blocks"] * 51}, "invalid_blocks"),
    ({"blocks": [{"type": "header", "text": plain("x" * 151)}]}, "invalid_blocks"),
    ({"blocks": [{"type": "context", "elements": list[Any]()}]}, "invalid_blocks"),
    ({"blocks": [{"type": "poem"}]}, "invalid_blocks"),
    ({"attachments": [section()]}, "invalid_blocks"),
    ({"attachments": [section(text=plain("x"))] * 101}, "too_many_attachments"),
]


@pytest.mark.parametrize(("message", "code"), REFUSALS)
def test_a_message_is_refused_with_slacks_code(message: object, code: str | None) -> None:
    assert refusal(message) == code


def test_messages_are_shown_as_escaped_text() -> None:
    shown = page(
        [
            section(text=plain("<script>alert(1)</script> &lt;!channel&gt; *x*")),
            section(text={"type": "mrkdwn", "text": "*b* <https://x.example|here> <!here>"}),
        ]
    )
    assert "<script" not in shown
    assert "&lt;!channel&gt; *x*" in shown
    assert '<b>b</b> <a href="https://x.example">here</a> <mark>@here</mark>' in shown

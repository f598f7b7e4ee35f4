"""What a reader sees: all that matters, in both languages, and nothing that anybody planted."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import components
from handlers.contract.alarm_routes import AlarmDescription
from handlers.contract.errors import ErrorCode
from handlers.contract.languages import BilingualText
from handlers.slack.alarm_message import alarm_message
from handlers.slack.ending_message import RUNBOOK_OF_ENDINGS, ending_message, endings_message
from handlers.slack.notices import AlarmChange, Ending, Measured, Remark
from handlers.slack.remark_message import remark_message
from handlers.slack.style import Style
from handlers.slack.texts import duration
from localcloud.slack.rules import refusal, texts
from tests.handlers.slack.notices import AT, EXECUTION_ID, GOAL_ID, RUNBOOK, change, ending

OURS = re.compile(
    r"\*[^*<>\n]+\*"  # a label
    r"|<!date\^\d+\^\{date_num\} \{time_secs\}\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC>"
    r"|<https://[^\s<>|]+\|[^\s<>|]+>"  # a link
    r"|<!here>"
    r"|(• <https://[^\s<>|]+\|[0-9a-f-]{36}>  [A-Z_]+  \d+/\d+\n?)+"
    r"|and \d+ more|(• .*\n)*and \d+ more|the same \d+ times"
)
foreign = st.text(st.characters(), max_size=40) | st.sampled_from(
    [
        "<!channel>",
        "<@U1> <https://evil.example|x>",
        "*b* _i_ ~s~ `c`",
        f"{RUNBOOK}#<!here>",
        f"<!channel>\n*b* <@U1>\n{RUNBOOK}#outage",
        "a\nb\nhttps://evil.example|x>#outage",
        "x" * 4000,
        "&" * 4000,
        "😀" * 300,
    ]
)


def shown(message: dict[str, Any]) -> str:
    """All that is to be read of a message."""
    return "\n".join(unescape(text["text"]) for text in texts(message))


def fields(message: dict[str, Any]) -> dict[str, str]:
    """The table of a message: label -> value."""
    found: dict[str, str] = {}
    for block in message["attachments"][0]["blocks"]:
        pairs = [unescape(each["text"]) for each in block.get("fields", [])]
        found |= dict(zip((pair.strip("*") for pair in pairs[::2]), pairs[1::2], strict=True))
    return found


def links(message: dict[str, Any]) -> dict[str, str]:
    """The links of a message: label -> URL."""
    found = re.findall(r"<(https://[^|>]+)\|([^>]+)>", json.dumps(message))
    return {label: url for url, label in found}


def described(what: str, anchor: str, runbook: str = RUNBOOK) -> str:
    """A description in both languages."""
    return str(AlarmDescription(BilingualText(en=what, ja=f"（{what}）"), runbook, anchor))


def measured(*figures: tuple[str, float | None, float | None]) -> AlarmChange:
    told = tuple(Measured(name, value, ">", threshold) for name, value, threshold in figures)
    return replace(change(), description=described("Act now.", "outage"), measured=told)


def test_an_alarm_says_what_since_when_how_much_and_where_to_look(style: Style) -> None:
    message = alarm_message(measured(("failure-rate-high", 12.5, 10.0)), None, style)
    assert message["text"] == "🔴 Alarm: goal-mandala-test-outage"
    assert message["attachments"][0]["color"] == "#d72b3f"
    assert "（Act now.）" not in shown(message)
    assert fields(message)["State"] == "OK → ALARM"
    assert "2026-11-24 09:30:00 UTC" in fields(message)["Since"]
    assert "failure-rate-high: 12.5 (threshold > 10)" in shown(message)
    assert "Act now." in shown(message)
    assert set(links(message)) == {"alarm", "logs", "runbook", "dashboard"}
    assert links(message)["runbook"] == f"{RUNBOOK}#outage"
    assert links(message)["alarm"].endswith("#alarmsV2:alarm/goal-mandala-test-outage")


def test_a_recovery_is_green_and_says_how_long_it_took(style: Style) -> None:
    over = change("OK", previous="ALARM", minutes=12)
    message = alarm_message(over, AT, style)
    assert message["text"] == "🟢 Recovered: goal-mandala-test-outage"
    assert message["attachments"][0]["color"] == "#2eb67d"
    assert fields(message)["Lasted"] == "12 min 0 s"
    assert "<!here>" not in shown(message)


def test_only_an_escalation_calls_somebody(style: Style) -> None:
    stays = change(name="goal-mandala-test-escalation")
    assert "<!here>" in shown(alarm_message(stays, None, style))
    assert alarm_message(stays, None, style)["text"].startswith("🚨")
    assert "<!here>" not in shown(alarm_message(change(), None, style))
    assert "<!" not in shown(alarm_message(stays, None, replace(style, mention=""))).replace(
        "<!date", ""
    )


@pytest.mark.parametrize("quiet", ["notices", "chores"])
def test_a_notice_is_no_alarm(style: Style, quiet: str) -> None:
    message = alarm_message(change(name=f"goal-mandala-test-{quiet}"), None, style)
    assert message["text"].startswith("🟡")
    assert message["attachments"][0]["color"] == "#ecb22e"


def test_what_a_child_measures_may_be_unknown(style: Style) -> None:
    message = alarm_message(measured(("a", None, None), ("b", None, 5.0)), None, style)
    assert "a: value not known" in shown(message)
    assert "b: ? (threshold > 5)" in shown(message)


def test_a_childs_advice_and_section_are_told_before_the_composites(style: Style) -> None:
    told = measured(("failure-rate-high", 12.5, 10.0))
    child = replace(told.measured[0], description=described("Roll back.", "failure-rate"))
    message = alarm_message(replace(told, measured=(child,)), None, style)
    assert "failure-rate-high: 12.5 (threshold > 10)\nRoll back." in shown(message)
    assert links(message)["runbook"] == f"{RUNBOOK}#failure-rate"
    japanese = alarm_message(replace(told, measured=(child,)), None, replace(style, language="ja"))
    assert "（Roll back.）" in shown(japanese)


def test_only_the_stacks_own_runbook_becomes_a_link(style: Style) -> None:
    elsewhere = described("Act now.", "outage", "https://elsewhere.example/runbook")
    message = alarm_message(replace(change(), description=elsewhere), None, style)
    assert links(message)["runbook"] == RUNBOOK
    assert "elsewhere.example/runbook#outage" in shown(message)


def test_the_section_on_endings_is_in_the_runbook() -> None:
    runbook = Path(components.__file__).parent.parent / "docs" / "runbook.md"
    assert f"\n## {RUNBOOK_OF_ENDINGS}\n" in runbook.read_text()


def test_an_ending_says_how_many_failed_of_which_goal_and_where_to_look(style: Style) -> None:
    message = ending_message(ending(errorCode="SAVE_FAILED"), style)
    assert message["text"] == "🟠 Partially succeeded"
    told = fields(message)
    assert told["Goal id"] == GOAL_ID
    assert f":execution:TaskGenerationWorkflow-test:{EXECUTION_ID}\n" in shown(message)
    assert told["Actions"] == "60 succeeded / 4 failed / 64 in all"
    assert told["Error"] == "SAVE_FAILED"
    assert told["Took"] == "2 min 3 s"
    assert set(links(message)) == {"execution", "logs", "runbook", "dashboard"}
    assert EXECUTION_ID in links(message)["logs"]
    assert "<!here>" not in shown(message)


@pytest.mark.parametrize(("failed", "escalates"), [(31, False), (32, True), (64, True)])
def test_many_failed_actions_of_one_execution_call_somebody(
    failed: int, escalates: bool, style: Style
) -> None:
    message = ending_message(ending(failedActions=failed, succeededActions=64 - failed), style)
    assert ("<!here>" in shown(message)) == escalates
    assert message["text"].startswith("🚨" if escalates else "🟠")


def test_a_cancelled_execution_calls_nobody(style: Style) -> None:
    aborted = ending(status="ABORTED", failedActions=64, succeededActions=0)
    assert "<!here>" not in shown(ending_message(aborted, style))


def test_a_flood_of_endings_is_one_message_with_the_worst_first(style: Style) -> None:
    few = [ending(number, failedActions=4) for number in range(1, 40)]
    worst = ending(99, status="FAILED", failedActions=64, errorCode="MODEL_THROTTLED")
    message = endings_message([*few, worst], style)
    assert message["text"] == "🚨 40 executions ended"
    assert fields(message)["🔴 Failed"] == "1"
    assert fields(message)["🟠 Partially succeeded"] == "39"
    assert fields(message)["Error"] == "MODEL_THROTTLED ×1"
    listed = re.findall(r"\|([0-9a-f-]{36})>", shown(message))
    assert len(listed) == 10
    assert listed[0] == worst.execution_id
    assert "and 30 more" in shown(message)
    assert refusal(message) is None


@given(foreign, foreign, foreign, st.lists(foreign, max_size=20))
def test_no_foreign_text_of_an_alarm_is_ever_markup(
    name: str, description: str, reason: str, children: list[str]
) -> None:
    told = AlarmChange(
        name=name,
        arn=f"arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:{name}",
        description=description,
        state="ALARM",
        previous="OK",
        reason=reason,
        changed_at=AT,
        measured=tuple(Measured(child, 1.0, ">", 0.5, description) for child in children),
    )
    _is_harmless(alarm_message(told, None, STYLE))


@given(foreign, foreign, st.integers(1, 600))
def test_no_foreign_text_of_a_remark_is_ever_markup(subject: str, text: str, times: int) -> None:
    _is_harmless(remark_message(Remark(subject, text, AT), times, STYLE))


@given(st.lists(st.integers(0, 64), min_size=1, max_size=150))
def test_endings_fit_into_slacks_limits_however_many_they_are(failures: list[int]) -> None:
    endings = [
        replace(ONE, failed=failed, succeeded=64 - failed, error_code=error)
        for failed, error in zip(failures, [*ErrorCode] * 40, strict=False)
    ]
    _is_harmless(endings_message(endings, STYLE))
    _is_harmless(ending_message(endings[0], STYLE))


def _is_harmless(message: dict[str, Any]) -> None:
    assert refusal(json.loads(json.dumps(message))) is None
    assert not set("<>") & set(message["text"])
    for text in texts(message):
        if text["type"] == "mrkdwn":
            assert OURS.fullmatch(text["text"]), text["text"]
        else:
            assert not set("<>") & set(text["text"])


def test_both_languages_say_all(style: Style) -> None:
    for language, word in (("ja", "しきい値"), ("en", "threshold")):
        told = replace(style, language=language)
        message = alarm_message(measured(("a", 1.0, 2.0)), None, told)
        assert word in shown(message)
        assert "{" not in shown(message).replace("{date_num} {time_secs}", "")
        for one in (ending_message(ending(), told), endings_message([ending(), ONE], told)):
            assert "{" not in shown(one).replace("{date_num} {time_secs}", "")


def test_a_runbook_that_is_no_address_is_told_and_no_link(style: Style) -> None:
    local = replace(style, runbook="docs/runbook.md")
    told = replace(change(), description=described("Act now.", "outage", "docs/runbook.md"))
    message = alarm_message(told, None, local)
    assert "|runbook>" not in shown(message)
    assert "docs/runbook.md#outage" in shown(message)
    assert refusal(message) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (7260, "2 h 1 min")],
)
def test_durations_are_told_in_two_units(seconds: float, text: str, style: Style) -> None:
    assert duration(style.words, timedelta(seconds=seconds)) == text


STYLE = Style("en", 50, "<!here>", RUNBOOK, "https://x.example/d", "ap-northeast-1", ("/aws/a",))
ONE: Ending = ending()

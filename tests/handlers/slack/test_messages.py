"""The messages that a reader sees: complete, in both languages, without markup from outside."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

import components
from handlers.contract.alarm_routes import AlarmDescription
from handlers.contract.errors import ErrorCode
from handlers.contract.languages import BilingualText
from handlers.slack.alarm_message import alarm_message
from handlers.slack.execution_message import RUNBOOK_SECTION, execution_message, executions_message
from handlers.slack.notices import AlarmNotice, AlarmValue, ExecutionNotice, TextNotice, read
from handlers.slack.style import Style
from handlers.slack.text_message import text_message
from handlers.slack.texts import duration
from localcloud.slack.rules import refusal, texts
from tests.handlers.slack.notices import (
    AT,
    EXECUTION_ID,
    GOAL_ID,
    RUNBOOK,
    change,
    ending,
    enveloped,
    metric_alarm,
)
from tests.shared_inputs import shared_input

_CLOUDWATCH: Any = botocore.session.get_session().get_service_model("cloudwatch")
COMPARISONS: list[str] = _CLOUDWATCH.shape_for("ComparisonOperator").enum

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


def read_by_eye(message: dict[str, Any]) -> str:
    """All that is shown, without what breaks up times that look like the names of emoji."""
    return shown(message).replace("\u2060", "")


def links(message: dict[str, Any]) -> dict[str, str]:
    """The links of a message: label -> URL."""
    found = re.findall(r"<(https://[^|>]+)\|([^>]+)>", json.dumps(message))
    return {label: url for url, label in found}


def described(what: str, anchor: str, runbook: str = RUNBOOK) -> str:
    """A description in both languages."""
    return str(AlarmDescription(BilingualText(en=what, ja=f"（{what}）"), runbook, anchor))


def measured(*figures: tuple[str, float | None, float | None]) -> AlarmNotice:
    notice = tuple(AlarmValue(name, value, ">", threshold) for name, value, threshold in figures)
    return replace(change(), description=described("Act now.", "outage"), values=notice)


def test_an_alarms_message_has_state_time_value_advice_and_links(style: Style) -> None:
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


def test_the_message_of_a_recovery_is_green_and_has_the_alarms_duration(style: Style) -> None:
    over = change("OK", previous="ALARM", minutes=12)
    message = alarm_message(over, AT, style)
    assert message["text"] == "🟢 Recovered: goal-mandala-test-outage"
    assert message["attachments"][0]["color"] == "#2eb67d"
    assert fields(message)["Lasted"] == "12 min 0 s"
    assert "<!here>" not in shown(message)


def test_only_an_escalations_message_has_a_mention(style: Style) -> None:
    stays = change(name="goal-mandala-test-escalation")
    assert "<!here>" in shown(alarm_message(stays, None, style))
    assert alarm_message(stays, None, style)["text"].startswith("🚨")
    assert "<!here>" not in shown(alarm_message(change(), None, style))
    assert "<!" not in shown(alarm_message(stays, None, replace(style, mention=""))).replace(
        "<!date", ""
    )


@pytest.mark.parametrize("quiet", ["notices", "chores"])
def test_a_composite_of_notices_or_chores_has_a_yellow_message(style: Style, quiet: str) -> None:
    message = alarm_message(change(name=f"goal-mandala-test-{quiet}"), None, style)
    assert message["text"].startswith("🟡")
    assert message["attachments"][0]["color"] == "#ecb22e"


def test_a_child_alarms_value_may_be_unknown(style: Style) -> None:
    message = alarm_message(measured(("a", None, None), ("b", None, 5.0)), None, style)
    assert "a: value not known" in shown(message)
    assert "b: ? (threshold > 5)" in shown(message)


ANOMALY = (
    "Thresholds Crossed: 3 out of the last 5 datapoints [7.0 (09/02/21 14:23:00)] were less than"
    " the lower thresholds [0.96] or greater than the upper thresholds [1.04] (minimum 3 datapoints"
    " for OK -> ALARM transition)."
)


def anomaly_alarm(comparison: str = "LessThanLowerOrGreaterThanUpperThreshold") -> AlarmNotice:
    """An alarm on a band that CloudWatch has learned: it has no fixed threshold."""
    trigger: dict[str, Any] = {
        "ComparisonOperator": comparison,
        "ThresholdMetricId": "ad1",
        "Metrics": [],
    }
    notice = read(enveloped(metric_alarm(NewStateReason=ANOMALY, Trigger=trigger)))
    assert isinstance(notice, AlarmNotice)
    return notice


def test_an_alarm_without_a_fixed_threshold_shows_its_value_and_the_reason(style: Style) -> None:
    message = read_by_eye(alarm_message(anomaly_alarm(), None, style))
    assert "slack-failing: 7\n" in message
    assert message.count("greater than the upper thresholds [1.04]") == 1


def test_the_anomaly_that_was_reported_shows_its_value_and_the_reason(style: Style) -> None:
    path = shared_input("reports/03-cw-anomaly-alarm/message.json")
    notice = read(enveloped(path.read_text(encoding="utf-8")))
    assert isinstance(notice, AlarmNotice)
    message = read_by_eye(alarm_message(notice, None, style))
    assert "invocations-anomaly: 7\n" in message
    assert notice.reason in message


def test_a_child_without_a_fixed_threshold_shows_its_own_reason(style: Style) -> None:
    (child,) = anomaly_alarm().values
    notice = replace(change(), values=(child,), reason="the child transitioned to ALARM")
    message = read_by_eye(alarm_message(notice, None, style))
    assert f"slack-failing: 7\n{ANOMALY}" in message
    assert "the child transitioned to ALARM" in message


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_every_comparison_of_cloudwatchs_is_shown_with_its_threshold_or_else_its_reason(
    style: Style, comparison: str
) -> None:
    if "Lower" in comparison or "Upper" in comparison:
        assert ANOMALY in read_by_eye(alarm_message(anomaly_alarm(comparison), None, style))
        return
    alarm = metric_alarm()
    alarm["Trigger"]["ComparisonOperator"] = comparison
    notice = read(enveloped(alarm))
    assert isinstance(notice, AlarmNotice)
    assert re.search(r"12\.5 \(threshold [<>≤≥] 10\)", shown(alarm_message(notice, None, style)))


def test_a_child_alarms_text_and_section_precede_the_composites(style: Style) -> None:
    notice = measured(("failure-rate-high", 12.5, 10.0))
    child = replace(notice.values[0], description=described("Roll back.", "failure-rate"))
    message = alarm_message(replace(notice, values=(child,)), None, style)
    assert "failure-rate-high: 12.5 (threshold > 10)\nRoll back." in shown(message)
    assert links(message)["runbook"] == f"{RUNBOOK}#failure-rate"
    japanese = alarm_message(replace(notice, values=(child,)), None, replace(style, language="ja"))
    assert "（Roll back.）" in shown(japanese)


def test_only_the_stacks_own_runbook_becomes_a_link(style: Style) -> None:
    elsewhere = described("Act now.", "outage", "https://elsewhere.example/runbook")
    message = alarm_message(replace(change(), description=elsewhere), None, style)
    assert links(message)["runbook"] == RUNBOOK
    assert "elsewhere.example/runbook#outage" in shown(message)


def test_the_runbook_has_the_section_that_messages_link_to() -> None:
    runbook = Path(components.__file__).parent.parent / "docs" / "runbook.md"
    assert f"\n## {RUNBOOK_SECTION}\n" in runbook.read_text()


def test_the_message_of_an_execution_has_counts_ids_and_links(style: Style) -> None:
    message = execution_message(ending(errorCode="SAVE_FAILED"), style)
    assert message["text"] == "🟠 Partially succeeded"
    notice = fields(message)
    assert notice["Goal id"] == GOAL_ID
    assert f":execution:TaskGenerationWorkflow-test:{EXECUTION_ID}\n" in shown(message)
    assert notice["Actions"] == "60 succeeded / 4 failed / 64 in all"
    assert notice["Error"] == "SAVE_FAILED"
    assert notice["Took"] == "2 min 3 s"
    assert set(links(message)) == {"execution", "logs", "runbook", "dashboard"}
    assert EXECUTION_ID in links(message)["logs"]
    assert "<!here>" not in shown(message)


@pytest.mark.parametrize(("failed", "escalates"), [(31, False), (32, True), (64, True)])
def test_an_execution_with_many_failed_actions_has_a_mention(
    failed: int, escalates: bool, style: Style
) -> None:
    message = execution_message(ending(failedActions=failed, succeededActions=64 - failed), style)
    assert ("<!here>" in shown(message)) == escalates
    assert message["text"].startswith("🚨" if escalates else "🟠")


def test_the_message_of_a_cancelled_execution_mentions_no_one(style: Style) -> None:
    aborted = ending(status="ABORTED", failedActions=64, succeededActions=0)
    assert "<!here>" not in shown(execution_message(aborted, style))


def test_a_message_of_many_executions_lists_the_worst_first(style: Style) -> None:
    few = [ending(number, failedActions=4) for number in range(1, 40)]
    worst = ending(99, status="FAILED", failedActions=64, errorCode="MODEL_THROTTLED")
    message = executions_message([*few, worst], style)
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
def test_no_text_of_an_alarm_becomes_markup(
    name: str, description: str, reason: str, children: list[str]
) -> None:
    notice = AlarmNotice(
        name=name,
        arn=f"arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:{name}",
        description=description,
        state="ALARM",
        previous="OK",
        reason=reason,
        changed_at=AT,
        values=tuple(AlarmValue(child, 1.0, ">", 0.5, description) for child in children),
    )
    _is_harmless(alarm_message(notice, None, STYLE))
    odd = tuple(AlarmValue(child, 1.0, reason=description) for child in children)
    _is_harmless(alarm_message(replace(notice, values=odd), None, STYLE))


@given(foreign, foreign, st.integers(1, 600))
def test_no_text_of_a_text_notice_becomes_markup(subject: str, text: str, times: int) -> None:
    _is_harmless(text_message(TextNotice("m-1", subject, text, AT), times, STYLE))


@given(st.lists(st.integers(0, 64), min_size=1, max_size=150))
def test_messages_of_executions_keep_slacks_limits(failures: list[int]) -> None:
    endings = [
        replace(ONE, failed=failed, succeeded=64 - failed, error_code=error)
        for failed, error in zip(failures, [*ErrorCode] * 40, strict=False)
    ]
    _is_harmless(executions_message(endings, STYLE))
    _is_harmless(execution_message(endings[0], STYLE))


def _is_harmless(message: dict[str, Any]) -> None:
    assert refusal(json.loads(json.dumps(message))) is None
    assert not set("<>") & set(message["text"])
    for text in texts(message):
        if text["type"] == "mrkdwn":
            assert OURS.fullmatch(text["text"]), text["text"]
        else:
            assert not set("<>") & set(text["text"])


def test_messages_are_complete_in_both_languages(style: Style) -> None:
    for language, word in (("ja", "しきい値"), ("en", "threshold")):
        notice = replace(style, language=language)
        message = alarm_message(measured(("a", 1.0, 2.0)), None, notice)
        assert word in shown(message)
        assert "{" not in shown(message).replace("{date_num} {time_secs}", "")
        for one in (
            execution_message(ending(), notice),
            executions_message([ending(), ONE], notice),
        ):
            assert "{" not in shown(one).replace("{date_num} {time_secs}", "")


def test_a_runbook_without_a_url_is_shown_but_not_linked(style: Style) -> None:
    local = replace(style, runbook="docs/runbook.md")
    notice = replace(change(), description=described("Act now.", "outage", "docs/runbook.md"))
    message = alarm_message(notice, None, local)
    assert "|runbook>" not in shown(message)
    assert "docs/runbook.md#outage" in shown(message)
    assert refusal(message) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (7260, "2 h 1 min")],
)
def test_a_duration_has_two_units(seconds: float, text: str, style: Style) -> None:
    assert duration(style.texts, timedelta(seconds=seconds)) == text


STYLE = Style("en", 50, "<!here>", RUNBOOK, "https://x.example/d", "ap-northeast-1", ("/aws/a",))
ONE: ExecutionNotice = ending()

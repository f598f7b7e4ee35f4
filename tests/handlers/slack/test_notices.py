"""Notices are read from the topics' messages; any other text is a text notice."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import ExecutionStatus
from handlers.slack.notices import (
    AlarmNotice,
    AlarmValue,
    ExecutionNotice,
    TextNotice,
    UnreadableNoticeError,
    read,
)
from tests.handlers.slack.notices import (
    AT,
    EXECUTION_ID,
    GOAL_ID,
    composite_alarm,
    ended,
    enveloped,
    metric_alarm,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_a_metric_alarm_has_its_value_and_its_threshold() -> None:
    notice = read(enveloped(metric_alarm()))
    assert isinstance(notice, AlarmNotice)
    assert (notice.name, notice.state, notice.previous) == (
        "goal-mandala-test-slack-failing",
        "ALARM",
        "OK",
    )
    assert notice.changed_at == datetime(2026, 11, 24, 9, 30, 0, 463_000, tzinfo=UTC)
    (figures,) = notice.values
    assert figures.alarm == "goal-mandala-test-slack-failing"
    assert (figures.value, figures.sign, figures.threshold) == (12.5, ">", 10.0)
    assert figures.is_known


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        ("Threshold Crossed: 1 datapoint [-3.5 (24/11/26 09:25:00)] was ...", -3.5),
        ("Threshold Crossed: 2 out of the last 3 datapoints [1.0E-4 (..), 7.0 (..)] were", 1e-4),
        ("Threshold Crossed: no datapoints were received for 1 period and ...", None),
        ("Unchecked: Initial alarm creation", None),
    ],
)
def test_the_newest_value_is_in_cloudwatchs_reason(reason: str, value: float | None) -> None:
    notice = read(enveloped(metric_alarm(NewStateReason=reason)))
    assert isinstance(notice, AlarmNotice)
    assert notice.values[0].value == value


def test_a_child_that_is_ok_does_not_make_a_composite_alarm_fire() -> None:
    usual = composite_alarm()
    swept = {"Arn": f"{usual['AlarmArn']}-swept", "State": {"Value": "OK"}}
    asked = composite_alarm(TriggeringChildren=[*usual["TriggeringChildren"], swept])
    notice = read(enveloped(asked))
    assert isinstance(notice, AlarmNotice)
    assert notice.values == (AlarmValue("goal-mandala-test-workflow-failure-rate-high"),)


def test_a_composite_alarm_names_its_children() -> None:
    notice = read(enveloped(composite_alarm()))
    assert isinstance(notice, AlarmNotice)
    assert notice.values == (AlarmValue("goal-mandala-test-workflow-failure-rate-high"),)


def test_an_ended_execution_is_read_with_ids_and_counts() -> None:
    notice = read(enveloped(ended(errorCode="SAVE_FAILED", more="later")))
    assert isinstance(notice, ExecutionNotice)
    assert (notice.execution_id, notice.goal_id) == (EXECUTION_ID, GOAL_ID)
    assert notice.status == ExecutionStatus.PARTIALLY_SUCCEEDED
    assert (notice.total, notice.succeeded, notice.failed) == (64, 60, 4)
    assert notice.error_code == ErrorCode.SAVE_FAILED
    assert notice.failed_percent == 6.25
    assert notice.ended_at == AT


def test_a_deprecated_error_code_is_read_as_the_present_one() -> None:
    notice = read(enveloped(ended(errorCode="RUN_TIMED_OUT")))
    assert isinstance(notice, ExecutionNotice)
    assert notice.error_code == ErrorCode.EXECUTION_TIMED_OUT


@pytest.mark.parametrize(
    "changed",
    [
        {"goalId": "<!channel>"},
        {"executionArn": "https://evil.example"},
        {"executionId": "*x*"},
        {"failedActions": -1},
        {"status": "<!here>"},
        {"errorCode": "<@U1>"},
    ],
)
def test_a_malformed_notice_of_an_execution_is_read_as_a_text(changed: dict[str, object]) -> None:
    assert isinstance(read(enveloped({**ended(), **changed})), TextNotice)


def test_a_forged_alarm_is_read_as_a_text() -> None:
    forged = metric_alarm(AlarmArn="arn:aws:cloudwatch:evil.example/#:123456789012:alarm:x")
    assert isinstance(read(enveloped(forged)), TextNotice)


def test_any_other_message_is_read_as_a_text() -> None:
    notice = read(enveloped("<!channel> hello", subject="from me", message_id="m-1"))
    assert notice == TextNotice("m-1", "from me", "<!channel> hello", AT)


@given(st.text() | json_values.map(json.dumps))
def test_every_message_in_sns_envelope_is_read(message: str) -> None:
    assert isinstance(read(enveloped(message)), TextNotice)


@given(st.text() | json_values.map(json.dumps))
def test_anything_but_sns_envelope_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableNoticeError):
        read(body)


def test_the_same_change_delivered_twice_has_one_key() -> None:
    first, again = (read(enveloped(composite_alarm())) for _ in range(2))
    later = read(enveloped(composite_alarm(StateChangeTime="2026-11-24T09:40:00.000+0000")))
    assert first.key == again.key != later.key
    assert read(enveloped(ended())).key == read(enveloped(ended())).key

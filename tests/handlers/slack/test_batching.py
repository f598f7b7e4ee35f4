"""Deliveries are grouped: old, repeated and superseded notices and floods become few messages."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from handlers.contract.clock import utc_now
from handlers.slack.batching import AlarmGroup, ExecutionsGroup, TextGroup, batch
from handlers.slack.deduplication import LastChange, SentNotices
from handlers.slack.notices import TextNotice
from tests.handlers.slack.notices import AT, change, delivery, ending
from tests.handlers.world import TABLE_NAME, new_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def sent(dynamodb: "DynamoDBClient") -> SentNotices:
    return SentNotices(dynamodb, TABLE_NAME)


def text(text: str, key: str) -> TextNotice:
    return TextNotice(key, "subject", text, AT)


def test_an_alarm_is_sent(sent: SentNotices) -> None:
    (group,) = batch([delivery(change())], sent).groups
    assert isinstance(group, AlarmGroup)
    assert (group.newest.state, group.alarm_since) == ("ALARM", AT)


def test_a_notice_that_was_sent_is_not_sent_again(sent: SentNotices) -> None:
    sent.mark_sent(change().key)
    assert not batch([delivery(change())], sent).groups


def test_the_same_notice_twice_in_one_batch_is_one_message(sent: SentNotices) -> None:
    (group,) = batch([delivery(change()), delivery(change())], sent).groups
    assert len(group.deliveries) == 2


def test_only_the_newest_change_of_an_alarm_is_sent(sent: SentNotices) -> None:
    recovery = change("OK", previous="ALARM", minutes=5)
    (group,) = batch([delivery(recovery), delivery(change())], sent).groups
    assert isinstance(group, AlarmGroup)
    assert (group.newest, group.alarm_since) == (recovery, AT)


def test_two_alarms_are_two_messages(sent: SentNotices) -> None:
    assert len(batch([delivery(change(name="a")), delivery(change(name="b"))], sent).groups) == 2


def test_a_change_older_than_one_that_was_sent_is_dropped(sent: SentNotices) -> None:
    sent.keep_change(change().name, LastChange("OK", AT + timedelta(minutes=1), None))
    assert not batch([delivery(change())], sent).groups


def test_a_recovery_has_the_time_when_the_alarm_began(sent: SentNotices) -> None:
    sent.keep_change(change().name, LastChange("ALARM", AT, AT))
    recovery = change("OK", previous="ALARM", minutes=12)
    (group,) = batch([delivery(recovery)], sent).groups
    assert isinstance(group, AlarmGroup)
    assert group.alarm_since == AT


def test_the_first_change_of_a_new_alarm_is_sent_only_if_it_is_an_alarm(sent: SentNotices) -> None:
    assert not batch([delivery(change("OK", previous="INSUFFICIENT_DATA"))], sent).groups
    assert batch([delivery(change("ALARM", previous="INSUFFICIENT_DATA"))], sent).groups


def test_a_recovery_after_insufficient_data_is_sent(sent: SentNotices) -> None:
    sent.keep_change(change().name, LastChange("ALARM", AT, AT))
    recovery = change("OK", previous="INSUFFICIENT_DATA", minutes=5)
    assert batch([delivery(recovery)], sent).groups


def test_the_ended_executions_of_a_batch_are_one_message_and_each_counts_once(
    sent: SentNotices,
) -> None:
    (group,) = batch([delivery(ending(number)) for number in (1, 2, 3, 3)], sent).groups
    assert isinstance(group, ExecutionsGroup)
    assert len(group.deliveries) == 4
    assert len(group.ended) == 3


def test_ended_executions_wait_after_a_message_of_others_and_alarms_do_not(
    sent: SentNotices,
) -> None:
    assert batch([delivery(ending(1))], sent).groups
    later = delivery(ending(2))
    batched = batch([later, delivery(change())], sent)
    assert [type(group) for group in batched.groups] == [AlarmGroup]
    assert batched.waiting == (later,)
    assert timedelta(minutes=4) < batched.wait <= timedelta(minutes=5)


def test_ended_executions_are_sent_again_five_minutes_later(
    sent: SentNotices, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert batch([delivery(ending(1))], sent).groups
    later = utc_now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr("handlers.slack.deduplication.utc_now", lambda: later)
    assert batch([delivery(ending(2))], sent).groups


def test_the_same_text_is_one_message(sent: SentNotices) -> None:
    texts = [delivery(text("a", "1")), delivery(text("b", "2")), delivery(text("a", "3"))]
    groups = [each for each in batch(texts, sent).groups if isinstance(each, TextGroup)]
    assert [(group.text.text, len(group.deliveries)) for group in groups] == [("a", 2), ("b", 1)]


def test_alarms_come_first(sent: SentNotices) -> None:
    deliveries = [delivery(text("x", "1")), delivery(ending()), delivery(change())]
    types = [type(group) for group in batch(deliveries, sent).groups]
    assert types == [AlarmGroup, ExecutionsGroup, TextGroup]


def test_every_notice_is_sent_while_the_table_is_unavailable(aws: None) -> None:
    client = new_client("dynamodb")
    client.meta.events.register("before-send.dynamodb", _refuse)
    sent = SentNotices(client, TABLE_NAME)
    deliveries = [delivery(ending()), delivery(change("OK", previous="ALARM"))]
    assert len(batch(deliveries, sent).groups) == 2
    sent.mark_sent("k")
    sent.keep_change("a", LastChange("OK", AT, None))


def test_a_key_may_have_any_length(sent: SentNotices) -> None:
    sent.mark_sent("\ud800" + "x" * 10_000)
    assert sent.is_sent("\ud800" + "x" * 10_000)
    assert not sent.is_sent("x")


def _refuse(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")

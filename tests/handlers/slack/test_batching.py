"""What is old, repeated, superseded or of a flood becomes few messages."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from handlers.contract.clock import utc_now
from handlers.slack.batching import AlarmGroup, EndingsGroup, RemarkGroup, fold
from handlers.slack.deduplication import LastChange, Memory
from handlers.slack.notices import Remark
from tests.handlers.slack.notices import AT, change, delivery, ending
from tests.handlers.world import TABLE_NAME, new_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def memory(dynamodb: "DynamoDBClient") -> Memory:
    return Memory(dynamodb, TABLE_NAME)


def test_an_alarm_is_told(memory: Memory) -> None:
    (group,) = fold([delivery(change())], memory).groups
    assert isinstance(group, AlarmGroup)
    assert (group.change.state, group.alarm_since) == ("ALARM", AT)


def test_what_was_told_is_not_told_again(memory: Memory) -> None:
    memory.told("k")
    assert not fold([delivery(change(), "k")], memory).groups


def test_the_same_key_twice_in_one_batch_is_one_message(memory: Memory) -> None:
    groups = fold([delivery(change(), "k"), delivery(change(), "k")], memory).groups
    assert [group.keys for group in groups] == [("k",)]
    assert len(groups[0].deliveries) == 2


def test_of_one_alarm_only_the_newest_change_is_told(memory: Memory) -> None:
    over = change("OK", previous="ALARM", minutes=5)
    (group,) = fold([delivery(over), delivery(change())], memory).groups
    assert isinstance(group, AlarmGroup)
    assert (group.change, group.alarm_since) == (over, AT)


def test_two_alarms_are_two_messages(memory: Memory) -> None:
    assert len(fold([delivery(change(name="a")), delivery(change(name="b"))], memory).groups) == 2


def test_a_change_older_than_what_was_told_is_dropped(memory: Memory) -> None:
    memory.changed(change().name, LastChange("OK", AT + timedelta(minutes=1), None))
    assert not fold([delivery(change())], memory).groups


def test_a_recovery_knows_when_it_had_begun(memory: Memory) -> None:
    memory.changed(change().name, LastChange("ALARM", AT, AT))
    over = change("OK", previous="ALARM", minutes=12)
    (group,) = fold([delivery(over)], memory).groups
    assert isinstance(group, AlarmGroup)
    assert group.alarm_since == AT


def test_an_alarm_that_begins_its_life_says_nothing(memory: Memory) -> None:
    assert not fold([delivery(change("OK", previous="INSUFFICIENT_DATA"))], memory).groups
    assert fold([delivery(change("ALARM", previous="INSUFFICIENT_DATA"))], memory).groups


def test_a_recovery_by_way_of_no_data_is_told(memory: Memory) -> None:
    memory.changed(change().name, LastChange("ALARM", AT, AT))
    over = change("OK", previous="INSUFFICIENT_DATA", minutes=5)
    assert fold([delivery(over)], memory).groups


def test_all_endings_of_a_batch_are_one_message_and_each_counts_once(memory: Memory) -> None:
    endings = [ending(number) for number in (1, 2, 3, 3)]
    (group,) = fold([delivery(each) for each in endings], memory).groups
    assert isinstance(group, EndingsGroup)
    assert len(group.deliveries) == 4
    assert len(group.endings) == 3


def test_after_endings_the_next_ones_wait_and_alarms_do_not(memory: Memory) -> None:
    assert fold([delivery(ending(1))], memory).groups
    later = delivery(ending(2))
    folded = fold([later, delivery(change())], memory)
    assert [type(group) for group in folded.groups] == [AlarmGroup]
    assert folded.waiting == (later,)
    assert timedelta(minutes=4) < folded.wait <= timedelta(minutes=5)


def test_five_minutes_later_endings_are_told_again(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fold([delivery(ending(1))], memory).groups
    later = utc_now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr("handlers.slack.deduplication.utc_now", lambda: later)
    assert fold([delivery(ending(2))], memory).groups


def test_the_same_remark_is_told_once_with_its_number(memory: Memory) -> None:
    remarks = [delivery(Remark("s", text, AT)) for text in ("a", "b", "a")]
    groups = [g for g in fold(remarks, memory).groups if isinstance(g, RemarkGroup)]
    assert [(group.remark.text, len(group.deliveries)) for group in groups] == [("a", 2), ("b", 1)]


def test_alarms_come_first(memory: Memory) -> None:
    batch = [delivery(Remark("", "x", AT)), delivery(ending()), delivery(change())]
    kinds = [type(group) for group in fold(batch, memory).groups]
    assert kinds == [AlarmGroup, EndingsGroup, RemarkGroup]


def test_without_the_table_everything_is_told(aws: None) -> None:
    nowhere = new_client("dynamodb")
    nowhere.meta.events.register("before-send.dynamodb", _refuse)
    memory = Memory(nowhere, TABLE_NAME)
    batch = [delivery(ending()), delivery(change("OK", previous="ALARM"))]
    assert len(fold(batch, memory).groups) == 2
    memory.told("k")
    memory.changed("a", LastChange("OK", AT, None))


def test_a_key_of_any_length_can_be_remembered(memory: Memory) -> None:
    memory.told("\ud800" + "x" * 10_000)
    assert memory.is_told("\ud800" + "x" * 10_000)
    assert not memory.is_told("x")


def _refuse(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")

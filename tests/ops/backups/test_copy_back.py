"""Saved items go back under a fence: what changed meanwhile, what runs and what is newer stays."""

import time
from typing import Any

import pytest

from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.storage.attempts import Attempts
from handlers.storage.table import WorkflowTable
from ops.backups.copy_back import copy_back, unchanged
from ops.backups.difference import compare
from ops.backups.items import Item, Key, read_table
from ops.backups.live_table import difference_of, restore_items
from ops.stack import Stack
from tests.ops.backups.conftest import NAMES, Session
from tests.ops.backups.saved import access_to, begin, end, ended_executions, generate, key

ACTIONS = ["a", "b", "c"]


@pytest.fixture
def tables(dev: Stack) -> Any:
    return dev.client("dynamodb")


def snapshot(dev: Stack) -> dict[Key, Item]:
    return read_table(dev.client("dynamodb"), NAMES.table)


def running_execution(dev: Stack) -> str:
    """One action is generated, one has begun, one waits."""
    access = access_to(dev.client("dynamodb"), NAMES.table)
    execution_id = begin(access, NAMES.execution_arns.removesuffix("*"), ACTIONS)
    generate(access, execution_id, "a")
    Attempts(*access).begin(execution_id, "b", prompt_version="v1", model="m")
    return execution_id


def wipe(tables: Any, keys: Any) -> None:
    for pk, sk in keys:
        tables.delete_item(TableName=NAMES.table, Key=key(pk, sk))


def test_what_was_lost_comes_back_as_it_was(dev: Stack, tables: Any) -> None:
    ended_executions(dev, 3)
    saved = snapshot(dev)
    wipe(tables, [*saved][::2])
    copied, left = restore_items(dev, saved)
    assert len(copied.written) == len([*saved][::2])
    assert snapshot(dev) == saved
    assert (left.same, left.to_copy) == (len(saved), 0)
    assert restore_items(dev, saved)[0].written == []


def test_what_was_damaged_is_as_it_was(dev: Stack, tables: Any) -> None:
    (execution,) = ended_executions(dev, 1)
    saved = snapshot(dev)
    change(tables, (execution, "execution"), "status", {"S": "RUNNING"})
    change(tables, (execution, "action#action-0"), "attempts", {"N": "0"})
    change(tables, (execution, "tasks#action-0"), "tasks", {"L": []})
    copied, left = restore_items(dev, saved)
    assert (len(copied.written), left.same) == (3, len(saved))
    assert snapshot(dev) == saved


def test_an_item_that_changes_after_the_comparison_stays(dev: Stack, tables: Any) -> None:
    execution, other = ended_executions(dev, 2)
    saved = snapshot(dev)
    gone, bad = (execution, "tasks#action-0"), (other, "execution")
    wipe(tables, [gone])
    change(tables, bad, "status", {"S": "RUNNING"})
    live = snapshot(dev)
    found = compare(saved, live, running=(), now=time.time())
    assert found.to_copy == 2
    # somebody else is at work in between
    tables.put_item(TableName=NAMES.table, Item={**key(*gone), "by": {"S": "another"}})
    change(tables, bad, "inputTokens", {"N": "9"})
    before = snapshot(dev)
    copied = copy_back(dev, saved, live, found)
    assert copied.written == []
    assert {*copied.refused} == {" ".join(gone), " ".join(bad)}
    assert snapshot(dev) == before


def test_newer_and_later_items_stay(dev: Stack, tables: Any) -> None:
    execution = running_execution(dev)
    saved = snapshot(dev)
    end(access_to(tables, NAMES.table), execution, ["b", "c"])
    ended_executions(dev, 1)
    before = snapshot(dev)
    assert difference_of(dev, saved).to_copy == 0
    assert restore_items(dev, saved)[0].written == []
    assert snapshot(dev) == before


def test_the_items_of_a_running_execution_are_left_alone(
    dev: Stack, session: Session, tables: Any
) -> None:
    execution = running_execution(dev)
    saved = snapshot(dev)
    session.running.add(execution)
    wipe(tables, [(execution, "action#c"), (execution, "execution")])
    copied, left = restore_items(dev, saved)
    assert copied.written == []
    assert left.running == [f"{execution} action#c", f"{execution} execution"]


def test_an_execution_that_ran_then_comes_back_as_ended(dev: Stack, tables: Any) -> None:
    execution = running_execution(dev)
    saved = snapshot(dev)
    wipe(tables, saved)
    copied, left = restore_items(dev, saved)
    assert len(copied.written) == len(saved)
    assert (left.to_copy, len(left.newer)) == (0, 3)
    table = WorkflowTable.of(access_to(tables, NAMES.table))
    record = table.records.get(execution)
    assert record is not None
    assert record.status == ExecutionStatus.FAILED
    assert record.failed_actions == ("b", "c")
    assert {i.action_id: i.status for i in table.work_items.of(execution)} == {
        "a": ActionStatus.GENERATED,
        "b": ActionStatus.FAILED,
        "c": ActionStatus.FAILED,
    }
    assert restore_items(dev, saved)[0].written == []


def test_half_of_a_copy_back_is_enough_to_go_on_from(dev: Stack, tables: Any) -> None:
    execution = running_execution(dev)
    ended_executions(dev, 1)
    saved = snapshot(dev)
    wipe(tables, saved)
    restore_items(dev, saved)
    whole = snapshot(dev)
    wipe(tables, [*saved][::2])  # as if Ctrl-C had come then
    restore_items(dev, saved)
    again = snapshot(dev)
    assert without_times(again) == without_times(whole)
    assert again[execution, "execution"]["status"] == {"S": "FAILED"}


def test_a_condition_names_every_attribute_of_both() -> None:
    condition = unchanged({"a": {"S": "1"}, "status": {"S": "x"}}, {"a": {"S": "1"}, "b": {}})
    assert condition["ExpressionAttributeNames"] == {"#0": "a", "#1": "b", "#2": "status"}
    assert condition["ConditionExpression"] == "#0 = :0 AND attribute_not_exists(#1) AND #2 = :2"


def change(tables: Any, at: Key, name: str, value: dict[str, Any]) -> None:
    tables.update_item(
        TableName=NAMES.table,
        Key=key(*at),
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": value},
    )


def without_times(items: dict[Key, Item]) -> dict[Key, Item]:
    times = ("endedAt", "stoppedAt")
    return {k: {n: v for n, v in i.items() if n not in times} for k, i in items.items()}

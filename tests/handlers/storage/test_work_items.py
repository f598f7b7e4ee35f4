"""A status is only ever written over one that it may follow, however late the writer."""

from typing import TYPE_CHECKING

import pytest

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ActionStatus
from handlers.storage.models import ActionContext, GeneratedTask, WorkItem
from handlers.storage.work_items import WorkItems
from tests.handlers.world import TABLE_NAME, TTL_DAYS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXECUTION, ACTION = "execution-1", "action-1"
CONTEXT = ActionContext("走る", "HABIT", "体力", "完走")


@pytest.fixture
def work_items(dynamodb: "DynamoDBClient") -> WorkItems:
    work_items = WorkItems(dynamodb, TABLE_NAME, TTL_DAYS)
    work_items.add(EXECUTION, {ACTION: CONTEXT})
    return work_items


def bring_to(work_items: WorkItems, status: ActionStatus) -> WorkItem:
    if status in (ActionStatus.GENERATED, ActionStatus.SAVED):
        work_items.keep_tasks(EXECUTION, ACTION, [GeneratedTask("走る", "詳しく", "HABIT", 30)])
    if status == ActionStatus.GENERATING:
        work_items.begin_attempt(EXECUTION, ACTION, prompt_version="1", model="nova")
    if status == ActionStatus.SAVED:
        work_items.mark_saved(EXECUTION, ACTION)
    if status == ActionStatus.FAILED:
        work_items.fail(EXECUTION, ACTION, ErrorCode.DEADLINE, only_from=OPEN_ACTION_STATUSES)
    item = work_items.get(EXECUTION, ACTION)
    assert item
    assert item.status == status
    return item


@pytest.mark.parametrize("status", list(ActionStatus))
def test_only_what_is_generated_is_marked_saved(
    work_items: WorkItems, status: ActionStatus
) -> None:
    before = bring_to(work_items, status)
    work_items.mark_saved(EXECUTION, ACTION)
    after = work_items.get(EXECUTION, ACTION)
    assert after
    if status == ActionStatus.GENERATED:
        assert after.status == ActionStatus.SAVED
    else:
        assert after == before


@pytest.mark.parametrize("status", list(ActionStatus))
def test_only_what_is_open_fails_with_its_reason(
    work_items: WorkItems, status: ActionStatus
) -> None:
    before = bring_to(work_items, status)
    code = ErrorCode.EXECUTION_TIMED_OUT
    work_items.fail(EXECUTION, ACTION, code, only_from=OPEN_ACTION_STATUSES, detail="late")
    after = work_items.get(EXECUTION, ACTION)
    assert after
    if status in OPEN_ACTION_STATUSES:
        assert (after.status, after.error_code, after.error_detail) == ("FAILED", code, "late")
        assert after.ended_at
    else:
        assert after == before


def test_what_an_attempt_noted_stays_unless_there_is_more_to_say(work_items: WorkItems) -> None:
    work_items.note_error(EXECUTION, ACTION, "tasks.0.title: too long")
    work_items.fail(EXECUTION, ACTION, ErrorCode.DEADLINE, only_from=OPEN_ACTION_STATUSES)
    item = work_items.get(EXECUTION, ACTION)
    assert item
    assert item.error_detail == "tasks.0.title: too long"


def test_an_item_that_is_not_there_is_not_made_by_its_failure(work_items: WorkItems) -> None:
    work_items.fail(EXECUTION, "other", ErrorCode.DEADLINE, only_from=OPEN_ACTION_STATUSES)
    assert [item.action_id for item in work_items.of(EXECUTION)] == [ACTION]


def test_adding_completes_what_is_there_without_touching_it(work_items: WorkItems) -> None:
    before = bring_to(work_items, ActionStatus.GENERATED)
    work_items.add(EXECUTION, {f"action-{number}": CONTEXT for number in range(60)})
    items = {item.action_id: item for item in work_items.of(EXECUTION)}
    assert len(items) == 60
    assert items[ACTION] == before
    assert items["action-59"].status == ActionStatus.PENDING


def test_items_expire(work_items: WorkItems, dynamodb: "DynamoDBClient") -> None:
    [item] = dynamodb.scan(TableName=TABLE_NAME)["Items"]
    assert "N" in item["ttl"]


def test_tasks_come_back_as_they_were_kept(work_items: WorkItems) -> None:
    bring_to(work_items, ActionStatus.GENERATED)
    assert work_items.tasks(EXECUTION, ACTION) == [GeneratedTask("走る", "詳しく", "HABIT", 30)]
    assert work_items.tasks(EXECUTION, "other") == []

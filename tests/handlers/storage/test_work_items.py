"""A status of a work item is written only over one that it may follow."""

from datetime import date
from typing import TYPE_CHECKING

import pytest

from handlers.contract.clock import utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ActionStatus, ExecutionStatus
from handlers.storage.attempts import Attempts
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.items import deserialised
from handlers.storage.models import ActionContext, GeneratedTask, WorkItem
from handlers.storage.work_item_format import PROGRESS_ATTRIBUTES
from handlers.storage.work_items import WorkItems
from tests.handlers.world import ONE_CALL, TABLE_NAME, TTL_DAYS, kept

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXECUTION, ACTION = "execution-1", "action-1"
CONTEXT = ActionContext(
    action_title="毎朝30分走る",
    action_type="HABIT",
    sub_goal_title="体力をつける",
    goal_title="フルマラソンを完走する",
    goal_deadline=date(2027, 3, 31),
    goal_constraints="平日は夜9時以降は使えない",
)
TASKS = [GeneratedTask("走る", "詳しく", "HABIT", 30)]


def records(dynamodb: "DynamoDBClient") -> ExecutionRecords:
    return ExecutionRecords(dynamodb, TABLE_NAME, TTL_DAYS)


@pytest.fixture
def work_items(dynamodb: "DynamoDBClient") -> WorkItems:
    work_items = WorkItems(dynamodb, TABLE_NAME, TTL_DAYS)
    records(dynamodb).begin(
        EXECUTION,
        goal_id="goal-1",
        user_id="hanako",
        execution_arn="arn",
        total_actions=1,
        started_at=utc_now(),
    )
    work_items.add(EXECUTION, {ACTION: CONTEXT})
    return work_items


def bring_to(work_items: WorkItems, attempts: Attempts, status: ActionStatus) -> WorkItem:
    if status in (ActionStatus.GENERATED, ActionStatus.SAVED):
        attempts.keep_tasks(EXECUTION, ACTION, 1, kept(TASKS), ONE_CALL)
    if status == ActionStatus.GENERATING:
        attempts.begin(EXECUTION, ACTION, prompt_version="1", model="nova")
    if status == ActionStatus.SAVED:
        work_items.mark_saved(EXECUTION, [ACTION])
    if status == ActionStatus.FAILED:
        work_items.fail(EXECUTION, ACTION, ErrorCode.DEADLINE, only_from=OPEN_ACTION_STATUSES)
    item = work_items.get(EXECUTION, ACTION)
    assert item
    assert item.status == status
    return item


def test_a_work_item_is_read_as_it_was_added(work_items: WorkItems) -> None:
    added = WorkItem(ACTION, ActionStatus.PENDING, execution_id=EXECUTION, context=CONTEXT)
    assert work_items.get(EXECUTION, ACTION) == added


def test_an_unknown_work_item_is_none(work_items: WorkItems) -> None:
    assert work_items.get(EXECUTION, "nobody") is None


def test_a_work_item_has_the_documented_attributes(
    work_items: WorkItems, dynamodb: "DynamoDBClient"
) -> None:
    items = [deserialised(wire) for wire in dynamodb.scan(TableName=TABLE_NAME)["Items"]]
    [kept] = [item for item in items if item["sk"] == "action#action-1"]
    assert kept["pk"] == EXECUTION
    assert kept["context"] == {
        "actionTitle": "毎朝30分走る",
        "actionType": "HABIT",
        "subGoalTitle": "体力をつける",
        "goalTitle": "フルマラソンを完走する",
        "goalDeadline": "2027-03-31",
        "goalConstraints": "平日は夜9時以降は使えない",
    }


@pytest.mark.parametrize("status", list(ActionStatus))
def test_only_a_generated_item_is_marked_saved(
    work_items: WorkItems, attempts: Attempts, status: ActionStatus
) -> None:
    before = bring_to(work_items, attempts, status)
    work_items.mark_saved(EXECUTION, [ACTION])
    after = work_items.get(EXECUTION, ACTION)
    assert after
    if status == ActionStatus.GENERATED:
        assert after.status == ActionStatus.SAVED
    else:
        assert after == before


@pytest.mark.parametrize("status", list(ActionStatus))
def test_only_an_open_item_fails_with_the_code(
    work_items: WorkItems, attempts: Attempts, status: ActionStatus
) -> None:
    before = bring_to(work_items, attempts, status)
    code = ErrorCode.EXECUTION_TIMED_OUT
    work_items.fail(EXECUTION, ACTION, code, only_from=OPEN_ACTION_STATUSES, detail="late")
    after = work_items.get(EXECUTION, ACTION)
    assert after
    if status in OPEN_ACTION_STATUSES:
        assert (after.status, after.error_code, after.error_detail) == ("FAILED", code, "late")
        assert after.ended_at
    else:
        assert after == before


def test_the_detail_of_an_attempt_stays_if_the_failure_has_none(
    work_items: WorkItems, attempts: Attempts
) -> None:
    attempts.note_error(EXECUTION, ACTION, "tasks.0.title: too long")
    work_items.fail(EXECUTION, ACTION, ErrorCode.DEADLINE, only_from=OPEN_ACTION_STATUSES)
    item = work_items.get(EXECUTION, ACTION)
    assert item
    assert item.error_detail == "tasks.0.title: too long"


def test_failing_a_missing_item_does_not_create_it(work_items: WorkItems) -> None:
    work_items.fail(EXECUTION, "other", ErrorCode.DEADLINE, only_from=OPEN_ACTION_STATUSES)
    assert [item.action_id for item in work_items.of(EXECUTION)] == [ACTION]


def test_adding_items_leaves_those_that_exist_unchanged(
    work_items: WorkItems, attempts: Attempts
) -> None:
    before = bring_to(work_items, attempts, ActionStatus.GENERATED)
    work_items.add(EXECUTION, {f"action-{number}": CONTEXT for number in range(60)})
    items = {item.action_id: item for item in work_items.of(EXECUTION)}
    assert len(items) == 60
    assert items[ACTION] == before
    assert items["action-59"].status == ActionStatus.PENDING


def test_progress_is_a_part_of_the_work_item(work_items: WorkItems) -> None:
    work_items.fail(EXECUTION, ACTION, ErrorCode.DEADLINE, only_from=OPEN_ACTION_STATUSES)
    [whole], [progress] = work_items.of(EXECUTION), work_items.progress(EXECUTION)
    assert vars(progress) == {name: vars(whole)[name] for name in vars(progress)}
    assert progress.error_code == ErrorCode.DEADLINE
    assert "context" not in PROGRESS_ATTRIBUTES


def test_work_items_have_a_ttl(work_items: WorkItems, dynamodb: "DynamoDBClient") -> None:
    items = dynamodb.scan(TableName=TABLE_NAME)["Items"]
    assert ["N" in item["ttl"] for item in items] == [True, True]


def test_no_item_is_added_to_an_execution_that_has_ended(
    work_items: WorkItems, dynamodb: "DynamoDBClient"
) -> None:
    """Found by chaos/simulation: a write that arrives late left actions that never end."""
    records(dynamodb).end(EXECUTION, ExecutionStatus.FAILED)
    work_items.add(EXECUTION, {"action-2": CONTEXT})
    assert [item.action_id for item in work_items.of(EXECUTION)] == [ACTION]


def test_the_tasks_of_generated_actions_are_read_as_they_were_kept(
    work_items: WorkItems, attempts: Attempts
) -> None:
    actions = [ACTION, *(f"action-{number}" for number in range(2, 70))]
    work_items.add(EXECUTION, dict.fromkeys(actions, CONTEXT))
    for action in actions[:60]:
        attempts.keep_tasks(EXECUTION, action, 1, kept(TASKS), ONE_CALL)
    work_items.mark_saved(EXECUTION, actions[:3])

    expected = dict.fromkeys(actions[3:60], TASKS)
    assert work_items.generated(EXECUTION, [*actions, "other"]) == expected
    assert work_items.all_generated(EXECUTION) == expected


def test_of_many_actions_those_that_are_generated_are_marked_saved(
    work_items: WorkItems, attempts: Attempts
) -> None:
    actions = [f"action-{number}" for number in range(2, 40)]
    work_items.add(EXECUTION, dict.fromkeys(actions, CONTEXT))
    for action in actions[1:]:
        attempts.keep_tasks(EXECUTION, action, 1, kept(TASKS), ONE_CALL)
    work_items.mark_saved(EXECUTION, actions)

    statuses = {item.action_id: item.status for item in work_items.of(EXECUTION)}
    assert statuses == {ACTION: "PENDING", actions[0]: "PENDING"} | dict.fromkeys(
        actions[1:], "SAVED"
    )

"""The end of an execution, after which nothing changes any more."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.errors import ErrorCode
from handlers.contract.ids import task_id
from handlers.contract.statuses import ExecutionStatus, GoalState
from handlers.contract.table_keys import TASKS_SK_PREFIX
from handlers.executions.finish import BROKEN, INTERRUPTED, end_execution, goal_state
from handlers.executions.save import save_batch
from handlers.storage.errors import FencedError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import Usage
from tests.handlers.measured import measured
from tests.handlers.world import ONE_CALL, TABLE_NAME, ProductGoal, World


@pytest.fixture
def execution(world: World, goal: ProductGoal) -> str:
    """A running execution, prepared."""
    execution_id = world.start(goal)
    world.prepare(goal, execution_id)
    return execution_id


def save(world: World, goal: ProductGoal, execution: str) -> None:
    save_batch(world.stores, goal.goal_id, execution, goal.action_ids)


def test_an_execution_with_all_actions_saved_has_succeeded(
    world: World, goal: ProductGoal, execution: str
) -> None:
    for action_id in goal.action_ids:
        world.generate(execution, action_id)
    save(world, goal, execution)
    record = world.finish(goal, execution)
    assert record.status == ExecutionStatus.SUCCEEDED
    assert (record.succeeded_actions, record.failed_actions, record.task_count) == (4, (), 8)
    assert record.usage == Usage(400, 200)
    assert record.stopped_at
    assert world.lock(goal.goal_id) == ("ACTIVE", None, None)


def test_an_end_counts_the_actions_that_were_deleted_while_prepare_was_repeated(
    world: World, goal: ProductGoal, execution: str
) -> None:
    """Found by chaos/simulation: the first attempt's work item stays, the total lacked it."""
    world.sql("DELETE FROM actions WHERE id = %s", goal.action_ids[0])
    world.prepare(goal, execution)
    for action_id in goal.action_ids[1:]:
        world.generate(execution, action_id)
    save(world, goal, execution)
    record = world.finish(goal, execution)
    assert (record.total_actions, record.succeeded_actions) == (4, 3)
    assert record.failed_actions == (goal.action_ids[0],)
    assert world.lock(goal.goal_id)[0] == "PARTIAL"


def test_saved_actions_are_kept_if_others_fail(
    world: World, goal: ProductGoal, execution: str
) -> None:
    for action_id in goal.action_ids[:3]:
        world.generate(execution, action_id)
    world.fail(execution, goal.action_ids[3], ErrorCode.MODEL_THROTTLED)
    save(world, goal, execution)
    record = world.finish(goal, execution)
    assert record.status == ExecutionStatus.PARTIALLY_SUCCEEDED
    assert (record.succeeded_actions, record.failed_actions) == (3, (goal.action_ids[3],))
    assert record.error_code is None
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)


def test_an_execution_without_saved_actions_fails_with_the_most_frequent_code(
    world: World, goal: ProductGoal, execution: str
) -> None:
    for action_id in goal.action_ids[:3]:
        world.fail(execution, action_id, ErrorCode.MODEL_REJECTED)
    record = world.finish(goal, execution)
    assert (record.status, record.error_code) == (ExecutionStatus.FAILED, "MODEL_REJECTED")
    assert sorted(record.failed_actions) == sorted(goal.action_ids)
    assert world.item(execution, goal.action_ids[3]).error_code == "FUNCTION_FAILED"
    assert world.lock(goal.goal_id) == ("FAILED", None, None)


def test_a_failed_prepare_ends_the_execution_too(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    record = end_execution(world.stores, goal.goal_id, execution, INTERRUPTED).record
    assert record
    assert (record.status, record.error_code) == (ExecutionStatus.FAILED, "EXECUTION_FAILED")
    assert (record.total_actions, record.succeeded_actions) == (4, 0)
    assert world.lock(goal.goal_id) == ("FAILED", None, None)


def test_an_interrupted_execution_keeps_the_saved_actions(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.generate(execution, goal.action_ids[0])
    record = end_execution(world.stores, goal.goal_id, execution, INTERRUPTED).record
    assert record
    assert record.status == ExecutionStatus.PARTIALLY_SUCCEEDED
    assert world.item(execution, goal.action_ids[1]).error_code == "EXECUTION_FAILED"
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)


def test_finish_saves_the_actions_of_a_batch_that_died(
    world: World, goal: ProductGoal, execution: str
) -> None:
    for action_id in goal.action_ids:
        world.generate(execution, action_id)
    assert world.finish(goal, execution).status == ExecutionStatus.SUCCEEDED
    assert all(len(world.tasks(action_id)) == 2 for action_id in goal.action_ids)


def test_an_execution_ends_even_if_the_database_refuses_its_tasks(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.generate(execution, goal.action_ids[0])
    world.sql("ALTER TABLE tasks RENAME TO elsewhere")
    try:
        record = world.finish(goal, execution)
    finally:
        world.sql("ALTER TABLE elsewhere RENAME TO tasks")
    assert (record.status, record.error_code) == (ExecutionStatus.FAILED, "FUNCTION_FAILED")
    item = world.item(execution, goal.action_ids[0])
    assert (item.status, item.error_code) == ("FAILED", "SAVE_FAILED")
    assert item.error_detail == "UndefinedTable (42P01)"
    kept: Any = world.dynamodb.get_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": execution}, "sk": {"S": TASKS_SK_PREFIX + goal.action_ids[0]}},
    )
    assert kept["Item"]["tasks"]["L"]
    assert world.lock(goal.goal_id) == ("FAILED", None, None)


def test_a_repeated_finish_gives_the_same_answer(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.generate(execution, goal.action_ids[0])
    first = world.finish(goal, execution)
    assert world.finish(goal, execution) == first


def test_a_late_finish_does_not_touch_the_next_execution(
    world: World, goal: ProductGoal, execution: str
) -> None:
    first = world.finish(goal, execution)
    following = world.start(goal)
    assert world.finish(goal, execution) == first
    assert world.lock(goal.goal_id) == ("PROCESSING", following, "GENERATING")
    assert world.record(following).status == ExecutionStatus.RUNNING


def test_after_the_end_only_the_accounting_changes(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.attempts.begin(execution, goal.action_ids[0], prompt_version="1", model="nova")
    world.generate(execution, goal.action_ids[1])
    world.finish(goal, execution)
    before = (world.statuses(execution), world.lock(goal.goal_id), world.sql("SELECT * FROM tasks"))

    zombies: list[Callable[[], object]] = [
        lambda: world.generate(execution, goal.action_ids[0]),
        lambda: world.keep(execution, goal.action_ids[0]),
        lambda: world.prepare(goal, execution),
    ]
    for zombie in zombies:
        with pytest.raises(FencedError):
            zombie()
    save(world, goal, execution)  # finds nothing to save
    world.attempts.end_call(execution, goal.action_ids[0], 2, Usage(7, 5))
    assert before == (
        world.statuses(execution),
        world.lock(goal.goal_id),
        world.sql("SELECT * FROM tasks"),
    )
    assert world.record(execution).usage == ONE_CALL + ONE_CALL + Usage(7, 5)


def test_an_end_that_another_call_overtook_saves_nothing(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.generate(execution, goal.action_ids[0])
    following: list[str] = []
    events = world.dynamodb.meta.events

    def overtake(**_: object) -> None:
        """Before the first ending reads what there is to save: the second one, and a whole run."""
        events.unregister("before-call.dynamodb.GetItem", overtake)
        other = world.another_function()
        end_execution(other, goal.goal_id, execution, INTERRUPTED)
        other.database.close()
        following.append(world.start(goal))
        world.prepare(goal, following[0])
        world.generate(following[0], goal.action_ids[0])
        save(world, goal, following[0])

    events.register("before-call.dynamodb.GetItem", overtake)
    world.finish(goal, execution)
    saved = [str(task_id(following[0], goal.action_ids[0], index)) for index in range(2)]
    assert world.tasks(goal.action_ids[0]) == sorted(saved)
    assert world.record(following[0]).status == ExecutionStatus.RUNNING


def test_an_execution_that_never_had_the_lock_ends_as_not_started(
    world: World, goal: ProductGoal
) -> None:
    dead = world.start(goal)
    world.sql("DELETE FROM goal_workflows")
    running = world.start(goal)
    record = end_execution(world.stores, goal.goal_id, dead, BROKEN).record
    assert record
    assert (record.status, record.error_code) == (ExecutionStatus.FAILED, "START_FAILED")
    assert world.lock(goal.goal_id)[1] == running


def test_a_retry_that_saves_nothing_leaves_the_goal_as_it_was(
    world: World, goal: ProductGoal
) -> None:
    parent = world.start(goal)
    world.prepare(goal, parent)
    world.generate(parent, goal.action_ids[0])
    assert world.finish(goal, parent).status == ExecutionStatus.PARTIALLY_SUCCEEDED
    failed = goal.action_ids[1:]
    retry = world.start(goal, action_ids=tuple(failed), parent=parent)
    world.prepare(goal, retry, failed)
    assert world.finish(goal, retry).status == ExecutionStatus.FAILED
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)


STATES = st.sampled_from([state for state in GoalState if state != GoalState.PROCESSING])


@given(
    st.sampled_from([status for status in ExecutionStatus if status != "RUNNING"]),
    st.integers(1, 64).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    st.booleans(),
    STATES,
)
def test_the_goals_state_follows_from_the_record(
    status: ExecutionStatus, counts: tuple[int, int], is_retry: bool, previous: GoalState
) -> None:
    succeeded, total = counts
    record = ExecutionRecord(
        "e", "g", "u", status, "arn", "t", total, "p" if is_retry else None,
        succeeded_actions=succeeded,
    )  # fmt: skip
    state = goal_state(record, previous)
    assert (state == GoalState.PARTIAL) >= (0 < succeeded < total)
    assert (state == GoalState.ACTIVE) >= (succeeded == total)
    if not succeeded:
        assert state == (previous if is_retry or status == "ABORTED" else GoalState.FAILED)
    assert goal_state(None, previous) == previous


def test_only_the_call_that_ends_an_execution_emits_its_metrics(
    world: World, goal: ProductGoal, execution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for action_id in goal.action_ids[:2]:
        world.generate(execution, action_id)
    world.fail(execution, goal.action_ids[2], ErrorCode.MODEL_THROTTLED)
    world.fail(execution, goal.action_ids[3], ErrorCode.DEADLINE)
    save(world, goal, execution)
    capsys.readouterr()
    world.finish(goal, execution)
    assert measured(capsys.readouterr().out) == {
        "ExecutionsEnded": [1],
        "ExecutionsEnded{status=PARTIALLY_SUCCEEDED}": [1],
        "ActionsSucceeded": [2],
        "FailedActionsShare": [50],
        "ActionsFailed": [1, 1],
        "ActionsFailed{errorCode=MODEL_THROTTLED}": [1],
        "ActionsFailed{errorCode=DEADLINE}": [1],
        "DeadlineCuts": [1],
    }
    world.finish(goal, execution)
    end_execution(world.stores, goal.goal_id, execution, BROKEN)
    assert measured(capsys.readouterr().out) == {}


def test_a_cancel_emits_the_end_and_no_failed_action(
    world: World, goal: ProductGoal, execution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.generate(execution, goal.action_ids[0])
    capsys.readouterr()
    world.cancel(goal, execution)
    assert measured(capsys.readouterr().out) == {
        "ExecutionsEnded": [1],
        "ExecutionsEnded{status=ABORTED}": [1],
        "ActionsSucceeded": [0],
        "FailedActionsShare": [0],
    }


def test_an_execution_without_work_items_emits_only_that_it_ended(
    world: World, goal: ProductGoal, capsys: pytest.CaptureFixture[str]
) -> None:
    execution = world.start(goal)
    end_execution(world.stores, goal.goal_id, execution, INTERRUPTED)
    assert measured(capsys.readouterr().out) == {
        "ExecutionsEnded": [1],
        "ExecutionsEnded{status=FAILED}": [1],
    }

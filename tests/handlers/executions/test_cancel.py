"""A cancel discards tasks that no user has seen, and nothing else; nothing changes after it."""

import pytest

from handlers.executions.cancel import cancel
from handlers.executions.errors import (
    ExecutionEndedError,
    ExecutionFinishingError,
    ExecutionNotFoundError,
)
from handlers.executions.finish import COMPLETED, end_execution
from handlers.storage.errors import FencedError
from tests.handlers.world import ProductGoal, World


def test_a_cancel_ends_the_record_the_items_and_the_lock(
    world: World, goal: ProductGoal, execution: str
) -> None:
    by_hand = world.add_task(goal.action_ids[0])
    record = world.cancel(goal, execution)
    assert (record.status, record.error_code) == ("ABORTED", "CANCELLED")
    assert record.failed_actions == ()  # what was cancelled did not fail
    assert {item.error_code for item in world.stores.work_items.of(execution)} == {"CANCELLED"}
    assert world.executions(goal.goal_id) == []
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)
    assert world.sql("SELECT id::text FROM tasks") == [(by_hand,)]


def test_discard_restores_the_goals_previous_state(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.finish(goal, execution)
    assert world.lock(goal.goal_id)[0] == "PARTIAL"
    world.cancel(goal, world.start(goal))
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)


def test_a_worker_can_write_nothing_after_a_cancel(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.cancel(goal, execution)
    with pytest.raises(FencedError):
        world.keep(execution, goal.action_ids[1])
    assert world.statuses(execution) == ["FAILED"] * 4


@pytest.mark.parametrize("phase", ["SAVING", "ENDING"])
def test_a_cancel_after_saving_has_begun_is_refused(
    world: World, goal: ProductGoal, execution: str, phase: str
) -> None:
    world.sql("UPDATE goal_workflows SET phase = %s", phase)
    with pytest.raises(ExecutionFinishingError):
        world.cancel(goal, execution)
    assert world.lock(goal.goal_id) == ("PROCESSING", execution, phase)
    assert world.executions(goal.goal_id) == [execution]


def test_an_execution_that_has_ended_cannot_be_cancelled(
    world: World, goal: ProductGoal, execution: str
) -> None:
    before = world.finish(goal, execution)
    with pytest.raises(ExecutionEndedError):
        world.cancel(goal, execution)
    assert world.record(execution) == before


def test_another_users_execution_does_not_exist_for_the_caller(
    world: World, goal: ProductGoal, execution: str
) -> None:
    stranger = world.add_goal().user_id
    for execution_id, user_id in ((execution, stranger), ("nowhere", goal.user_id)):
        with pytest.raises(ExecutionNotFoundError):
            cancel(world.stores, world.machine, execution_id, user_id=user_id, reason="")
    assert world.lock(goal.goal_id)[2] == "GENERATING"


def test_a_finish_of_a_cancelled_execution_discards_its_tasks(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.sql("UPDATE goal_workflows SET phase = 'CANCELLED'")
    record = end_execution(world.stores, goal.goal_id, execution, COMPLETED).record
    assert record
    assert (record.status, record.error_code) == ("ABORTED", "CANCELLED")
    assert world.sql("SELECT 1 FROM tasks") == []
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)


def test_a_cancel_before_the_start_prevents_the_start(world: World, goal: ProductGoal) -> None:
    """The start has put its record and not yet called Step Functions."""
    execution = world.start(goal)
    world.forget_in_step_functions(execution)
    assert world.cancel(goal, execution).status == "ABORTED"
    world.machine.start(execution, goal.goal_id)
    with pytest.raises(FencedError):
        world.prepare(goal, execution)
    assert world.finish(goal, execution).status == "ABORTED"

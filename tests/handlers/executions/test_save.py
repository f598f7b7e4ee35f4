"""The product's tasks that a save inserts, replaces and leaves."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from handlers.contract.ids import task_id
from handlers.contract.statuses import ActionStatus
from handlers.executions.cancel import cancel
from handlers.executions.errors import ExecutionFinishingError
from handlers.executions.finish import COMPLETED, end_execution
from handlers.executions.save import save_batch
from handlers.storage.errors import FencedError
from handlers.storage.saved_tasks import SaveOutcome
from tests.handlers.world import ProductGoal, World


@pytest.fixture
def execution(world: World, goal: ProductGoal) -> str:
    """A running execution, all its actions generated."""
    execution_id = world.start(goal)
    world.prepare(goal, execution_id)
    for action_id in goal.action_ids:
        world.generate(execution_id, action_id)
    return execution_id


def save(world: World, goal: ProductGoal, execution_id: str) -> SaveOutcome:
    return save_batch(world.stores, goal.goal_id, execution_id, goal.action_ids)


def test_a_save_writes_the_generated_tasks(world: World, goal: ProductGoal, execution: str) -> None:
    assert save(world, goal, execution).saved == goal.action_ids
    assert world.sql(
        'SELECT title, description, type::text, status::text, "estimatedMinutes" FROM tasks'
        " WHERE id = %s",
        task_id(execution, goal.action_ids[0], 1),
    ) == [("休む", "詳しく", "HABIT", "NOT_STARTED", 30)]
    assert world.statuses(execution) == ["SAVED"] * 4
    assert world.lock(goal.goal_id)[2] == "SAVING"


def test_a_repeated_save_inserts_nothing_twice(
    world: World, goal: ProductGoal, execution: str
) -> None:
    save(world, goal, execution)
    before = world.sql("SELECT * FROM tasks ORDER BY id")
    assert save(world, goal, execution) == SaveOutcome([], [], {})
    world.set_status(execution, goal.action_ids[0], "GENERATED")  # died before it could say so
    assert save(world, goal, execution).saved == goal.action_ids[:1]
    assert world.sql("SELECT * FROM tasks ORDER BY id") == before
    assert world.statuses(execution) == ["SAVED"] * 4


def test_a_repeated_save_leaves_tasks_that_a_user_has_started(
    world: World, goal: ProductGoal, execution: str
) -> None:
    save(world, goal, execution)
    world.sql("UPDATE tasks SET status = 'IN_PROGRESS', title = '少し走る'")
    before = world.sql("SELECT * FROM tasks ORDER BY id")
    world.set_status(execution, goal.action_ids[0], "GENERATED")
    save(world, goal, execution)
    assert world.sql("SELECT * FROM tasks ORDER BY id") == before


def test_only_tasks_that_no_user_has_started_are_replaced(
    world: World, goal: ProductGoal, execution: str
) -> None:
    action_id = goal.action_ids[0]
    earlier = str(uuid4())
    begun = {
        world.add_task(action_id, status=status, task_id=task_id(earlier, action_id, index))
        for index, status in enumerate(("IN_PROGRESS", "COMPLETED", "SKIPPED"))
    }
    replaced = world.add_task(action_id, task_id=task_id(earlier, action_id, 3))
    by_hand = world.add_task(action_id)
    of_another_action = world.add_task(
        goal.action_ids[1], task_id=task_id(earlier, goal.action_ids[1], 0)
    )
    save_batch(world.stores, goal.goal_id, execution, [action_id])
    left = set(world.tasks(action_id))
    assert begun | {by_hand} < left
    assert replaced not in left
    assert len(left) == 3 + 1 + 2
    assert world.tasks(goal.action_ids[1]) == [of_another_action]


def test_an_action_deleted_meanwhile_fails_alone(
    world: World, goal: ProductGoal, execution: str
) -> None:
    gone = goal.action_ids[1]
    world.sql("DELETE FROM actions WHERE id = %s", gone)
    outcome = save(world, goal, execution)
    assert (len(outcome.saved), outcome.missing) == (3, [gone])
    item = world.item(execution, gone)
    assert (item.status, item.error_code) == (ActionStatus.FAILED, "ACTION_NOT_FOUND")


def test_an_action_that_the_database_refuses_costs_no_other(
    world: World, goal: ProductGoal
) -> None:
    execution = world.start(goal)
    world.prepare(goal, execution)
    bad, *good = goal.action_ids
    world.generate(execution, bad, "長" * 256)
    for action_id in good:
        world.generate(execution, action_id)
    outcome = save(world, goal, execution)
    assert outcome.saved == good
    item = world.item(execution, bad)
    assert (item.status, item.error_code) == (ActionStatus.FAILED, "SAVE_FAILED")
    assert item.error_detail == "StringDataRightTruncation 22001"
    assert world.tasks(bad) == []


def test_text_that_postgresql_cannot_hold_fails_its_action(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.prepare(goal, execution)
    world.generate(execution, goal.action_ids[0], "走る\x00")
    world.generate(execution, goal.action_ids[1])
    assert save(world, goal, execution).saved == [goal.action_ids[1]]
    assert world.item(execution, goal.action_ids[0]).error_code == "SAVE_FAILED"


def test_a_save_of_a_batch_without_generated_actions_leaves_the_phase(
    world: World, goal: ProductGoal
) -> None:
    execution = world.start(goal)
    world.prepare(goal, execution)
    assert save(world, goal, execution) == SaveOutcome([], [], {})
    assert world.lock(goal.goal_id)[2] == "GENERATING"


@pytest.mark.parametrize("phase", ["CANCELLED", "ENDING"])
def test_a_save_after_the_execution_has_ended_is_refused(
    world: World, goal: ProductGoal, execution: str, phase: str
) -> None:
    world.sql("UPDATE goal_workflows SET phase = %s", phase)
    with pytest.raises(FencedError, match=phase):
        save(world, goal, execution)
    assert world.sql("SELECT 1 FROM tasks") == []
    assert world.statuses(execution) == ["GENERATED"] * 4


def test_a_save_while_another_execution_holds_the_goal_is_refused(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.cancel(goal, execution)
    world.set_status(execution, goal.action_ids[0], "GENERATED")  # a zombie's view
    world.start(goal)
    with pytest.raises(FencedError):
        save(world, goal, execution)
    assert world.sql("SELECT 1 FROM tasks") == []


def test_of_a_save_and_a_cancel_at_the_same_time_one_succeeds(world: World) -> None:
    saver, canceller = world.another_function(), world.another_function()
    barrier = Barrier(2, timeout=30)
    saved = cancelled = 0

    def try_save(goal: ProductGoal, execution: str) -> bool:
        barrier.wait()
        try:
            save_batch(saver, goal.goal_id, execution, goal.action_ids)
        except FencedError:
            return False
        return True

    def try_cancel(goal: ProductGoal, execution: str) -> bool:
        barrier.wait()
        try:
            cancel(canceller, world.machine, execution, user_id=goal.user_id, reason="")
        except ExecutionFinishingError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for _ in range(8):
            goal = world.add_goal(1, 1)
            execution = world.start(goal)
            world.prepare(goal, execution)
            for action_id in goal.action_ids:
                world.generate(execution, action_id)
            did_save = pool.submit(try_save, goal, execution)
            did_cancel = pool.submit(try_cancel, goal, execution)
            assert did_save.result() or did_cancel.result()
            tasks = [task for action_id in goal.action_ids for task in world.tasks(action_id)]
            if did_cancel.result():
                cancelled += 1
                # a save that found nothing generated any more ends quietly, too
                assert tasks == []
                assert world.statuses(execution) == ["FAILED"]
                assert world.lock(goal.goal_id) == ("DRAFT", None, None)
            else:
                saved += 1
                assert len(tasks) == 2
                assert world.statuses(execution) == ["SAVED"]
    for function in (saver, canceller):
        function.database.close()
    assert saved + cancelled == 8


def test_a_save_and_the_finish_at_the_same_time_lose_no_task(world: World) -> None:
    saver, finisher = world.another_function(), world.another_function()
    barrier = Barrier(2, timeout=30)

    def try_save(goal: ProductGoal, execution: str) -> None:
        barrier.wait()
        try:
            save_batch(saver, goal.goal_id, execution, goal.action_ids)
        except FencedError:
            return

    def finish(goal: ProductGoal, execution: str) -> None:
        barrier.wait()
        end_execution(finisher, goal.goal_id, execution, COMPLETED)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            goal = world.add_goal(1, 1)
            execution = world.start(goal)
            world.prepare(goal, execution)
            for action_id in goal.action_ids:
                world.generate(execution, action_id)
            for done in [pool.submit(each, goal, execution) for each in (try_save, finish)]:
                done.result()
            assert len(world.tasks(goal.action_ids[0])) == 2
            assert world.record(execution).status == "SUCCEEDED"
            assert world.lock(goal.goal_id) == ("ACTIVE", None, None)
    for function in (saver, finisher):
        function.database.close()

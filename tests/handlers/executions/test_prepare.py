"""Prepare adds the work items; it can be repeated, and does nothing after a cancel."""

from datetime import date
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.statuses import ActionStatus
from handlers.executions.cancel import cancel
from handlers.executions.errors import NothingToDoError
from handlers.executions.prepare import Limits, in_batches, prepare
from handlers.executions.progress import count_progress
from handlers.storage.errors import FencedError
from tests.handlers.world import STARTED_AT, ProductGoal, World


def test_there_is_one_pending_work_item_an_action(world: World, goal: ProductGoal) -> None:
    execution_id = world.start(goal)
    plan = prepare(
        world.stores,
        goal.goal_id,
        execution_id,
        None,
        started_at=STARTED_AT,
        limits=Limits(timeout_seconds=900, batch_size=3),
    )
    assert plan.action_ids == goal.action_ids
    assert plan.batches == [goal.action_ids[:3], goal.action_ids[3:]]
    assert plan.deadline == int(STARTED_AT.timestamp()) + 900
    item = world.item(execution_id, goal.action_ids[3])
    assert item.status == ActionStatus.PENDING
    assert item.context.action_title == "走る 1"
    assert item.context.action_type == "HABIT"
    assert item.context.sub_goal_title == "体力 1"
    assert item.context.goal_title == "フルマラソンを完走する"
    assert item.context.goal_deadline == date(2027, 3, 31)  # midnight in Japan
    assert item.context.goal_constraints is None


def test_prepare_adds_items_only_for_the_requested_actions(world: World, goal: ProductGoal) -> None:
    some = goal.action_ids[2:0:-1]
    execution_id = world.start(goal, action_ids=tuple(some))
    plan = world.prepare(goal, execution_id, some)
    assert plan.action_ids == goal.action_ids[1:3]
    assert len(world.stores.work_items.of(execution_id)) == 2


def test_a_repeated_prepare_keeps_what_was_generated(world: World, goal: ProductGoal) -> None:
    execution_id = world.start(goal)
    first = world.prepare(goal, execution_id)
    world.generate(execution_id, goal.action_ids[0])
    assert world.prepare(goal, execution_id) == first
    assert world.item(execution_id, goal.action_ids[0]).status == ActionStatus.GENERATED


def test_prepare_includes_actions_added_after_the_start(world: World, goal: ProductGoal) -> None:
    execution_id = world.start(goal)
    [(sub_goal_id,)] = world.sql(
        'SELECT id::text FROM sub_goals WHERE "goalId" = %s AND position = 0', goal.goal_id
    )
    world.add_action(sub_goal_id, 7)
    world.prepare(goal, execution_id)
    assert world.record(execution_id).total_actions == 5
    assert count_progress(world.stores.work_items.of(execution_id)).total == 5


def test_prepare_refuses_a_goal_that_was_deleted_after_the_start(
    world: World, goal: ProductGoal
) -> None:
    execution_id = world.start(goal)
    world.sql("DELETE FROM goals WHERE id = %s", goal.goal_id)
    with pytest.raises(NothingToDoError, match=goal.goal_id):
        world.prepare(goal, execution_id)


def test_an_execution_that_lost_its_lock_prepares_nothing(world: World, goal: ProductGoal) -> None:
    dead = world.start(goal)
    world.forget_in_step_functions(dead)
    world.let_the_grace_pass()
    world.start(goal)
    with pytest.raises(FencedError):
        world.prepare(goal, dead)
    assert world.stores.work_items.of(dead) == []


def test_a_cancel_during_prepare_leaves_no_open_item(world: World, goal: ProductGoal) -> None:
    execution_id = world.start(goal)
    other = world.another_function()
    cancelling = Thread(
        target=cancel,
        args=(other, world.machine, execution_id),
        kwargs={"user_id": goal.user_id, "reason": ""},
    )

    def cancel_now(**_: object) -> None:
        world.dynamodb.meta.events.unregister("before-call.dynamodb.TransactWriteItems", cancel_now)
        cancelling.start()
        cancelling.join(0.5)  # it has to wait for us, so it does not end

    world.dynamodb.meta.events.register("before-call.dynamodb.TransactWriteItems", cancel_now)
    world.prepare(goal, execution_id)
    cancelling.join()
    other.database.close()
    assert world.statuses(execution_id) == ["FAILED"] * 4
    assert world.record(execution_id).status == "ABORTED"


@given(st.lists(st.uuids().map(str), max_size=100), st.integers(1, 40))
def test_batches_hold_every_action_once_in_order(action_ids: list[str], size: int) -> None:
    batches = in_batches(action_ids, size)
    assert [each for batch in batches for each in batch] == action_ids
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches)

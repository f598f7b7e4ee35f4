"""A process that dies between any two steps leaves nothing that is not repaired.

A step is a call of AWS, or the beginning or the commit of a transaction. Each test lets an act of
the workflow die before its first step, before its second, and so on until it completes.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import pytest
from psycopg import Connection

from handlers.executions.cancel import cancel
from handlers.executions.errors import AlreadyRunningError
from handlers.executions.finish import COMPLETED, end_execution
from handlers.executions.reconcile import sweep
from handlers.executions.save import save_batch
from handlers.executions.start import StartRequest, start
from handlers.executions.state_machine import StateMachine
from handlers.storage.access import TableAccess
from handlers.storage.database import Database
from handlers.storage.stores import Stores
from tests.handlers.world import (
    MACHINE,
    TABLE_NAME,
    TTL_DAYS,
    Killed,
    ProductGoal,
    World,
    client,
    ignore,
    new_client,
)

STEPS_AT_MOST = 60


class Mortal:
    """A function's stores and state machine; `dies_before` counts the steps to its death."""

    def __init__(self, world: World) -> None:
        self._left = 0
        self.was_killed = False
        dynamodb, stepfunctions = new_client("dynamodb"), new_client("stepfunctions")
        for each in (dynamodb, stepfunctions):
            each.meta.events.register("before-call", self._step)
        mortal = self

        class MortalDatabase(Database):
            @contextmanager
            def transaction(self) -> Generator[Connection]:
                mortal._step()
                with super().transaction() as connection:
                    yield connection
                    mortal._step()

        self.machine = StateMachine(stepfunctions, MACHINE)
        database = MortalDatabase(client("secretsmanager"), world.secret_arn, local=True)
        self.stores = Stores.of(database, TableAccess(dynamodb, TABLE_NAME, TTL_DAYS))

    def run(self, act: Callable[[Stores, StateMachine], Any], *, dies_before: int) -> bool:
        """Run an act that dies before its n-th step; whether it got through."""
        self._left = dies_before
        try:
            act(self.stores, self.machine)
        except Killed:
            self.stores.database.close()
            return False
        return True

    def _step(self, **_: object) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed


@pytest.fixture
def mortal(world: World) -> Iterator[Mortal]:
    mortal = Mortal(world)
    yield mortal
    mortal.stores.database.close()


def deaths(
    world: World, mortal: Mortal, act: Callable[[Stores, StateMachine, ProductGoal, str], Any]
) -> Iterator[tuple[ProductGoal, str]]:
    """Goals and executions on which the act died, each at another step.

    Of each goal one action is generated, and one is in the making.
    """
    for step in range(1, STEPS_AT_MOST):
        goal = world.add_goal(1, 2)
        execution = world.start(goal)
        world.prepare(goal, execution)
        world.generate(execution, goal.action_ids[0])
        world.attempts.begin(execution, goal.action_ids[1], prompt_version="1", model="nova")
        got_through = mortal.run(
            lambda stores, machine, goal=goal, execution=execution: act(
                stores, machine, goal, execution
            ),
            dies_before=step,
        )
        if got_through:
            return
        yield goal, execution
    pytest.fail("the act has no end")


def has_ended(world: World, goal: ProductGoal, execution: str) -> bool:
    """One action saved, one failed, the goal free."""
    record = world.record(execution)
    return (
        record.succeeded_actions == 1
        and record.failed_actions == (goal.action_ids[1],)
        and world.statuses(execution) == ["FAILED", "SAVED"]
        and [len(world.tasks(action_id)) for action_id in goal.action_ids] == [2, 0]
        and world.lock(goal.goal_id) == ("PARTIAL", None, None)
    )


def finish(stores: Stores, _: StateMachine, goal: ProductGoal, execution: str) -> None:
    end_execution(stores, goal.goal_id, execution, COMPLETED)


def test_a_lock_left_by_a_dead_start_is_taken_by_the_next_start(
    world: World, mortal: Mortal
) -> None:
    for step in range(1, STEPS_AT_MOST):
        goal = world.add_goal(1, 1)
        request = StartRequest(goal.goal_id, goal.user_id)
        got_through = mortal.run(
            lambda stores, machine, request=request: start(stores, machine, request),
            dies_before=step,
        )
        world.let_the_grace_pass()
        try:
            running = world.start(goal)
        except AlreadyRunningError as error:
            running = error.execution_id
        assert world.executions(goal.goal_id) == [running]
        assert world.lock(goal.goal_id) == ("PROCESSING", running, "GENERATING")
        of_goal = [record for record in world.records() if record["goalId"] == goal.goal_id]
        assert [r["pk"] for r in of_goal if r["status"] == "RUNNING"] == [running]
        if got_through:
            return
    pytest.fail("a start has no end")


def test_a_lock_left_by_a_dead_start_is_released_by_the_sweep(world: World, mortal: Mortal) -> None:
    for step in range(1, STEPS_AT_MOST):
        goal = world.add_goal(1, 1)
        request = StartRequest(goal.goal_id, goal.user_id)
        got_through = mortal.run(
            lambda stores, machine, request=request: start(stores, machine, request),
            dies_before=step,
        )
        world.let_the_grace_pass()
        world.sweep()
        running = [
            record["pk"]
            for record in world.records()
            if record["goalId"] == goal.goal_id and record["status"] == "RUNNING"
        ]
        assert running == world.executions(goal.goal_id)
        held = world.sql(
            "SELECT execution_id::text FROM goal_workflows"
            " WHERE goal_id = %s AND execution_id IS NOT NULL",
            goal.goal_id,
        )
        assert [execution for (execution,) in held] == running
        if got_through:
            return
    pytest.fail("a start has no end")


@pytest.mark.parametrize("turn", [0, pytest.param(1, marks=pytest.mark.soak)])
def test_a_finish_that_dies_is_completed_by_its_retry_and_by_the_sweep(
    world: World, mortal: Mortal, turn: int
) -> None:
    statuses = cycle(["SUCCEEDED", "FAILED", "TIMED_OUT"])
    for number, (goal, execution) in enumerate(deaths(world, mortal, finish), turn):
        if number % 2:
            world.finish(goal, execution)
        else:
            world.end_in_step_functions(execution, next(statuses))
            world.let_the_grace_pass()
            world.sweep()
        assert has_ended(world, goal, execution)


@pytest.mark.soak  # its steps are those of a finish
def test_a_sweep_that_dies_is_completed_by_the_next_one(world: World, mortal: Mortal) -> None:
    def sweep_of_a_dead(
        stores: Stores, machine: StateMachine, _: ProductGoal, execution: str
    ) -> None:
        world.end_in_step_functions(execution, "TIMED_OUT")
        world.let_the_grace_pass()
        sweep(stores, machine, timeout_seconds=900, publish=ignore)

    for goal, execution in deaths(world, mortal, sweep_of_a_dead):
        world.let_the_grace_pass()
        world.sweep()
        assert has_ended(world, goal, execution)


def test_a_save_that_dies_is_completed_by_its_retry_or_by_finish(
    world: World, mortal: Mortal
) -> None:
    def save(stores: Stores, _: StateMachine, goal: ProductGoal, execution: str) -> None:
        save_batch(stores, goal.goal_id, execution, goal.action_ids)

    for number, (goal, execution) in enumerate(deaths(world, mortal, save)):
        if number % 2:
            save(world.stores, world.machine, goal, execution)
        world.finish(goal, execution)
        assert has_ended(world, goal, execution)


def test_a_prepare_that_dies_is_completed_by_its_retry(world: World, mortal: Mortal) -> None:
    for step in range(1, STEPS_AT_MOST):
        goal = world.add_goal(1, 2)
        execution = world.start(goal)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(world, "stores", mortal.stores)
            got_through = mortal.run(
                lambda stores, machine, goal=goal, execution=execution: world.prepare(
                    goal, execution
                ),
                dies_before=step,
            )
        assert world.prepare(goal, execution).action_ids == goal.action_ids
        assert world.statuses(execution) == ["PENDING", "PENDING"]
        if got_through:
            return
    pytest.fail("prepare has no end")


def test_a_cancel_that_dies_after_the_phase_is_set_is_completed(
    world: World, mortal: Mortal
) -> None:
    def die(stores: Stores, machine: StateMachine, goal: ProductGoal, execution: str) -> None:
        cancel(stores, machine, execution, user_id=goal.user_id, reason="")

    def sweep_late(*_: object) -> None:
        world.let_the_grace_pass()
        world.sweep()

    healers = cycle([world.cancel, sweep_late, world.finish])
    for (goal, execution), heal in zip(deaths(world, mortal, die), healers, strict=False):
        if world.lock(goal.goal_id)[2] == "GENERATING":
            continue  # nothing has happened yet
        if world.lock(goal.goal_id)[2] == "CANCELLED":
            heal(goal, execution)
        assert world.record(execution).error_code == "CANCELLED"
        assert world.statuses(execution) == ["FAILED"] * 2
        assert world.sql("SELECT 1 FROM tasks") == []
        assert world.lock(goal.goal_id) == ("DRAFT", None, None)

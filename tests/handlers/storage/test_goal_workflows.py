"""The table goal_workflows in the product's database."""

from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

import handlers.storage
from handlers.contract.statuses import GoalState, Phase
from handlers.storage import locks
from handlers.storage.errors import FencedError
from tests.handlers.world import World

MIGRATION = Path(handlers.storage.__file__).with_name("goal_workflows.sql").read_bytes()


def test_the_migration_of_goal_workflows_can_be_repeated(world: World) -> None:
    goal = world.add_goal()
    execution = world.start(goal)
    with psycopg.connect(world.url) as connection:
        connection.execute(MIGRATION)
    assert world.lock(goal.goal_id)[1] == execution


@pytest.mark.parametrize(
    "columns",
    [
        "state = 'DONE'",
        "phase = 'PAUSED'",
        "state = 'PROCESSING'",
        "phase = 'GENERATING'",
        "execution_id = gen_random_uuid()",
        "previous_state = 'DRAFT'",
        "execution_id = gen_random_uuid(), previous_state = 'PROCESSING', state = 'PROCESSING',"
        " phase = 'GENERATING'",
    ],
)
def test_the_database_refuses_a_contradictory_row(world: World, columns: str) -> None:
    world.sql("INSERT INTO goal_workflows (goal_id) VALUES (gen_random_uuid())")
    with pytest.raises(errors.CheckViolation):
        world.sql(f"UPDATE goal_workflows SET {columns}")


def test_every_state_and_phase_of_the_contract_is_accepted(world: World) -> None:
    world.sql("INSERT INTO goal_workflows (goal_id) VALUES (gen_random_uuid())")
    for state in GoalState:
        if state != GoalState.PROCESSING:
            world.sql("UPDATE goal_workflows SET state = %s", state)
    for phase in Phase:
        world.sql(
            "UPDATE goal_workflows SET execution_id = gen_random_uuid(), phase = %s,"
            " previous_state = 'DRAFT', state = 'PROCESSING'",
            phase,
        )


def test_deleting_a_goal_neither_fails_nor_drops_its_lock(world: World) -> None:
    goal = world.add_goal()
    execution = world.start(goal)
    world.sql("DELETE FROM goals WHERE id = %s", goal.goal_id)
    assert world.lock(goal.goal_id)[1] == execution


def test_the_sweep_finds_old_locks_that_are_held_the_oldest_first(world: World) -> None:
    goals = [world.add_goal(1, 1) for _ in range(3)]
    for goal in goals:
        world.start(goal)
    free = world.add_goal(1, 1)
    world.cancel(free, world.start(free))
    world.let_the_grace_pass()
    young = world.add_goal(1, 1)
    world.start(young)
    with world.stores.database.transaction() as connection:
        held = locks.held_longer_than(connection, 60)
    assert [lock.goal_id for lock in held] == [goal.goal_id for goal in goals]
    assert all(lock.age_seconds > 60 for lock in held)


def test_a_lock_cannot_be_held_by_another_execution(world: World) -> None:
    goal = world.add_goal()
    with world.stores.database.transaction() as connection:
        with pytest.raises(FencedError):
            locks.hold(connection, goal.goal_id, str(uuid4()), *Phase)
        mine = str(uuid4())
        assert locks.take(connection, goal.goal_id, mine)[1]
        holder, _ = locks.take(connection, goal.goal_id, str(uuid4()))
        assert holder
        assert (holder.execution_id, holder.previous_state) == (mine, GoalState.DRAFT)
        with pytest.raises(FencedError, match="GENERATING, no longer SAVING"):
            locks.hold(connection, goal.goal_id, mine, Phase.SAVING)
        assert locks.release(connection, holder, GoalState.ACTIVE)
        assert not locks.release(connection, holder, GoalState.FAILED)
    assert world.lock(goal.goal_id) == ("ACTIVE", None, None)

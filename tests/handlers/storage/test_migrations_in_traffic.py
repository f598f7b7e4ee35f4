"""Migrations of goal_workflows while executions start, save and end (docs/database.md)."""

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors

import handlers.storage
from handlers.contract.statuses import Phase
from handlers.executions.finish import COMPLETED, end_execution
from handlers.executions.save import save_batch
from handlers.storage import locks
from tests.handlers.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OURS = Path(handlers.storage.__file__).with_name("goal_workflows.sql").read_text()
IN_TRAFFIC = "SET LOCAL lock_timeout = '2s';"
EXPAND = f"{IN_TRAFFIC} ALTER TABLE goal_workflows ADD COLUMN IF NOT EXISTS priority smallint"
CHECK = (
    f"{IN_TRAFFIC} ALTER TABLE goal_workflows"
    " ADD CONSTRAINT priority_range CHECK (priority BETWEEN 0 AND 9) NOT VALID"
)
VALIDATE = f"{IN_TRAFFIC} ALTER TABLE goal_workflows VALIDATE CONSTRAINT priority_range"
INDEX = "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_priority ON goal_workflows (priority)"
CONTRACT = f"{IN_TRAFFIC} ALTER TABLE goal_workflows DROP COLUMN IF EXISTS priority"


@contextmanager
def traffic(worlds: list[World]) -> Generator[Callable[[], int]]:
    """Whole executions, one after another in each world; how many have ended without an error."""
    ended, failures, stop = list[str](), list[Exception](), threading.Event()

    def run(world: World) -> None:
        while not stop.is_set():
            goal = world.add_goal(1, 1)
            try:
                execution = world.start(goal)
                world.prepare(goal, execution)
                world.generate(execution, goal.action_ids[0])
                save_batch(world.stores, goal.goal_id, execution, goal.action_ids)
                end_execution(world.stores, goal.goal_id, execution, COMPLETED)
            except Exception as error:
                failures.append(error)
                return
            assert world.lock(goal.goal_id) == ("ACTIVE", None, None)
            ended.append(execution)

    threads = [threading.Thread(target=run, args=[world]) for world in worlds]
    for thread in threads:
        thread.start()
    try:
        yield lambda: len(ended)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []


def repeated(url: str, migration: str) -> None:
    """Apply a migration until it gets its locks, as docs/database.md says."""
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            try:
                connection.execute(migration.encode())
            except errors.LockNotAvailable:
                continue
            return


@pytest.fixture
def restored(database_url: str) -> Iterator[str]:
    """The database; what the tests add to the table is gone afterwards."""
    yield database_url
    repeated(database_url, CONTRACT)


def test_executions_go_on_while_the_table_is_changed(
    restored: str, world: World, dynamodb: "DynamoDBClient"
) -> None:
    other = World(restored, dynamodb)
    with traffic([world, other]) as ended:
        for migration in (OURS, EXPAND, CHECK, VALIDATE, INDEX, OURS, CONTRACT):
            before = ended()
            repeated(restored, migration)
            while ended() < before + 1:
                pass
    other.close()


@pytest.mark.parametrize("migration", [OURS, EXPAND, CONTRACT], ids=["ours", "expand", "contract"])
def test_a_migration_that_waits_gives_up_before_the_functions_behind_it_do(
    restored: str, world: World, migration: str
) -> None:
    goal, other = world.add_goal(1, 1), world.add_goal(1, 1)
    execution = world.start(goal)
    with psycopg.connect(restored) as hanging:  # a function that was killed in mid-transaction
        lock = locks.hold(hanging, goal.goal_id, execution, *Phase)
        locks.enter(hanging, lock, Phase.SAVING)
        with ThreadPoolExecutor() as pool, psycopg.connect(restored, autocommit=True) as connection:
            migrated = pool.submit(connection.execute, migration.encode())
            while not is_waiting(world):
                assert not migrated.done()
            world.start(other)
            with pytest.raises(errors.LockNotAvailable):
                migrated.result()


def is_waiting(world: World) -> bool:
    """Whether the migration stands in the queue of the table's locks."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'goal_workflows'::regclass"
    return bool(world.sql(waiting))

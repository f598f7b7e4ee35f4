"""The database in memory does what PostgreSQL does with the handlers' statements.

The same calls of `handlers.storage` go to both, on the same rows; results and rows must agree.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from chaos.simulation.faults import Plan
from chaos.simulation.postgres.database import Database, Server
from chaos.simulation.postgres.rows import Rows
from chaos.simulation.sandbox import Edges
from chaos.simulation.scheduler import Scheduler
from handlers.contract.statuses import GoalState, Phase
from handlers.storage import goals, locks, saved_tasks
from handlers.storage.errors import FencedError
from handlers.storage.models import GeneratedTask

ROOT = Path(__file__).resolve().parents[3]
USER, GOAL, OTHER_GOAL = (str(UUID(int=n)) for n in (1, 2, 3))
SUB_GOALS = [str(UUID(int=10 + n)) for n in range(2)]
ACTIONS = [str(UUID(int=20 + n)) for n in range(4)]
FIRST, SECOND = (f"01999999-0000-7000-8000-00000000000{n}" for n in (1, 2))
OWN_TASK = "00000000-0000-4000-8000-0000000000ff"
DEADLINE = datetime(2027, 3, 30, 15, tzinfo=UTC)

Step = Callable[[Any], Any]
Begin = Callable[[], AbstractContextManager[Any]]


def tasks(*titles: str) -> list[GeneratedTask]:
    return [GeneratedTask(title, "詳しく", "HABIT", 30) for title in titles]


def fenced(step: Step) -> Step:
    """The step's result, or that it was fenced."""

    def work(connection: Any) -> Any:
        try:
            return step(connection)
        except FencedError:
            return "fenced"

    return work


def ageless(lock: locks.Lock | None) -> locks.Lock | None:
    return lock and replace(lock, touched_at=DEADLINE, age_seconds=0)


def take(execution: str) -> Step:
    def step(connection: Any) -> object:
        lock, is_new = locks.take(connection, GOAL, execution)
        return ageless(lock), is_new

    return step


def hold(execution_id: str, *phases: Phase) -> Step:
    return fenced(lambda c: ageless(locks.hold(c, GOAL, execution_id, *phases)))


def undo(execution_id: str) -> Step:
    """Claim a lock, try to claim it as it was before, and drop it."""

    def step(connection: Any) -> object:
        seen = locks.hold(connection, GOAL, execution_id, *Phase)
        claimed = locks.claim(connection, seen)
        again = locks.claim(connection, seen)
        if claimed:
            locks.drop(connection, claimed)
        return ageless(claimed), again

    return fenced(step)


def enter(execution_id: str, phase: Phase) -> Step:
    return fenced(lambda c: locks.enter(c, locks.hold(c, GOAL, execution_id, *Phase), phase))


def save(execution_id: str, **results: list[GeneratedTask]) -> Step:
    by_id = {ACTIONS[int(name[1:])]: each for name, each in results.items()}
    return lambda c: saved_tasks.save(c, execution_id, GOAL, by_id)


def touch(connection: Any) -> None:
    """A user starts the first of the first action's tasks, and deletes the last action."""
    found = connection.execute('SELECT id FROM tasks WHERE "actionId" = %s', [ACTIONS[0]])
    first = min(str(row[0]) for row in found.fetchall())
    connection.execute("UPDATE tasks SET status = 'IN_PROGRESS' WHERE id = %s", [first])
    connection.execute('DELETE FROM tasks WHERE "actionId" = %s', [ACTIONS[3]])
    connection.execute("DELETE FROM actions WHERE id = %s", [ACTIONS[3]])


STEPS: list[Step] = [
    lambda c: goals.is_owned_by(c, GOAL, USER),
    lambda c: goals.is_owned_by(c, GOAL, GOAL),
    lambda c: goals.is_owned_by(c, OTHER_GOAL, USER),
    lambda c: goals.action_ids(c, GOAL),
    lambda c: goals.action_ids(c, GOAL, [ACTIONS[2], ACTIONS[0]]),
    lambda c: goals.action_ids(c, OTHER_GOAL),
    lambda c: goals.contexts(c, GOAL),
    lambda c: goals.contexts(c, GOAL, [ACTIONS[1]]),
    hold(FIRST, *Phase),
    take(FIRST),
    take(FIRST),
    take(SECOND),
    hold(FIRST, Phase.GENERATING),
    hold(FIRST, Phase.SAVING, Phase.ENDING),
    hold(SECOND, *Phase),
    lambda c: [ageless(each) for each in locks.held_longer_than(c, 60)],
    lambda c: locks.abandon(c, locks.hold(c, GOAL, FIRST, *Phase)),
    lambda c: [ageless(each) for each in locks.held_longer_than(c, 60)],
    enter(FIRST, Phase.SAVING),
    save(FIRST, a0=tasks("走る", "休む"), a1=tasks("泳ぐ")),
    save(FIRST, a0=tasks("走る", "休む"), a3=tasks("登る", "降りる")),
    enter(FIRST, Phase.ENDING),
    lambda c: locks.release(c, locks.hold(c, GOAL, FIRST, *Phase), GoalState.PARTIAL),
    hold(FIRST, *Phase),
    touch,
    take(SECOND),
    save(SECOND, a0=tasks("別の", "二つ"), a1=tasks("別の"), a3=tasks("ない")),
    enter(SECOND, Phase.CANCELLED),
    hold(SECOND, Phase.GENERATING),
    undo(FIRST),
    undo(SECOND),
    hold(SECOND, *Phase),
]

ROWS = (
    "SELECT goal_id, state, execution_id, previous_state, phase FROM goal_workflows"
    " WHERE goal_id IS NOT NULL",
    'SELECT id, "actionId", title, description, type, status, "estimatedMinutes" FROM tasks'
    " WHERE id IS NOT NULL ORDER BY id",
)


def run(begin: Begin) -> Iterator[Any]:
    for step in STEPS:
        with begin() as connection:
            result = step(connection)
        with begin() as connection:
            tables = [connection.execute(sql).fetchall() for sql in ROWS]
        yield result, [[tuple(map(as_text, row)) for row in rows] for rows in tables]


def as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def in_memory() -> list[Any]:
    scheduler = Scheduler()
    rows = Rows(scheduler, lambda _: None)
    server = Server(Edges(scheduler, Plan(0)), rows)
    texts = dict.fromkeys(("description", "background", "constraints"))
    rows.add("users", id=USER)
    for goal_id, deadline in ((GOAL, DEADLINE), (OTHER_GOAL, None)):
        rows.add("goals", id=goal_id, userId=GOAL if deadline is None else USER, title="完走",
                 deadline=deadline, **texts)  # fmt: skip
    for position, sub_goal_id in enumerate(SUB_GOALS):
        order = 1 - position
        rows.add("sub_goals", id=sub_goal_id, goalId=GOAL, title="体力", position=order, **texts)
    for number, action_id in enumerate(ACTIONS):
        rows.add("actions", id=action_id, subGoalId=SUB_GOALS[number % 2], title="走る",
                 type="HABIT", position=number, **texts)  # fmt: skip
    rows.add("tasks", id=OWN_TASK, actionId=ACTIONS[0], title="自分で", description=None,
             type="EXECUTION", status="NOT_STARTED", estimatedMinutes=30)  # fmt: skip
    database, results = Database(lambda: server), list[Any]()
    scheduler.start(lambda: results.extend(run(database.transaction)))
    scheduler.run(10_000)
    return results


def in_postgresql(url: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        for user_id in (USER, GOAL):
            connection.execute(
                'INSERT INTO users (id, email, name, "updatedAt") VALUES (%s, %s, %s, now())',
                [user_id, f"{user_id}@example.com", "花子"],
            )
        for goal_id, deadline in ((GOAL, DEADLINE), (OTHER_GOAL, None)):
            connection.execute(
                'INSERT INTO goals (id, "userId", title, deadline, "updatedAt")'
                " VALUES (%s, %s, '完走', %s, now())",
                [goal_id, GOAL if deadline is None else USER, deadline],
            )
        for position, sub_goal_id in enumerate(SUB_GOALS):
            connection.execute(
                'INSERT INTO sub_goals (id, "goalId", title, position, "updatedAt")'
                " VALUES (%s, %s, '体力', %s, now())",
                [sub_goal_id, GOAL, 1 - position],
            )
        for number, action_id in enumerate(ACTIONS):
            connection.execute(
                'INSERT INTO actions (id, "subGoalId", title, type, position, "updatedAt")'
                " VALUES (%s, %s, '走る', 'HABIT', %s, now())",
                [action_id, SUB_GOALS[number % 2], number],
            )
        connection.execute(
            'INSERT INTO tasks (id, "actionId", title, "estimatedMinutes", "updatedAt")'
            " VALUES (%s, %s, '自分で', 30, now())",
            [OWN_TASK, ACTIONS[0]],
        )

        def begin() -> AbstractContextManager[Any]:
            return psycopg.connect(url)

        return list(run(begin))


def test_each_step_has_the_result_and_the_rows_of_postgresql(database_url: str) -> None:
    ours, theirs = in_memory(), in_postgresql(database_url)
    assert len(ours) == len(theirs) == len(STEPS)
    for number, (mine, real) in enumerate(zip(ours, theirs, strict=True)):
        assert mine == real, f"step {number}"


def test_every_statement_that_the_simulation_meets_is_among_these_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = [sys.executable, "-m", "tests.chaos.simulation.recorded", "statements", "30"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    met = set[str]()
    from chaos.simulation.postgres import database as module

    execute: Any = module.run

    def recording(transaction: Any, sql: str, parameters: Any) -> Any:
        met.add(sql)
        return execute(transaction, sql, parameters)

    monkeypatch.setattr(module, "run", recording)
    in_memory()
    assert set(json.loads(ran.stdout)) <= met

"""The lock of a goal: its row in `goal_workflows`, which every save checks before it writes.

Every function runs in the caller's transaction and locks the row that it changes.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from handlers.contract.statuses import GoalState, Phase
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.storage.errors import FencedError

_HELD = "goal_id, execution_id, phase, previous_state, extract(epoch FROM now() - updated_at)"


@dataclass(frozen=True)
class Lock:
    """The lock that an execution holds.

    previous_state: the goal's state before this execution, restored if the execution saves nothing.
    age_seconds: since the lock was taken or its phase last changed.
    """

    goal_id: str
    execution_id: str
    phase: Phase
    previous_state: GoalState
    age_seconds: float


def take(connection: Connection, goal_id: str, execution_id: str) -> Lock | None:
    """Take the goal's lock in phase GENERATING: None; if it is held, that lock and no change."""
    connection.execute(
        "INSERT INTO goal_workflows (goal_id) VALUES (%s) ON CONFLICT DO NOTHING", [goal_id]
    )
    holder = _locked(connection, goal_id)
    if holder is None:
        connection.execute(
            "UPDATE goal_workflows SET previous_state = state, state = 'PROCESSING',"
            " execution_id = %s, phase = 'GENERATING', updated_at = now() WHERE goal_id = %s",
            [execution_id, goal_id],
        )
    return holder


def hold(connection: Connection, goal_id: str, execution_id: str, *phases: Phase) -> Lock:
    """The execution's lock; its row stays locked until the transaction ends.

    Raises FencedError if the execution does not hold it, or holds it in none of the phases.
    """
    lock = _locked(connection, goal_id)
    if lock is None or lock.execution_id != execution_id:
        raise FencedError(f"execution {execution_id} has ended: it does not hold goal {goal_id}")
    if lock.phase not in phases:
        raise FencedError(
            f"execution {execution_id} is {lock.phase}, no longer {' or '.join(phases)}"
        )
    return lock


def enter(connection: Connection, lock: Lock, phase: Phase) -> None:
    """Set the phase of a lock that the caller holds."""
    if lock.phase != phase:
        connection.execute(
            "UPDATE goal_workflows SET phase = %s, updated_at = now() WHERE goal_id = %s",
            [phase, lock.goal_id],
        )


def release(connection: Connection, lock: Lock, state: GoalState) -> bool:
    """Release the lock and set the goal's state; False if the execution no longer held it."""
    released = connection.execute(
        "UPDATE goal_workflows SET state = %s, execution_id = NULL, previous_state = NULL,"
        " phase = NULL, updated_at = now() WHERE goal_id = %s AND execution_id = %s",
        [state, lock.goal_id, lock.execution_id],
    )
    return released.rowcount == 1


def abandon(connection: Connection, lock: Lock) -> None:
    """Let the next start take over the lock of a failed start at once, without the grace."""
    connection.execute(
        "UPDATE goal_workflows SET updated_at = now() - make_interval(secs => %s)"
        " WHERE goal_id = %s AND execution_id = %s",
        [START_GRACE_SECONDS + 1, lock.goal_id, lock.execution_id],
    )


def held_longer_than(connection: Connection, seconds: float) -> list[Lock]:
    """The held locks that are older than this, the oldest first."""
    rows = connection.execute(
        f"SELECT {_HELD} FROM goal_workflows WHERE execution_id IS NOT NULL"  # noqa: S608 - a constant
        " AND updated_at < now() - make_interval(secs => %s) ORDER BY updated_at",
        [seconds],
    )
    return [_lock(row) for row in rows]


def _locked(connection: Connection, goal_id: str) -> Lock | None:
    # A free row is locked as well, so that only one of two starts finds it free.
    row = connection.execute(
        f"SELECT {_HELD} FROM goal_workflows WHERE goal_id = %s FOR UPDATE",  # noqa: S608 - constant
        [goal_id],
    ).fetchone()
    return _lock(row) if row and row[1] else None


def _lock(row: tuple[Any, ...]) -> Lock:
    goal_id, execution_id, phase, previous_state, age_seconds = row
    return Lock(
        str(goal_id),
        str(execution_id),
        Phase(phase),
        GoalState(previous_state),
        float(age_seconds),
    )

"""The lock of a goal: its row in `goal_workflows`, which every save checks before it writes.

Every function runs in the caller's transaction and locks the row that it changes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from handlers.contract.statuses import GoalState, Phase
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.storage.errors import FencedError

_HELD = (
    "goal_id, execution_id, phase, previous_state, updated_at,"
    " extract(epoch FROM now() - updated_at)"
)

_UNTOUCHED = "goal_id = %s AND execution_id = %s AND updated_at = %s"


@dataclass(frozen=True)
class Lock:
    """The lock that an execution holds.

    previous_state: the goal's state before this execution, restored if the execution saves nothing.
    touched_at: when it was taken, renewed or claimed, or its phase changed. A lock that was read
    with the same time as now was touched by nobody since.
    age_seconds: since then.
    """

    goal_id: str
    execution_id: str
    phase: Phase
    previous_state: GoalState
    touched_at: datetime
    age_seconds: float


def take(connection: Connection, goal_id: str, execution_id: str) -> tuple[Lock, bool]:
    """Take the goal's lock in phase GENERATING; the lock that is held now, and whether it is new.

    The execution's own lock is renewed in that phase, so that nobody undoes the start meanwhile. In
    any other phase, and of another execution, it stays as it is.
    """
    connection.execute(
        "INSERT INTO goal_workflows (goal_id) VALUES (%s) ON CONFLICT DO NOTHING", [goal_id]
    )
    holder = _locked(connection, goal_id)
    if holder is None:
        connection.execute(
            "UPDATE goal_workflows SET previous_state = state, state = 'PROCESSING',"
            " execution_id = %s, phase = 'GENERATING', updated_at = clock_timestamp()"
            " WHERE goal_id = %s",
            [execution_id, goal_id],
        )
    elif holder.execution_id == execution_id and holder.phase == Phase.GENERATING:
        connection.execute(
            "UPDATE goal_workflows SET updated_at = clock_timestamp() WHERE goal_id = %s", [goal_id]
        )
    lock = _locked(connection, goal_id)
    assert lock  # noqa: S101 - the row is locked, and the lock in it held
    return lock, holder is None


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


def claim(connection: Connection, lock: Lock) -> Lock | None:
    """Set the phase ENDING of a start that is to be undone; the lock then.

    None, and no change, if anybody has touched it since it was read: the start goes on, or is
    undone by another function.
    """
    row = connection.execute(
        "UPDATE goal_workflows SET phase = 'ENDING', updated_at = clock_timestamp()"  # noqa: S608
        f" WHERE {_UNTOUCHED} RETURNING {_HELD}",
        _untouched(lock),
    ).fetchone()
    return _lock(row) if row else None


def drop(connection: Connection, claimed: Lock) -> None:
    """Release the lock of a start that was undone, if nobody has touched it since the claim."""
    connection.execute(
        "UPDATE goal_workflows SET state = previous_state, execution_id = NULL,"  # noqa: S608
        " previous_state = NULL, phase = NULL, updated_at = now()"
        f" WHERE {_UNTOUCHED}",
        _untouched(claimed),
    )


def abandon(connection: Connection, claimed: Lock) -> None:
    """Let the next start take over the lock of a failed start at once, without the grace."""
    connection.execute(
        "UPDATE goal_workflows SET updated_at = now() - make_interval(secs => %s)"  # noqa: S608
        f" WHERE {_UNTOUCHED}",
        [START_GRACE_SECONDS + 1, *_untouched(claimed)],
    )


def held_longer_than(connection: Connection, seconds: float) -> list[Lock]:
    """The held locks that are older than this, the oldest first."""
    rows = connection.execute(
        f"SELECT {_HELD} FROM goal_workflows WHERE execution_id IS NOT NULL"  # noqa: S608 - a constant
        " AND updated_at < now() - make_interval(secs => %s) ORDER BY updated_at",
        [seconds],
    )
    return [_lock(row) for row in rows]


def _untouched(lock: Lock) -> list[object]:
    return [lock.goal_id, lock.execution_id, lock.touched_at]


def _locked(connection: Connection, goal_id: str) -> Lock | None:
    # A free row is locked as well, so that only one of two starts finds it free.
    row = connection.execute(
        f"SELECT {_HELD} FROM goal_workflows WHERE goal_id = %s FOR UPDATE",  # noqa: S608 - constant
        [goal_id],
    ).fetchone()
    return _lock(row) if row and row[1] else None


def _lock(row: tuple[Any, ...]) -> Lock:
    goal_id, execution_id, phase, previous_state, touched_at, age_seconds = row
    return Lock(
        str(goal_id),
        str(execution_id),
        Phase(phase),
        GoalState(previous_state),
        touched_at,
        float(age_seconds),
    )

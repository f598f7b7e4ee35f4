"""The lock of a goal: its row in `goal_workflows`, which is the fence of every save too.

Every function runs in the caller's transaction, and whoever changes a row has it locked.
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
    """A lock as somebody holds it.

    previous_state: the goal's state before this execution, should it come to nothing.
    age_seconds: since it was taken or its phase last changed.
    """

    goal_id: str
    execution_id: str
    phase: Phase
    previous_state: GoalState
    age_seconds: float


def take(connection: Connection, goal_id: str, execution_id: str) -> Lock | None:
    """Take the goal's lock in phase GENERATING; or the lock of whoever has it, left as it is."""
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
    """The execution's lock, its row locked until the transaction ends.

    Raises FencedError if another execution has it, nobody has, or it is in none of the phases.
    """
    lock = _locked(connection, goal_id)
    if lock is None or lock.execution_id != execution_id:
        raise FencedError(f"execution {execution_id} has ended: goal {goal_id} is not its own")
    if lock.phase not in phases:
        raise FencedError(
            f"execution {execution_id} is {lock.phase}, no longer {' or '.join(phases)}"
        )
    return lock


def enter(connection: Connection, lock: Lock, phase: Phase) -> None:
    """Move a lock that the caller holds to a phase."""
    if lock.phase != phase:
        connection.execute(
            "UPDATE goal_workflows SET phase = %s, updated_at = now() WHERE goal_id = %s",
            [phase, lock.goal_id],
        )


def release(connection: Connection, lock: Lock, state: GoalState) -> bool:
    """Give the lock back, the goal in a state; False if it was no longer the execution's."""
    released = connection.execute(
        "UPDATE goal_workflows SET state = %s, execution_id = NULL, previous_state = NULL,"
        " phase = NULL, updated_at = now() WHERE goal_id = %s AND execution_id = %s",
        [state, lock.goal_id, lock.execution_id],
    )
    return released.rowcount == 1


def give_up(connection: Connection, lock: Lock) -> None:
    """Leave a lock of a start that came to nothing to whoever meets it next: they need not wait."""
    connection.execute(
        "UPDATE goal_workflows SET updated_at = now() - make_interval(secs => %s)"
        " WHERE goal_id = %s AND execution_id = %s",
        [START_GRACE_SECONDS + 1, lock.goal_id, lock.execution_id],
    )


def held_longer_than(connection: Connection, seconds: float) -> list[Lock]:
    """The locks that are held and older than this, the oldest first."""
    rows = connection.execute(
        f"SELECT {_HELD} FROM goal_workflows WHERE execution_id IS NOT NULL"  # noqa: S608 - a constant
        " AND updated_at < now() - make_interval(secs => %s) ORDER BY updated_at",
        [seconds],
    )
    return [_lock(row) for row in rows]


def _locked(connection: Connection, goal_id: str) -> Lock | None:
    # A free row has to be locked as well: two takers must not both find it free.
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

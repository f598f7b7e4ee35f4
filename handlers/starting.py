"""Starting an execution: the goal's lock, then the record, then the state machine.

The lock is taken first and given back last, so every open execution has one; whatever dies in
between leaves a lock without an execution, and the next start or the sweep gives that back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.clock import utc_now
from handlers.contract import START_GRACE_SECONDS
from handlers.ending import end_unknown, release_never_started
from handlers.ids import new_execution_id
from handlers.state_machine import StartRefusedError, StateMachine
from handlers.storage import goals, locks
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.locks import Lock
from handlers.stores import Stores


class GoalNotFoundError(Exception):
    """There is no such goal, or it is somebody else's (nobody learns which)."""


class NoActionsError(Exception):
    """There is nothing to generate; `missing` are the asked-for actions that the goal lacks."""

    def __init__(self, goal_id: str, missing: Sequence[str] = ()) -> None:
        detail = f"lacks the actions {', '.join(missing)}" if missing else "has no actions"
        super().__init__(f"goal {goal_id} {detail}")
        self.missing = list(missing)


class AlreadyRunningError(Exception):
    """The goal has a running execution, `execution_id`."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} is running")
        self.execution_id = execution_id


@dataclass(frozen=True)
class StartRequest:
    """Who wants what.

    action_ids: None for all of the goal's; else some of them (a retry).
    parent_execution_id: the execution whose failed actions these are.
    """

    goal_id: str
    user_id: str
    action_ids: tuple[str, ...] | None = None
    parent_execution_id: str | None = None


def start(stores: Stores, machine: StateMachine, request: StartRequest) -> ExecutionRecord:
    """Start an execution; its record, RUNNING.

    Raises GoalNotFoundError, NoActionsError, AlreadyRunningError, and what stores and state machine
    raise. After a StartRefusedError all is as before; after StateMachineUnavailableError the lock
    stays, since the execution may have started.
    """
    execution_id = new_execution_id()
    total_actions, holder = _take_lock(stores, request, execution_id)
    if holder and _was_abandoned(machine, holder):
        end_unknown(stores, holder.goal_id, holder.execution_id)
        total_actions, holder = _take_lock(stores, request, execution_id)
    if holder:
        raise AlreadyRunningError(holder.execution_id)
    record = stores.records.begin(
        execution_id,
        goal_id=request.goal_id,
        user_id=request.user_id,
        execution_arn=machine.execution_arn(execution_id),
        total_actions=total_actions,
        started_at=utc_now(),
        parent_execution_id=request.parent_execution_id,
    )
    try:
        machine.start(execution_id, request.goal_id, request.action_ids)
    except StartRefusedError:
        release_never_started(stores, request.goal_id, execution_id)
        raise
    return record


def _take_lock(stores: Stores, request: StartRequest, execution_id: str) -> tuple[int, Lock | None]:
    """How many actions there are, and who has the lock already: None, it is ours now."""
    with stores.database.transaction() as connection:
        if not goals.is_owned_by(connection, request.goal_id, request.user_id):
            raise GoalNotFoundError(request.goal_id)
        action_ids = goals.action_ids(connection, request.goal_id, request.action_ids)
        missing = sorted(set(request.action_ids or ()) - set(action_ids))
        if missing or not action_ids:
            raise NoActionsError(request.goal_id, missing)
        return len(action_ids), locks.take(connection, request.goal_id, execution_id)


def _was_abandoned(machine: StateMachine, holder: Lock) -> bool:
    # DescribeExecution is eventually consistent: the grace covers that as well as a slow start.
    is_old = holder.age_seconds > START_GRACE_SECONDS
    return is_old and machine.status(holder.execution_id) is None

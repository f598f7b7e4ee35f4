"""Starting an execution: the goal's lock, then the record, then the state machine.

The lock is taken first and given back last, so every open execution has one; whatever dies in
between leaves a lock without an execution, and the next start or the sweep gives that back.
"""

from contextlib import suppress
from dataclasses import dataclass

from handlers.contract.clock import utc_now
from handlers.contract.ids import new_execution_id
from handlers.contract.statuses import ExecutionStatus, Phase
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.executions.finish import end_unknown, release_never_started
from handlers.executions.state_machine import StartRefusedError, StateMachine
from handlers.storage import goals, locks
from handlers.storage.errors import DatabaseUnavailableError, FencedError, TableUnavailableError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.locks import Lock
from handlers.storage.wiring import Stores


class GoalNotFoundError(Exception):
    """There is no such goal, or it is somebody else's (nobody learns which)."""


class NoActionsError(Exception):
    """The goal has no actions, or none any more of those that were asked for."""


class AlreadyRunningError(Exception):
    """The goal has a running execution, `execution_id`."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} is running")
        self.execution_id = execution_id


@dataclass(frozen=True)
class StartRequest:
    """Who wants what.

    action_ids: None for all of the goal's; else those of them that it still has (a retry).
    parent_execution_id: the execution whose failed actions these are.
    request_id: the API request's, which every step's log lines then carry.
    """

    goal_id: str
    user_id: str
    action_ids: tuple[str, ...] | None = None
    parent_execution_id: str | None = None
    request_id: str | None = None


def start(
    stores: Stores,
    machine: StateMachine,
    request: StartRequest,
    execution_id: str | None = None,
) -> ExecutionRecord:
    """Start an execution; its record, RUNNING.

    execution_id: of an attempt that came to nobody knows where, to be completed; by default new.
    Raises GoalNotFoundError, NoActionsError, AlreadyRunningError, and what stores and state machine
    raise. After a StartRefusedError all is as before; after StateMachineUnavailableError the lock
    stays, since the execution may have started.
    """
    execution_id = execution_id or new_execution_id()
    lock = _take_lock(stores, request, execution_id)
    if lock.holder and _was_abandoned(machine, lock.holder):
        end_unknown(stores, lock.holder.goal_id, lock.holder.execution_id)
        lock = _take_lock(stores, request, execution_id)
    if lock.holder:
        raise AlreadyRunningError(lock.holder.execution_id)
    try:
        record = _begin_record(stores, machine, request, execution_id, len(lock.action_ids))
        machine.start(
            execution_id,
            request.goal_id,
            request.action_ids and lock.action_ids,
            request_id=request.request_id,
        )
    except (StartRefusedError, TableUnavailableError):
        # We started nothing; an earlier attempt, whose lock we found, may have.
        if lock.is_new:
            _undo(stores, request.goal_id, execution_id)
        raise
    return record


def _undo(stores: Stores, goal_id: str, execution_id: str) -> None:
    try:
        release_never_started(stores, goal_id, execution_id)
    except TableUnavailableError:
        # There may be a record, and it must not stay behind: who takes the lock over ends it.
        with suppress(DatabaseUnavailableError, FencedError):
            _give_up_lock(stores, goal_id, execution_id)
    except DatabaseUnavailableError:
        pass  # the lock is taken over after the grace


def _give_up_lock(stores: Stores, goal_id: str, execution_id: str) -> None:
    with stores.database.transaction() as connection:
        locks.give_up(connection, locks.hold(connection, goal_id, execution_id, *Phase))


@dataclass(frozen=True)
class _Taken:
    """The actions to do, and who else has the lock (None: we do).

    is_new: we took it just now, not an earlier attempt.
    """

    action_ids: list[str]
    holder: Lock | None
    is_new: bool


def _take_lock(stores: Stores, request: StartRequest, execution_id: str) -> _Taken:
    with stores.database.transaction() as connection:
        if not goals.is_owned_by(connection, request.goal_id, request.user_id):
            raise GoalNotFoundError(request.goal_id)
        action_ids = goals.action_ids(connection, request.goal_id, request.action_ids)
        if not action_ids:
            raise NoActionsError(f"goal {request.goal_id} has no actions")
        holder = locks.take(connection, request.goal_id, execution_id)
    is_other = holder is not None and holder.execution_id != execution_id
    return _Taken(action_ids, holder if is_other else None, holder is None)


def _begin_record(
    stores: Stores,
    machine: StateMachine,
    request: StartRequest,
    execution_id: str,
    total_actions: int,
) -> ExecutionRecord:
    record = stores.records.begin(
        execution_id,
        goal_id=request.goal_id,
        user_id=request.user_id,
        execution_arn=machine.execution_arn(execution_id),
        total_actions=total_actions,
        started_at=utc_now(),
        parent_execution_id=request.parent_execution_id,
    )
    if record.status != ExecutionStatus.RUNNING:
        raise StartRefusedError("an earlier attempt was given up")
    return record


def _was_abandoned(machine: StateMachine, holder: Lock) -> bool:
    # DescribeExecution is eventually consistent: the grace covers that as well as a slow start.
    is_old = holder.age_seconds > START_GRACE_SECONDS
    return is_old and machine.status(holder.execution_id) is None

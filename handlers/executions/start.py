"""Starting an execution: the goal's lock, then the record, then the state machine.

The lock is taken first and released last, so every open execution has one. A start that dies in
between leaves a lock without an execution; the next start or the sweep releases it.
"""

from contextlib import suppress
from dataclasses import dataclass

from handlers.contract.clock import utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.ids import new_execution_id
from handlers.contract.statuses import ExecutionStatus, Phase
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.executions.errors import (
    AlreadyRunningError,
    GoalNotFoundError,
    NoActionsError,
    NothingToRetryError,
    StartPendingError,
)
from handlers.executions.finish import end_unknown, undo_record
from handlers.executions.state_machine import StartRefusedError, StateMachine
from handlers.storage import goals, locks
from handlers.storage.errors import DatabaseUnavailableError, TableUnavailableError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.locks import Lock
from handlers.storage.stores import Stores


@dataclass(frozen=True)
class StartRequest:
    """What to start, and for whom.

    action_ids: None for all of the goal's; a retry names actions, and does those that still exist.
    parent_execution_id: of a retry, the execution whose actions failed.
    request_id: the API request's id, for the log lines of every step.
    """

    goal_id: str
    user_id: str
    action_ids: tuple[str, ...] | None = None
    parent_execution_id: str | None = None
    request_id: str | None = None

    @property
    def purpose(self) -> str:
        """What the request asks for, in words that are the same when it is repeated."""
        parent = self.parent_execution_id
        return f"retry {parent}" if parent else f"start {self.goal_id}"


def start(
    stores: Stores,
    machine: StateMachine,
    request: StartRequest,
    execution_id: str | None = None,
) -> ExecutionRecord:
    """Start an execution and return its record, RUNNING.

    execution_id: of an earlier attempt, which is completed however far it came; by default new.
    Raises GoalNotFoundError, NoActionsError, NothingToRetryError, AlreadyRunningError,
    StartPendingError, and what stores and state machine raise. After a StartRefusedError all is as
    before; after a StateMachineUnavailableError the lock stays, since the execution may have
    started. An execution that has ended meanwhile is returned as it is.
    """
    execution_id = execution_id or new_execution_id()
    taken = _take_lock(stores, request, execution_id)
    if taken.lock.execution_id != execution_id and _was_abandoned(machine, taken.lock):
        end_unknown(stores, taken.lock)
        taken = _take_lock(stores, request, execution_id)
    if taken.lock.execution_id != execution_id:
        raise AlreadyRunningError(taken.lock.execution_id)
    if taken.lock.phase == Phase.ENDING:
        raise StartPendingError
    try:
        record = _begin_record(stores, machine, request, execution_id, len(taken.action_ids))
        if record.status == ExecutionStatus.RUNNING:
            machine.start(
                execution_id,
                request.goal_id,
                request.action_ids and taken.action_ids,
                request_id=request.request_id,
            )
    except (StartRefusedError, TableUnavailableError):
        # This attempt started nothing; an earlier one, whose lock it found, may have.
        if taken.is_new:
            _undo(stores, taken.lock)
        raise
    if taken.is_new and record.status != ExecutionStatus.RUNNING:
        _undo(stores, taken.lock)
    return record


def _undo(stores: Stores, lock: Lock) -> None:
    with suppress(DatabaseUnavailableError):  # The next start takes the lock over after the grace.
        with stores.database.transaction() as connection:
            claimed = locks.claim(connection, lock)
        if claimed is None:
            return  # Another request with the same key is at work on this start.
        try:
            undo_record(stores, claimed.execution_id)
        except TableUnavailableError:
            # There may be a record; the start that takes the lock over ends it.
            with stores.database.transaction() as connection:
                locks.abandon(connection, claimed)
        else:
            with stores.database.transaction() as connection:
                locks.drop(connection, claimed)


@dataclass(frozen=True)
class _TakenLock:
    """The actions to do, and the goal's lock, which another execution may hold.

    is_new: this attempt took the lock, not an earlier one.
    """

    action_ids: list[str]
    lock: Lock
    is_new: bool


def _take_lock(stores: Stores, request: StartRequest, execution_id: str) -> _TakenLock:
    with stores.database.transaction() as connection:
        if not goals.is_owned_by(connection, request.goal_id, request.user_id):
            raise GoalNotFoundError(request.goal_id)
        action_ids = goals.action_ids(connection, request.goal_id, request.action_ids)
        if not action_ids and request.parent_execution_id:
            raise NothingToRetryError(request.parent_execution_id)
        if not action_ids:
            raise NoActionsError(request.goal_id)
        lock, is_new = locks.take(connection, request.goal_id, execution_id)
    return _TakenLock(action_ids, lock, is_new)


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
    if record.error_code == ErrorCode.START_FAILED:
        raise StartRefusedError("an earlier attempt was undone")
    return record


def _was_abandoned(machine: StateMachine, holder: Lock) -> bool:
    # DescribeExecution is eventually consistent: the grace covers that and a slow start.
    is_old = holder.age_seconds > START_GRACE_SECONDS
    return is_old and machine.status(holder.execution_id) is None

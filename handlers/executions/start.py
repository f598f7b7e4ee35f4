"""Starting an execution: the goal's lock, then the record, then the state machine.

The lock is taken first and released last, so every open execution has one. A start that dies in
between leaves a lock without an execution; the next start or the sweep releases it.
"""

from contextlib import suppress
from dataclasses import dataclass

from handlers.contract.clock import utc_now
from handlers.contract.ids import new_execution_id
from handlers.contract.statuses import ExecutionStatus, Phase
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.executions.errors import (
    AlreadyRunningError,
    GoalNotFoundError,
    NoActionsError,
    NothingToRetryError,
)
from handlers.executions.finish import end_unknown, release_never_started
from handlers.executions.state_machine import StartEndedError, StartRefusedError, StateMachine
from handlers.storage import goals, locks
from handlers.storage.errors import DatabaseUnavailableError, FencedError, TableUnavailableError
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

    execution_id: of a key's earlier attempt, which is completed however far it came; by default
    new.
    Raises GoalNotFoundError, NoActionsError, NothingToRetryError, AlreadyRunningError, and what
    stores and state machine raise. After a StartRefusedError all is as before, but with a key's
    execution_id the lock stays, as it does after a StateMachineUnavailableError: the execution may
    have started.
    """
    is_shared, execution_id = execution_id is not None, execution_id or new_execution_id()
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
    except (StartRefusedError, TableUnavailableError) as error:
        # This attempt started nothing; an earlier one, whose lock it found, may have, and so may
        # another one of the same key, which came meanwhile.
        is_alone = not is_shared or isinstance(error, StartEndedError)
        if lock.is_new and is_alone:
            _undo(stores, request.goal_id, execution_id)
        raise
    return record


def _undo(stores: Stores, goal_id: str, execution_id: str) -> None:
    try:
        release_never_started(stores, goal_id, execution_id)
    except TableUnavailableError:
        # There may be a record; the start that takes the lock over ends it.
        with suppress(DatabaseUnavailableError, FencedError):
            _abandon_lock(stores, goal_id, execution_id)
    except DatabaseUnavailableError:
        pass  # The next start takes the lock over after the grace.


def _abandon_lock(stores: Stores, goal_id: str, execution_id: str) -> None:
    with stores.database.transaction() as connection:
        locks.abandon(connection, locks.hold(connection, goal_id, execution_id, *Phase))


@dataclass(frozen=True)
class _TakenLock:
    """The actions to do, and the goal's lock.

    holder: the lock of another execution; None if this one has it.
    is_new: this attempt took the lock, not an earlier one.
    """

    action_ids: list[str]
    holder: Lock | None
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
        holder = locks.take(connection, request.goal_id, execution_id)
    is_other = holder is not None and holder.execution_id != execution_id
    return _TakenLock(action_ids, holder if is_other else None, holder is None)


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
        raise StartEndedError("an earlier attempt has ended")
    return record


def _was_abandoned(machine: StateMachine, holder: Lock) -> bool:
    # DescribeExecution is eventually consistent: the grace covers that and a slow start.
    is_old = holder.age_seconds > START_GRACE_SECONDS
    return is_old and machine.status(holder.execution_id) is None

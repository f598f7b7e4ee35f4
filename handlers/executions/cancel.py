"""Cancelling an execution: first its lock's phase, then the state machine, then its end."""

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import Phase
from handlers.executions.errors import (
    ExecutionEndedError,
    ExecutionFinishingError,
    ExecutionNotFoundError,
)
from handlers.executions.finish import discard
from handlers.executions.state_machine import StateMachine
from handlers.storage import locks
from handlers.storage.errors import FencedError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.stores import Stores


def cancel(
    stores: Stores, machine: StateMachine, execution_id: str, *, user_id: str, reason: str
) -> ExecutionRecord:
    """Cancel the user's execution and return its record, ABORTED.

    A cancel that fails half-way can be repeated; otherwise the sweep completes it.
    Raises ExecutionNotFoundError, ExecutionEndedError, ExecutionFinishingError.
    """
    record = stores.records.get(execution_id)
    if record is None or record.user_id != user_id:
        raise ExecutionNotFoundError(execution_id)
    _enter_cancelled(stores, record)
    machine.stop(execution_id, error=ErrorCode.CANCELLED, cause=reason or "cancelled by its owner")
    ended = discard(stores, record.goal_id, execution_id).record
    if ended is None:
        raise ExecutionNotFoundError(execution_id)
    return ended


def _enter_cancelled(stores: Stores, record: ExecutionRecord) -> None:
    # The lock decides, not the record: an earlier cancel may have ended the record and then died.
    try:
        with stores.database.transaction() as connection:
            lock = locks.hold(connection, record.goal_id, record.execution_id, *Phase)
            if lock.phase in (Phase.SAVING, Phase.ENDING):
                raise ExecutionFinishingError(record.execution_id)
            locks.enter(connection, lock, Phase.CANCELLED)
    except FencedError:
        raise ExecutionEndedError(record.execution_id) from None

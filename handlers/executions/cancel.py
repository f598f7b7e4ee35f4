"""Cancelling an execution: the fence first, then the state machine, then the ending."""

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import Phase
from handlers.executions.finish import discard
from handlers.executions.state_machine import StateMachine
from handlers.storage import locks
from handlers.storage.errors import FencedError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.wiring import Stores


class ExecutionNotFoundError(Exception):
    """There is no such execution, or it is somebody else's (nobody learns which)."""


class ExecutionEndedError(Exception):
    """The execution has ended: there is nothing to cancel."""


class ExecutionFinishingError(Exception):
    """Saving has begun: in seconds it will have ended, with what it saved."""


def cancel(
    stores: Stores, machine: StateMachine, execution_id: str, *, user_id: str, reason: str
) -> ExecutionRecord:
    """Cancel the user's execution; its record, ABORTED.

    Can be repeated if it fails half-way; if nobody does, the sweep completes it.
    """
    record = stores.records.get(execution_id)
    if record is None or record.user_id != user_id:
        raise ExecutionNotFoundError(execution_id)
    _flip(stores, record)
    machine.stop(execution_id, error=ErrorCode.CANCELLED, cause=reason or "cancelled by its owner")
    ended = discard(stores, record.goal_id, execution_id).record
    if ended is None:
        raise ExecutionNotFoundError(execution_id)
    return ended


def _flip(stores: Stores, record: ExecutionRecord) -> None:
    # The lock tells, not the record: a cancel may have died between ending the one and the other.
    try:
        with stores.database.transaction() as connection:
            lock = locks.hold(connection, record.goal_id, record.execution_id, *Phase)
            if lock.phase in (Phase.SAVING, Phase.ENDING):
                raise ExecutionFinishingError(record.execution_id)
            locks.enter(connection, lock, Phase.CANCELLED)
    except FencedError:
        raise ExecutionEndedError(record.execution_id) from None

"""Requests with the same Idempotency-Key start one execution.

The key is taken first, with the id that the execution will have. A repeated request does what the
first one has not done yet, under that id; every step of a start can be repeated.
"""

from handlers.contract.errors import ErrorCode
from handlers.contract.ids import new_execution_id
from handlers.contract.statuses import ExecutionStatus
from handlers.executions.errors import (
    AlreadyRunningError,
    GoalNotFoundError,
    NoActionsError,
    NothingToRetryError,
)
from handlers.executions.start import StartRequest, start
from handlers.executions.state_machine import StartRefusedError, StateMachine
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.idempotency_keys import scoped
from handlers.storage.stores import Stores

_NOTHING_STARTED = (
    AlreadyRunningError,
    GoalNotFoundError,
    NoActionsError,
    NothingToRetryError,
    StartRefusedError,
)


def start_once(
    stores: Stores, machine: StateMachine, request: StartRequest, key: str | None
) -> ExecutionRecord:
    """Start an execution, or return the record of the one that the key has started.

    key: the client's, valid for this user and this purpose alone; None for a start without one.
    Raises what `start` raises; if nothing was started the key is free again.
    """
    if key is None:
        return start(stores, machine, request)
    key = scoped(key, user_id=request.user_id, purpose=request.purpose)
    execution_id = stores.keys.take(key, new_execution_id())
    record = stores.records.get(execution_id)
    if record and record.error_code == ErrorCode.START_FAILED:
        execution_id = stores.keys.move(key, execution_id, new_execution_id())
        record = stores.records.get(execution_id)
    if record and record.status != ExecutionStatus.RUNNING:
        return record
    try:
        # Of one that is RUNNING too: the first request may have died before StartExecution.
        return start(stores, machine, request, execution_id)
    except _NOTHING_STARTED:
        stores.keys.release(key, execution_id)
        raise

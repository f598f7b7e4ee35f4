"""A start that is asked for again under the same Idempotency-Key is the same start.

The key is taken first, with the id that the execution shall have. Whoever comes again with it does
what the first one has not done yet, under that id; every step of a start can be repeated.
"""

from handlers.contract.errors import ErrorCode
from handlers.contract.ids import new_execution_id
from handlers.contract.statuses import ExecutionStatus
from handlers.executions.start import (
    AlreadyRunningError,
    GoalNotFoundError,
    NoActionsError,
    StartRequest,
    start,
)
from handlers.executions.state_machine import StartRefusedError, StateMachine
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.wiring import Stores

_NOTHING_STARTED = (AlreadyRunningError, GoalNotFoundError, NoActionsError, StartRefusedError)


def start_once(
    stores: Stores, machine: StateMachine, request: StartRequest, key: str
) -> ExecutionRecord:
    """Start an execution, or give the record of the one that this key has started.

    key: scoped to the caller and what they asked for. Raises what `start` raises; if nothing was
    started the key is free again.
    """
    execution_id = stores.keys.take(key, new_execution_id())
    record = stores.records.get(execution_id)
    if record and record.error_code == ErrorCode.START_FAILED:
        execution_id = stores.keys.move(key, execution_id, new_execution_id())
        record = stores.records.get(execution_id)
    if record:
        if record.status == ExecutionStatus.RUNNING:
            # The first one may have died before this; started already is started.
            machine.start(
                execution_id, request.goal_id, request.action_ids, request_id=request.request_id
            )
        return record
    try:
        return start(stores, machine, request, execution_id)
    except _NOTHING_STARTED:
        stores.keys.give_back(key, execution_id)
        raise

"""Giving every dead execution its ending, by Step Functions' word alone.

Status-change events are best effort: lost, late, twice or out of order. So an event only says where
to look, and the sweep looks at every lock that is held, whatever was or was not announced.
"""

from dataclasses import dataclass, field

from handlers.contract import START_GRACE_SECONDS, ErrorCode, ExecutionStatus, Phase
from handlers.ending import BROKEN, COMPLETED, Ending, discard, end_execution, end_unknown
from handlers.state_machine import StateMachine, StateMachineUnavailableError
from handlers.storage import locks
from handlers.storage.errors import DatabaseUnavailableError, TableUnavailableError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.locks import Lock
from handlers.stores import Stores

_ENDINGS = {
    "SUCCEEDED": COMPLETED,
    "FAILED": BROKEN,
    "TIMED_OUT": Ending(ErrorCode.RUN_TIMED_OUT, ExecutionStatus.TIMED_OUT),
    "ABORTED": Ending(ErrorCode.RUN_ABORTED, ExecutionStatus.ABORTED),
}
"""By Step Functions' status; any other is no ending."""

_UNAVAILABLE = (DatabaseUnavailableError, StateMachineUnavailableError, TableUnavailableError)


@dataclass
class Sweep:
    """What a sweep did: ids of executions it ended, and of those it could not look after."""

    ended: list[str] = field(default_factory=list[str])
    unavailable: list[str] = field(default_factory=list[str])


def reconcile(stores: Stores, machine: StateMachine, execution_id: str) -> ExecutionRecord | None:
    """End an execution if Step Functions says that it has ended; its record if it has one."""
    record = stores.records.get(execution_id)
    if record is None:
        return None  # not one of ours, or expired
    ending = _ENDINGS.get(machine.status(execution_id) or "")
    return end_execution(stores, record.goal_id, execution_id, ending) if ending else record


def sweep(stores: Stores, machine: StateMachine) -> Sweep:
    """Look after every lock older than the grace of a start; one's trouble is not another's."""
    with stores.database.transaction() as connection:
        held = locks.held_longer_than(connection, START_GRACE_SECONDS)
    result = Sweep()
    for lock in held:
        try:
            ended = _heal(stores, machine, lock)
        except _UNAVAILABLE:
            result.unavailable.append(lock.execution_id)
        else:
            result.ended.extend([lock.execution_id] if ended else [])
    return result


def _heal(stores: Stores, machine: StateMachine, lock: Lock) -> bool:
    if lock.phase == Phase.CANCELLED:
        # Whoever cancelled died over it. Should the execution still run: it is fenced from here on.
        discard(stores, lock.goal_id, lock.execution_id)
        return True
    status = machine.status(lock.execution_id)
    if status is None:
        end_unknown(stores, lock.goal_id, lock.execution_id)
        return True
    ending = _ENDINGS.get(status)
    if ending:
        end_execution(stores, lock.goal_id, lock.execution_id, ending)
    return ending is not None

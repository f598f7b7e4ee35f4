"""Giving every dead execution its ending, by Step Functions' word alone.

Status-change events are best effort: lost, late, twice or out of order. So an event only says where
to look, and the sweep looks at every lock that is held, whatever was or was not announced.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from handlers.contract.clock import utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.ids import started_at
from handlers.contract.metric_names import Metric
from handlers.contract.statuses import ExecutionStatus, Phase
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.executions.finish import (
    BROKEN,
    COMPLETED,
    Ended,
    Ending,
    discard,
    end_execution,
    end_unknown,
)
from handlers.executions.state_machine import StateMachine, StateMachineUnavailableError
from handlers.observability.emit_metrics import count, measure
from handlers.storage import locks
from handlers.storage.errors import DatabaseUnavailableError, TableUnavailableError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.locks import Lock
from handlers.storage.wiring import Stores

_ENDINGS = {
    "SUCCEEDED": COMPLETED,
    "FAILED": BROKEN,
    "TIMED_OUT": Ending(ErrorCode.RUN_TIMED_OUT, ExecutionStatus.TIMED_OUT),
    "ABORTED": Ending(ErrorCode.RUN_ABORTED, ExecutionStatus.ABORTED),
}
"""By Step Functions' status; any other is no ending."""

Announce = Callable[[ExecutionRecord], None]
"""Tells the world of an execution that has its end now."""

_UNAVAILABLE = (DatabaseUnavailableError, StateMachineUnavailableError, TableUnavailableError)


@dataclass
class Sweep:
    """What a sweep did: ids of executions.

    ended: it gave them their end, or completed what an end leaves to do.
    unavailable: it could not look after them.
    running: they run on.
    """

    ended: list[str] = field(default_factory=list[str])
    unavailable: list[str] = field(default_factory=list[str])
    running: list[str] = field(default_factory=list[str])


def nobody(_: ExecutionRecord) -> None:
    """Tells nobody."""


def reconcile(
    stores: Stores, machine: StateMachine, execution_id: str, announce: Announce = nobody
) -> ExecutionRecord | None:
    """End an execution if Step Functions says that it has ended; its record if it has one."""
    record = stores.records.get(execution_id)
    if record is None:
        return None  # not one of ours, or expired
    ending = _ENDINGS.get(machine.status(execution_id) or "")
    if ending is None:
        return record
    ended = end_execution(stores, record.goal_id, execution_id, ending)
    _healed(ended, execution_id, announce)
    return ended.record


def sweep(
    stores: Stores, machine: StateMachine, *, timeout_seconds: int, announce: Announce = nobody
) -> Sweep:
    """Look after every lock older than the grace of a start; one's trouble is not another's.

    timeout_seconds: of an execution; what is open for longer is the sweep's lag.
    """
    with stores.database.transaction() as connection:
        held = locks.held_longer_than(connection, START_GRACE_SECONDS)
    result = Sweep()
    for lock in held:
        try:
            ended = _heal(stores, machine, lock)
        except _UNAVAILABLE:
            result.unavailable.append(lock.execution_id)
            continue
        if ended:
            _healed(ended, lock.execution_id, announce)
        (result.ended if ended else result.running).append(lock.execution_id)
    still_open = [*result.running, *result.unavailable]
    measure({Metric.RECONCILE_LAG: _lag_seconds(still_open, timeout_seconds)})
    return result


def _heal(stores: Stores, machine: StateMachine, lock: Lock) -> Ended | None:
    if lock.phase == Phase.CANCELLED:
        # Whoever cancelled died over it. Should the execution still run: it is fenced from here on.
        return discard(stores, lock.goal_id, lock.execution_id)
    status = machine.status(lock.execution_id)
    if status is None:
        return end_unknown(stores, lock.goal_id, lock.execution_id)
    ending = _ENDINGS.get(status)
    return end_execution(stores, lock.goal_id, lock.execution_id, ending) if ending else None


def _healed(ended: Ended, execution_id: str, announce: Announce) -> None:
    if ended.is_new:
        count(Metric.EXECUTIONS_HEALED, executionId=execution_id)
        if ended.record:
            announce(ended.record)


def _lag_seconds(execution_ids: list[str], timeout_seconds: int) -> float:
    """How long the oldest of the executions is past its deadline; 0 if none is."""
    deadlines = [started_at(each) + timedelta(seconds=timeout_seconds) for each in execution_ids]
    overdue = [(utc_now() - deadline).total_seconds() for deadline in deadlines]
    return max([0.0, *overdue])

"""Ending every execution that Step Functions reports as ended and the workflow did not end itself.

Status-change events are best effort: they can be lost, late, repeated or out of order. So an event
only names the execution to look at, and the sweep looks at the locks that are held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import filterfalse, islice

from handlers.contract.clock import utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.ids import started_at
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ExecutionStatus, Phase
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.executions.finish import (
    BROKEN,
    COMPLETED,
    Ending,
    EndResult,
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
from handlers.storage.stores import Stores

_ENDINGS = {
    "SUCCEEDED": COMPLETED,
    "FAILED": BROKEN,
    "TIMED_OUT": Ending(ErrorCode.EXECUTION_TIMED_OUT, ExecutionStatus.TIMED_OUT),
    "ABORTED": Ending(ErrorCode.EXECUTION_ABORTED, ExecutionStatus.ABORTED),
}
"""By Step Functions' status. With any other status the execution has not ended."""

Publish = Callable[[ExecutionRecord], None]
"""Publishes an execution that was ended just now."""

LOOKS_BEFORE_DEADLINE = 100
"""At executions that may still run, in one sweep."""

_UNAVAILABLE = (DatabaseUnavailableError, StateMachineUnavailableError, TableUnavailableError)


@dataclass
class SweepResult:
    """Ids of executions by what a sweep did.

    ended: it ended them, or completed their end.
    unavailable: database, table or Step Functions did not answer for them.
    running: they are still running.
    """

    ended: list[str] = field(default_factory=list[str])
    unavailable: list[str] = field(default_factory=list[str])
    running: list[str] = field(default_factory=list[str])


def reconcile(
    stores: Stores, machine: StateMachine, execution_id: str, publish: Publish
) -> ExecutionRecord | None:
    """End an execution if Step Functions reports it as ended; return its record, if it has one."""
    record = stores.records.get(execution_id)
    if record is None:
        return None  # Another program's, or expired.
    ending = _ENDINGS.get(machine.status(execution_id) or "")
    if ending is None:
        return record
    ended = end_execution(stores, record.goal_id, execution_id, ending)
    _report(ended, execution_id, publish)
    return ended.record


def sweep(
    stores: Stores, machine: StateMachine, *, timeout_seconds: int, publish: Publish
) -> SweepResult:
    """Look at locks that are older than the grace of a start; a failure stops no other one.

    At all of executions past their deadline, and of the others at the oldest: hundreds may be
    waiting for their turn, and Step Functions describes only 10 executions a second for long.

    timeout_seconds: of an execution; how long one is open beyond it is the metric ReconcileLag.
    """
    with stores.database.transaction() as connection:
        held = locks.held_longer_than(connection, START_GRACE_SECONDS)
    result = SweepResult()
    for lock in _to_look_at(held, timeout_seconds):
        try:
            ended = _end(stores, machine, lock)
        except _UNAVAILABLE:
            result.unavailable.append(lock.execution_id)
            continue
        if ended:
            _report(ended, lock.execution_id, publish)
        (result.ended if ended else result.running).append(lock.execution_id)
    still_open = [*result.running, *result.unavailable]
    measure({MetricName.RECONCILE_LAG: _lag_seconds(still_open, timeout_seconds)})
    return result


def _to_look_at(held: Sequence[Lock], timeout_seconds: int) -> list[Lock]:
    latest = utc_now() - timedelta(seconds=timeout_seconds)

    def may_run(lock: Lock) -> bool:
        return lock.phase != Phase.CANCELLED and started_at(lock.execution_id) > latest

    running = filter(may_run, held)
    return [*filterfalse(may_run, held), *islice(running, LOOKS_BEFORE_DEADLINE)]


def _end(stores: Stores, machine: StateMachine, lock: Lock) -> EndResult | None:
    if lock.phase == Phase.CANCELLED:
        # The cancel died half-way. If the execution still runs, it can save nothing any more.
        return discard(stores, lock.goal_id, lock.execution_id)
    status = machine.status(lock.execution_id)
    if status is None:
        return end_unknown(stores, lock)
    ending = _ENDINGS.get(status)
    return end_execution(stores, lock.goal_id, lock.execution_id, ending) if ending else None


def _report(ended: EndResult, execution_id: str, publish: Publish) -> None:
    if ended.is_new:
        count(MetricName.EXECUTIONS_HEALED, executionId=execution_id)
        if ended.record:
            publish(ended.record)


def _lag_seconds(execution_ids: list[str], timeout_seconds: int) -> float:
    """How long the oldest execution is past its deadline; 0 if none is past it."""
    deadlines = [started_at(each) + timedelta(seconds=timeout_seconds) for each in execution_ids]
    overdue = [(utc_now() - deadline).total_seconds() for deadline in deadlines]
    return max([0.0, *overdue])

"""Ending an execution, however it came to its end. Every step can be repeated, by anybody:

1. the goal's row: phase ENDING, which fences saves and cancels;
2. work items: what is open fails, what was generated and not saved yet is saved;
3. the record: RUNNING -> its end status, once;
4. the goal's row: its new state, and the lock given back.

The state in 4 follows from the record of 3 alone, so that a repetition comes to the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import Metric
from handlers.contract.statuses import (
    OPEN_ACTION_STATUSES,
    ActionStatus,
    ExecutionStatus,
    GoalState,
    Phase,
)
from handlers.executions.progress import has_failed
from handlers.executions.save import settle
from handlers.observability.emit_metrics import count, measure
from handlers.storage import locks, saved_tasks
from handlers.storage.database import DatabaseRefusedError
from handlers.storage.errors import FencedError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import WorkItem
from handlers.storage.saved_tasks import SaveOutcome
from handlers.storage.wiring import Stores


@dataclass(frozen=True)
class Ending:
    """How an execution ended.

    open_actions: why the actions fail that nobody finished.
    status: None if what succeeded decides, as it does when the workflow itself comes to its end.
    """

    open_actions: ErrorCode
    status: ExecutionStatus | None = None


COMPLETED = Ending(ErrorCode.FUNCTION_FAILED)
"""The workflow came to its end."""
INTERRUPTED = Ending(ErrorCode.RUN_FAILED)
"""It came to its end early, by an error of its own."""
BROKEN = Ending(ErrorCode.RUN_FAILED, ExecutionStatus.FAILED)
"""It came to no end, as far as anybody knows."""


@dataclass(frozen=True)
class Ended:
    """An execution that has ended, and by whom.

    record: None if it has none.
    is_new: this call gave the record its end; else somebody had, or there is nothing to end.
    """

    record: ExecutionRecord | None
    is_new: bool


def end_execution(stores: Stores, goal_id: str, execution_id: str, ending: Ending) -> Ended:
    """End the execution unless somebody has."""
    try:
        with stores.database.transaction() as connection:
            lock = locks.hold(connection, goal_id, execution_id, *Phase)
            if lock.phase != Phase.CANCELLED:
                locks.enter(connection, lock, Phase.ENDING)
        if lock.phase == Phase.CANCELLED:
            return discard(stores, goal_id, execution_id)
        _fail(stores, execution_id, ending.open_actions, OPEN_ACTION_STATUSES)
        _save_what_is_left(stores, goal_id, execution_id)
    except FencedError:
        # Ended and released; or a run that never had the lock (its start was given up).
        _fail(stores, execution_id, ending.open_actions, OPEN_ACTION_STATUSES)
        is_new = _end_never_started(stores, execution_id)
        return Ended(stores.records.get(execution_id), is_new)
    is_new = _end_record(stores, execution_id, ending)
    return Ended(_release(stores, goal_id, execution_id), is_new)


def discard(stores: Stores, goal_id: str, execution_id: str) -> Ended:
    """End an execution whose phase is CANCELLED: nothing was saved, so all is as before it."""
    unsaved = (*OPEN_ACTION_STATUSES, ActionStatus.GENERATED)
    _fail(stores, execution_id, ErrorCode.CANCELLED, unsaved)
    cancelled = Ending(ErrorCode.CANCELLED, ExecutionStatus.ABORTED)
    is_new = _end_record(stores, execution_id, cancelled)
    return Ended(_release(stores, goal_id, execution_id), is_new)


def end_unknown(stores: Stores, goal_id: str, execution_id: str) -> Ended:
    """End an execution that Step Functions does not know: never started, or long forgotten."""
    if stores.work_items.of(execution_id):
        return end_execution(stores, goal_id, execution_id, BROKEN)
    return release_never_started(stores, goal_id, execution_id)


def release_never_started(stores: Stores, goal_id: str, execution_id: str) -> Ended:
    """Undo a start: the record FAILED, if there is one, and the goal as it was."""
    is_new = _end_never_started(stores, execution_id)
    return Ended(_release(stores, goal_id, execution_id), is_new)


def goal_state(record: ExecutionRecord | None, previous: GoalState) -> GoalState:
    """The goal's state after an execution that left this record (None: it never had one)."""
    if record is None or record.error_code == ErrorCode.START_FAILED:
        return previous
    if record.succeeded_actions:
        is_complete = record.succeeded_actions == record.total_actions
        return GoalState.ACTIVE if is_complete else GoalState.PARTIAL
    # Nothing saved: after a retry the goal still has what the earlier execution saved.
    came_to_nothing = record.status == ExecutionStatus.ABORTED or record.parent_execution_id
    return previous if came_to_nothing else GoalState.FAILED


def _fail(
    stores: Stores, execution_id: str, code: ErrorCode, statuses: Iterable[ActionStatus]
) -> None:
    only_from = tuple(statuses)
    for item in stores.work_items.of(execution_id):
        if item.status in only_from:
            stores.work_items.fail(execution_id, item.action_id, code, only_from=only_from)


def _save_what_is_left(stores: Stores, goal_id: str, execution_id: str) -> None:
    results = {
        item.action_id: stores.work_items.tasks(execution_id, item.action_id)
        for item in stores.work_items.of(execution_id)
        if item.status == ActionStatus.GENERATED
    }
    if not results:
        return
    try:
        with stores.database.transaction() as connection:
            locks.hold(connection, goal_id, execution_id, Phase.ENDING)
            outcome = saved_tasks.save(connection, execution_id, goal_id, results)
    except DatabaseRefusedError as error:
        # An execution always ends: what was generated stays in the table, as not saved.
        outcome = SaveOutcome([], [], dict.fromkeys(results, str(error)))
    settle(stores, execution_id, outcome)


def _end_never_started(stores: Stores, execution_id: str) -> bool:
    failed = ExecutionStatus.FAILED
    is_new = stores.records.end(execution_id, failed, error_code=ErrorCode.START_FAILED)
    if is_new:
        count(Metric.EXECUTIONS_ENDED, by=failed, executionId=execution_id)
    return is_new


def _end_record(stores: Stores, execution_id: str, ending: Ending) -> bool:
    items = stores.work_items.of(execution_id)
    saved = [item for item in items if item.status == ActionStatus.SAVED]
    status = ending.status or _status_by(len(saved), len(items))
    is_new = stores.records.end(
        execution_id,
        status,
        error_code=_error_code(status, ending, items),
        succeeded_actions=len(saved),
        failed_actions=tuple(item.action_id for item in items if has_failed(item)),
        task_count=sum(item.task_count for item in saved),
    )
    if is_new:
        _measure(execution_id, status, items)
    return is_new


def _measure(execution_id: str, status: ExecutionStatus, items: Sequence[WorkItem]) -> None:
    """MetricStat an ending: by who gave it, so that it is measured at most once."""
    count(Metric.EXECUTIONS_ENDED, by=status, executionId=execution_id)
    if not items:
        return  # it never came to any action
    failed = Counter(ErrorCode(item.error_code) for item in items if has_failed(item))
    saved = sum(item.status == ActionStatus.SAVED for item in items)
    values = {
        Metric.ACTIONS_SUCCEEDED: saved,
        Metric.FAILED_ACTIONS_SHARE: 100 * failed.total() / len(items),
    }
    measure(values, executionId=execution_id)
    for code, actions in failed.items():
        count(Metric.ACTIONS_FAILED, actions, by=code, executionId=execution_id)
    if ErrorCode.DEADLINE in failed:
        count(Metric.DEADLINE_CUTS, executionId=execution_id)


def _status_by(succeeded: int, total: int) -> ExecutionStatus:
    if not succeeded:
        return ExecutionStatus.FAILED
    is_complete = succeeded == total
    return ExecutionStatus.SUCCEEDED if is_complete else ExecutionStatus.PARTIALLY_SUCCEEDED


def _error_code(
    status: ExecutionStatus, ending: Ending, items: Iterable[WorkItem]
) -> ErrorCode | None:
    if ending.status:
        return ending.open_actions
    if status != ExecutionStatus.FAILED:
        return None
    # all actions failed: the commonest reason stands for the execution
    codes = Counter(item.error_code for item in items if item.error_code)
    return ErrorCode(codes.most_common(1)[0][0]) if codes else ErrorCode.RUN_FAILED


def _release(stores: Stores, goal_id: str, execution_id: str) -> ExecutionRecord | None:
    record = stores.records.get(execution_id)
    try:
        with stores.database.transaction() as connection:
            lock = locks.hold(connection, goal_id, execution_id, *Phase)
            locks.release(connection, lock, goal_state(record, lock.previous_state))
    except FencedError:
        pass  # given back already
    return record

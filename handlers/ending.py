"""Ending an execution, however it came to its end. Every step can be repeated, by anybody:

1. the goal's row: phase ENDING, which fences saves and cancels;
2. work items: what is open fails, what was generated and not saved yet is saved;
3. the record: RUNNING -> its end status, once;
4. the goal's row: its new state, and the lock given back.

The state in 4 follows from the record of 3 alone, so that a repetition comes to the same.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.contract import (
    OPEN_ACTION_STATUSES,
    ActionStatus,
    ErrorCode,
    ExecutionStatus,
    GoalState,
    Phase,
)
from handlers.progress import has_failed
from handlers.saving import settle
from handlers.storage import locks, saved_tasks
from handlers.storage.database import DatabaseRefusedError
from handlers.storage.errors import FencedError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.saved_tasks import SaveOutcome
from handlers.stores import Stores
from handlers.work import WorkItem


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


def end_execution(
    stores: Stores, goal_id: str, execution_id: str, ending: Ending
) -> ExecutionRecord | None:
    """End the execution unless somebody has; its record, None if it has none."""
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
        stores.records.end(execution_id, ExecutionStatus.FAILED, error_code=ErrorCode.START_FAILED)
        return stores.records.get(execution_id)
    _end_record(stores, execution_id, ending)
    return _release(stores, goal_id, execution_id)


def discard(stores: Stores, goal_id: str, execution_id: str) -> ExecutionRecord | None:
    """End an execution whose phase is CANCELLED: nothing was saved, so all is as before it."""
    unsaved = (*OPEN_ACTION_STATUSES, ActionStatus.GENERATED)
    _fail(stores, execution_id, ErrorCode.CANCELLED, unsaved)
    _end_record(stores, execution_id, Ending(ErrorCode.CANCELLED, ExecutionStatus.ABORTED))
    return _release(stores, goal_id, execution_id)


def end_unknown(stores: Stores, goal_id: str, execution_id: str) -> ExecutionRecord | None:
    """End an execution that Step Functions does not know: never started, or long forgotten."""
    if stores.work_items.of(execution_id):
        return end_execution(stores, goal_id, execution_id, BROKEN)
    return release_never_started(stores, goal_id, execution_id)


def release_never_started(
    stores: Stores, goal_id: str, execution_id: str
) -> ExecutionRecord | None:
    """Undo a start: the record FAILED, if there is one, and the goal as it was."""
    stores.records.end(execution_id, ExecutionStatus.FAILED, error_code=ErrorCode.START_FAILED)
    return _release(stores, goal_id, execution_id)


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


def _end_record(stores: Stores, execution_id: str, ending: Ending) -> None:
    items = stores.work_items.of(execution_id)
    saved = [item for item in items if item.status == ActionStatus.SAVED]
    status = ending.status or _status_by(len(saved), len(items))
    stores.records.end(
        execution_id,
        status,
        error_code=_error_code(status, ending, items),
        succeeded_actions=len(saved),
        failed_actions=tuple(item.action_id for item in items if has_failed(item)),
        task_count=sum(item.task_count for item in saved),
    )


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

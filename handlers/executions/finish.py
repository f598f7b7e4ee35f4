"""Ending an execution. Every function that ends one takes these steps, and each can be repeated:

1. the goal's row: phase ENDING, after which saves and cancels are refused;
2. work items: open ones fail, tasks that were generated and not saved yet are saved;
3. the record: RUNNING -> its end status, once;
4. the goal's row: its new state, and the lock released.

The state in 4 follows from the record of 3 alone, so a repetition has the same result.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import (
    OPEN_ACTION_STATUSES,
    ActionStatus,
    ExecutionStatus,
    GoalState,
    Phase,
)
from handlers.executions.end_metrics import emit_metrics
from handlers.executions.progress import has_failed
from handlers.executions.save import mark_outcome
from handlers.observability.emit_metrics import count
from handlers.storage import locks, saved_tasks
from handlers.storage.database import DatabaseRefusedError
from handlers.storage.errors import FencedError, ItemsAddedError, TableUnavailableError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.locks import Lock
from handlers.storage.models import ActionProgress
from handlers.storage.saved_tasks import SaveOutcome
from handlers.storage.stores import Stores


@dataclass(frozen=True)
class Ending:
    """How an execution ends.

    open_actions: the error code of the actions that are still open.
    status: None if the number of saved actions decides, as it does if the workflow ran to its end.
    """

    open_actions: ErrorCode
    status: ExecutionStatus | None = None


COMPLETED = Ending(ErrorCode.FUNCTION_FAILED)
"""The workflow ran to its end."""
INTERRUPTED = Ending(ErrorCode.EXECUTION_FAILED)
"""One of its states failed, and the workflow went straight to Finish."""
NEVER_ITS_TURN = Ending(ErrorCode.NO_TURN)
"""It waited for its turn at the model, which would have come too late."""
BROKEN = Ending(ErrorCode.EXECUTION_FAILED, ExecutionStatus.FAILED)
"""Step Functions ended it as FAILED, or does not know it any more."""


@dataclass(frozen=True)
class EndResult:
    """The result of ending an execution.

    record: None if it has none.
    is_new: this call ended the record; False if it had ended before, or there is none.
    """

    record: ExecutionRecord | None
    is_new: bool


def end_execution(stores: Stores, goal_id: str, execution_id: str, ending: Ending) -> EndResult:
    """End the execution, if it has not ended yet."""

    def end_items() -> None:
        _fail(stores, execution_id, ending.open_actions, OPEN_ACTION_STATUSES)
        _save_remaining(stores, goal_id, execution_id)

    try:
        with stores.database.transaction() as connection:
            lock = locks.hold(connection, goal_id, execution_id, *Phase)
            if lock.phase != Phase.CANCELLED:
                locks.enter(connection, lock, Phase.ENDING)
        if lock.phase == Phase.CANCELLED:
            return discard(stores, goal_id, execution_id)
        is_new = _end_items_and_record(stores, execution_id, ending, end_items)
    except FencedError:
        # It has ended and released the lock; or its start was abandoned and it never had the lock.
        _fail(stores, execution_id, ending.open_actions, OPEN_ACTION_STATUSES)
        is_new = undo_record(stores, execution_id)
        return EndResult(stores.records.get(execution_id), is_new)
    return EndResult(_release(stores, goal_id, execution_id), is_new)


def discard(stores: Stores, goal_id: str, execution_id: str) -> EndResult:
    """End an execution whose phase is CANCELLED: it has saved nothing, the goal's state returns."""

    def end_items() -> None:
        unsaved = (*OPEN_ACTION_STATUSES, ActionStatus.GENERATED)
        _fail(stores, execution_id, ErrorCode.CANCELLED, unsaved)

    cancelled = Ending(ErrorCode.CANCELLED, ExecutionStatus.ABORTED)
    is_new = _end_items_and_record(stores, execution_id, cancelled, end_items)
    return EndResult(_release(stores, goal_id, execution_id), is_new)


def end_unknown(stores: Stores, lock: Lock) -> EndResult | None:
    """End an execution that Step Functions does not know: never started, or expired there.

    lock: as it was before Step Functions was asked. None if anybody has touched it since: a
    repeated request goes on with the start, or another function undoes it.
    """
    execution_id = lock.execution_id
    if lock.phase == Phase.CANCELLED:
        return discard(stores, lock.goal_id, execution_id)
    if stores.work_items.progress(execution_id):
        return end_execution(stores, lock.goal_id, execution_id, BROKEN)
    with stores.database.transaction() as connection:
        claimed = locks.claim(connection, lock)
    if claimed is None:
        return None
    is_new = undo_record(stores, execution_id)
    record = stores.records.get(execution_id)
    with stores.database.transaction() as connection:
        locks.drop(connection, claimed)
    return EndResult(record, is_new)


def undo_record(stores: Stores, execution_id: str) -> bool:
    """Of an execution that never started: the record, if there is one, becomes FAILED.

    If there is none, none can come any more.
    """
    is_new = _fail_start(stores, execution_id)
    if not is_new:
        stores.records.bar(execution_id)
        # The record may have arrived between the two.
        is_new = _fail_start(stores, execution_id)
    if is_new:
        count(MetricName.EXECUTIONS_ENDED, by=ExecutionStatus.FAILED, executionId=execution_id)
    return is_new


def goal_state(record: ExecutionRecord | None, previous: GoalState) -> GoalState:
    """The goal's state after an execution with this record; None if it never had one."""
    if record is None or record.error_code == ErrorCode.START_FAILED:
        return previous
    if record.succeeded_actions:
        is_complete = record.succeeded_actions == record.total_actions
        return GoalState.ACTIVE if is_complete else GoalState.PARTIAL
    # Nothing was saved. After a retry the goal still has the tasks of the earlier execution.
    keeps_state = record.status == ExecutionStatus.ABORTED or record.parent_execution_id
    return previous if keeps_state else GoalState.FAILED


def _fail(
    stores: Stores, execution_id: str, code: ErrorCode, statuses: Iterable[ActionStatus]
) -> None:
    only_from = tuple(statuses)
    for item in stores.work_items.progress(execution_id):
        if item.status in only_from:
            stores.work_items.fail(execution_id, item.action_id, code, only_from=only_from)


def _save_remaining(stores: Stores, goal_id: str, execution_id: str) -> None:
    results = stores.work_items.all_generated(execution_id)
    if not results:
        return
    try:
        with stores.database.transaction() as connection:
            locks.hold(connection, goal_id, execution_id, Phase.ENDING)
            outcome = saved_tasks.save(connection, execution_id, goal_id, results)
    except DatabaseRefusedError as error:
        # An execution always ends: its tasks stay in the table, their actions failed.
        outcome = SaveOutcome([], [], dict.fromkeys(results, str(error)))
    mark_outcome(stores, execution_id, outcome)


def _fail_start(stores: Stores, execution_id: str) -> bool:
    failed = ExecutionStatus.FAILED
    return stores.records.end(execution_id, failed, error_code=ErrorCode.START_FAILED)


def _end_items_and_record(
    stores: Stores, execution_id: str, ending: Ending, end_items: Callable[[], None]
) -> bool:
    """Steps 2 and 3, and again if work items came between: a request of Prepare may be late."""
    counted = 0
    while True:
        end_items()
        try:
            return _end_record(stores, execution_id, ending, counted)
        except ItemsAddedError as error:
            counted = error.count  # Those that there are of them will be read.


def _end_record(stores: Stores, execution_id: str, ending: Ending, counted: int) -> bool:
    items = stores.work_items.progress(execution_id)
    if any(item.status in OPEN_ACTION_STATUSES for item in items):
        raise ItemsAddedError(counted)
    saved = [item for item in items if item.status == ActionStatus.SAVED]
    status = ending.status or _status_by(len(saved), len(items))
    is_new = stores.records.end(
        execution_id,
        status,
        error_code=_error_code(status, ending, items),
        succeeded_actions=len(saved),
        failed_actions=tuple(item.action_id for item in items if has_failed(item)),
        task_count=sum(item.task_count for item in saved),
        # A repeated Prepare counts only the actions that were not deleted meanwhile.
        total_actions=len(items),
        items=max(len(items), counted),
    )
    stores.work_items.settle_usage(execution_id)
    if is_new:
        emit_metrics(execution_id, status, items)
    return is_new


def _status_by(succeeded: int, total: int) -> ExecutionStatus:
    if not succeeded:
        return ExecutionStatus.FAILED
    is_complete = succeeded == total
    return ExecutionStatus.SUCCEEDED if is_complete else ExecutionStatus.PARTIALLY_SUCCEEDED


def _error_code(
    status: ExecutionStatus, ending: Ending, items: Iterable[ActionProgress]
) -> ErrorCode | None:
    if ending.status:
        return ending.open_actions
    if status != ExecutionStatus.FAILED:
        return None
    # All actions failed: the most frequent code is the execution's.
    codes = Counter(item.error_code for item in items if item.error_code)
    if codes:
        return ErrorCode(codes.most_common(1)[0][0])
    is_turn = ending.open_actions == ErrorCode.NO_TURN
    return ErrorCode.NO_TURN if is_turn else ErrorCode.EXECUTION_FAILED


def _release(stores: Stores, goal_id: str, execution_id: str) -> ExecutionRecord | None:
    record = stores.records.get(execution_id)
    if record and record.turn:  # First: nobody should wait behind it while the database is away.
        with suppress(TableUnavailableError):  # Soon it counts no longer anyway.
            stores.turns.drop(record.turn)
    try:
        with stores.database.transaction() as connection:
            lock = locks.hold(connection, goal_id, execution_id, *Phase)
            locks.release(connection, lock, goal_state(record, lock.previous_state))
    except FencedError:
        pass  # It was released before.
    return record

"""The record of an execution: it begins RUNNING and ends once."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from handlers.contract.clock import expiry, timestamp, utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ExecutionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX, EXECUTION_SK, TTL_ATTRIBUTE
from handlers.storage.errors import ConditionFailedError, FencedError, ItemsAddedError
from handlers.storage.items import Item, Items
from handlers.storage.models import ActionProgress, Usage
from handlers.storage.work_item_format import (
    PROGRESS_ATTRIBUTES,
    action_progress,
    error_code,
    usage,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTRIBUTES = (
    *("goalId", "userId", "executionArn", "totalActions", "parentExecutionId", "stoppedAt"),
    *("succeededActions", "failedActions", "turnAt", "turn", TTL_ATTRIBUTE, *PROGRESS_ATTRIBUTES),
)
"""Those of a record and of a work item's progress, which have some in common."""

_IS_RUNNING = "#status = :running"
_RUNNING = {":running": ExecutionStatus.RUNNING.value}


@dataclass(frozen=True)
class ExecutionRecord:
    """An execution as the table keeps it.

    total_actions: the number requested; after Prepare, the number of work items.
    failed_actions: ids, known at the end.
    turn_at, turn: while it waits for its turn at the model, when that is expected, and its ticket.
    usage: of all model calls, late ones too; known at the end, before that the work items have it.
    """

    execution_id: str
    goal_id: str
    user_id: str
    status: ExecutionStatus
    execution_arn: str
    started_at: str
    total_actions: int
    parent_execution_id: str | None = None
    stopped_at: str | None = None
    succeeded_actions: int = 0
    failed_actions: tuple[str, ...] = ()
    error_code: str | None = None
    task_count: int = 0
    usage: Usage = field(default_factory=Usage)
    turn_at: str | None = None
    turn: str | None = None


class ExecutionRecords:
    """The records in the table; every method raises TableUnavailableError.

    ttl_days: how long records are kept.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str, ttl_days: int) -> None:
        self._items = Items(client, table_name)
        self._ttl_days = ttl_days

    def begin(
        self,
        execution_id: str,
        *,
        goal_id: str,
        user_id: str,
        execution_arn: str,
        total_actions: int,
        started_at: datetime,
        parent_execution_id: str | None = None,
    ) -> ExecutionRecord:
        """Add a record, RUNNING; if the execution has one, return that."""
        item: Item = {
            "pk": execution_id,
            "sk": EXECUTION_SK,
            "goalId": goal_id,
            "userId": user_id,
            "month": f"{started_at:%Y-%m}",
            "status": ExecutionStatus.RUNNING.value,
            "executionArn": execution_arn,
            "startedAt": timestamp(started_at),
            "totalActions": total_actions,
            "inputTokens": 0,
            "outputTokens": 0,
            "costUsd": Decimal(0),
            "taskCount": 0,
            TTL_ATTRIBUTE: expiry(self._ttl_days),
        }
        if parent_execution_id:
            item["parentExecutionId"] = parent_execution_id
        try:
            self._items.put_new(item)
        except ConditionFailedError:
            existing = self._items.get(execution_id, EXECUTION_SK) or {}
            return execution_record({**item, **existing})
        return execution_record(item)

    def get(self, execution_id: str) -> ExecutionRecord | None:
        """The record, or None. An expired one is None too: DynamoDB takes days to delete it."""
        item = self._items.get(execution_id, EXECUTION_SK)
        return execution_record(item) if item and _is_shown(item) else None

    def with_progress(
        self, execution_id: str
    ) -> tuple[ExecutionRecord, list[ActionProgress]] | None:
        """The record and the progress of its actions, by one Query; None as `get` says.

        Its sort key follows those of the work items. The record is read before them, so that they
        are no older than its status.
        """
        items = self._items.until(execution_id, EXECUTION_SK, _ATTRIBUTES)
        if not items or not _is_shown(items[0]):
            return None
        record = execution_record({**items[0], "pk": execution_id})
        progress = [action_progress(item) for item in reversed(items[1:])]
        if record.status != ExecutionStatus.RUNNING and any(map(_is_open, progress)):
            # A Query is no snapshot: the end may have come between what it read.
            again = self._items.query(execution_id, ACTION_SK_PREFIX, PROGRESS_ATTRIBUTES)
            progress = [action_progress(item) for item in again]
        return record, progress

    def wait_for_turn(self, execution_id: str, turn_at: datetime, ticket: str) -> bool:
        """Note when its turn is expected; False, and no change, if its work items are there.

        Then it was let in before: a note that arrives late says no longer that it waits. Raises
        FencedError if the execution has ended.
        """
        return self._note(
            execution_id,
            "SET turnAt = :at, turn = :ticket",
            f"{_IS_RUNNING} AND attribute_not_exists(itemCount)",
            {":at": timestamp(turn_at), ":ticket": ticket},
        )

    def set_total(self, execution_id: str, total_actions: int) -> None:
        """Set the number of actions, whose turn it is; raises FencedError if the execution has
        ended."""
        values = {":total": total_actions}
        expression = "SET totalActions = :total REMOVE turnAt, turn"
        self._note(execution_id, expression, _IS_RUNNING, values)

    def _note(self, execution_id: str, expression: str, condition: str, values: Item) -> bool:
        """Update a record; False, and no change, if it is RUNNING and the condition fails."""
        try:
            self._items.update_and_get(
                execution_id, EXECUTION_SK, expression, condition, {**values, **_RUNNING}
            )
        except ConditionFailedError as error:
            if error.item and _is_running(error.item):
                return False
            raise FencedError(f"execution {execution_id} has ended") from error
        return True

    def end(
        self,
        execution_id: str,
        status: ExecutionStatus,
        *,
        error_code: ErrorCode | None = None,
        succeeded_actions: int = 0,
        failed_actions: tuple[str, ...] = (),
        task_count: int = 0,
        total_actions: int = 0,
        items: int | None = None,
    ) -> bool:
        """RUNNING -> an end status; False, and no change, if it is not RUNNING or has no record.

        total_actions: the number of work items; 0 leaves the number that was requested.
        items: how many of them the end was decided on; raises ItemsAddedError if the record counts
        more by now. None: it is none of their matter.
        """
        values: Item = {
            ":status": status.value,
            ":now": timestamp(utc_now()),
            ":succeeded": succeeded_actions,
            ":failed": list(failed_actions),
            ":tasks": task_count,
            **_RUNNING,
        }
        expression = (
            "SET #status = :status, stoppedAt = :now, succeededActions = :succeeded,"
            " failedActions = :failed, taskCount = :tasks"
        )
        if total_actions:
            expression += ", totalActions = :total"
            values[":total"] = total_actions
        condition = _IS_RUNNING
        if items is not None:
            condition += " AND (attribute_not_exists(itemCount) OR itemCount <= :items)"
            values[":items"] = items
        if error_code:
            expression += ", errorCode = :code"
            values[":code"] = error_code.value
        try:
            self._items.update_and_get(execution_id, EXECUTION_SK, expression, condition, values)
        except ConditionFailedError as error:
            if error.item and _is_running(error.item):
                raise ItemsAddedError(int(error.item["itemCount"])) from error
            return False
        return True

    def bar(self, execution_id: str) -> None:
        """Keep an execution that has no record from having one.

        A write of the record that timed out can still arrive: it must find an item there.
        """
        with suppress(ConditionFailedError):
            self._items.update(
                execution_id,
                EXECUTION_SK,
                "SET #status = :failed, errorCode = :code, #ttl = :expires",
                "attribute_not_exists(pk)",
                {
                    ":failed": ExecutionStatus.FAILED.value,
                    ":code": ErrorCode.START_FAILED.value,
                    ":expires": expiry(self._ttl_days),
                },
            )


def _is_running(item: Item) -> bool:
    return item["status"] == ExecutionStatus.RUNNING


def _is_open(progress: ActionProgress) -> bool:
    return progress.status in OPEN_ACTION_STATUSES


def _is_shown(item: Item) -> bool:
    """Whether it is a record, and neither a bar nor expired."""
    return "goalId" in item and item[TTL_ATTRIBUTE] >= utc_now().timestamp()


def execution_record(item: Item) -> ExecutionRecord:
    """The record in an item."""
    return ExecutionRecord(
        execution_id=item["pk"],
        goal_id=item["goalId"],
        user_id=item["userId"],
        status=ExecutionStatus(item["status"]),
        execution_arn=item["executionArn"],
        started_at=item["startedAt"],
        total_actions=int(item["totalActions"]),
        parent_execution_id=item.get("parentExecutionId"),
        stopped_at=item.get("stoppedAt"),
        succeeded_actions=int(item.get("succeededActions", 0)),
        failed_actions=tuple(item.get("failedActions", ())),
        error_code=error_code(item),
        task_count=int(item["taskCount"]),
        usage=usage(item),
        turn_at=item.get("turnAt"),
        turn=item.get("turn"),
    )

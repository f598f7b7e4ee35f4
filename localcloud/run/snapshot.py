"""An execution's record and work items, read from the table at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from handlers.contract.errors import current_code
from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX, EXECUTION_SK
from handlers.storage.items import deserialised, serialised

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = (ActionStatus.GENERATED, ActionStatus.SAVED)
_ATTRIBUTES = (
    "sk, #status, taskCount, inputTokens, outputTokens, costUsd, errorCode, errorDetail, attempts, "
    "startedAt, stoppedAt, endedAt"
)


@dataclass(frozen=True)
class ActionItem:
    """One action's work item; `ended_at` is when its tasks were stored or it failed."""

    status: ActionStatus
    task_count: int
    attempts: int
    input_tokens: int
    output_tokens: int
    error_code: str
    error_detail: str
    ended_at: datetime | None

    @property
    def is_kept(self) -> bool:
        """Whether its tasks are in the table, no matter if they are in PostgreSQL already."""
        return self.status in _KEPT


@dataclass(frozen=True)
class Snapshot:
    """The record and the work items of one execution."""

    status: ExecutionStatus
    started_at: datetime
    stopped_at: datetime | None
    task_count: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    actions: Mapping[str, ActionItem]

    @property
    def kept(self) -> int:
        """Number of actions whose tasks are in the table."""
        return sum(action.is_kept for action in self.actions.values())

    @property
    def failed(self) -> int:
        """Number of actions that failed permanently."""
        return sum(action.status == ActionStatus.FAILED for action in self.actions.values())

    @property
    def in_flight(self) -> int:
        """Number of actions being generated, those that wait for a retry included."""
        return sum(action.status == ActionStatus.GENERATING for action in self.actions.values())

    @property
    def tokens(self) -> int:
        """Input and output tokens of all calls that have ended."""
        return sum(a.input_tokens + a.output_tokens for a in self.actions.values())

    @property
    def first_kept_at(self) -> datetime | None:
        """When the first action's tasks were stored in the table."""
        ends = [a.ended_at for a in self.actions.values() if a.is_kept and a.ended_at]
        return min(ends, default=None)


def take_snapshot(client: "DynamoDBClient", table_name: str, execution_id: str) -> Snapshot:
    """Read an execution with strong consistency, but without the tasks' texts."""
    pages = client.get_paginator("query").paginate(
        TableName=table_name,
        # "action#..." and "execution", but not "tasks#..."
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues=serialised(
            {":pk": execution_id, ":first": ACTION_SK_PREFIX, ":last": EXECUTION_SK}
        ),
        ProjectionExpression=_ATTRIBUTES,
        ExpressionAttributeNames={"#status": "status"},
        ConsistentRead=True,
    )
    return snapshot([deserialised(item) for page in pages for item in page["Items"]])


def snapshot(items: Sequence[Mapping[str, Any]]) -> Snapshot:
    """A snapshot from an execution's items in the table."""
    record = next(item for item in items if item["sk"] == EXECUTION_SK)
    stopped_at = record.get("stoppedAt")
    return Snapshot(
        status=ExecutionStatus(record["status"]),
        started_at=datetime.fromisoformat(record["startedAt"]),
        stopped_at=datetime.fromisoformat(stopped_at) if stopped_at else None,
        task_count=int(record.get("taskCount", 0)),
        input_tokens=int(record.get("inputTokens", 0)),
        output_tokens=int(record.get("outputTokens", 0)),
        cost_usd=Decimal(record.get("costUsd", 0)),
        actions={
            item["sk"].removeprefix(ACTION_SK_PREFIX): _action(item)
            for item in items
            if item["sk"].startswith(ACTION_SK_PREFIX)
        },
    )


def _action(item: Mapping[str, Any]) -> ActionItem:
    ended_at = item.get("endedAt")
    return ActionItem(
        status=ActionStatus(item["status"]),
        task_count=int(item.get("taskCount", 0)),
        attempts=int(item.get("attempts", 0)),
        input_tokens=int(item.get("inputTokens", 0)),
        output_tokens=int(item.get("outputTokens", 0)),
        error_code=current_code(item.get("errorCode", "")),
        error_detail=item.get("errorDetail", ""),
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
    )


def seconds_left(elapsed: float, processed: int, total: int) -> float | None:
    """Seconds until all are processed, at the pace so far; None before the first is processed."""
    return elapsed * (total - processed) / processed if processed else None

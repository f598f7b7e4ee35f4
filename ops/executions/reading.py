"""Executions as the table and Step Functions hold them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from handlers.contract.statuses import ExecutionStatus
from handlers.executions.progress import count_progress, has_failed
from handlers.storage.access import TableAccess
from handlers.storage.execution_queries import Criteria, Position
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import WorkItem, total_usage
from handlers.storage.table import WorkflowTable
from ops.problems import OperatorError, is_missing
from ops.stack import Stack

_TTL_DAYS = 3650
"""How far back a list may go: as far as the table holds anything."""


@dataclass(frozen=True)
class Execution:
    """An execution.

    machine_status: Step Functions' own status; None once it has dropped the execution.
    state: for a person: the table's status, or STOPPING, STARTING where both sides differ, or
        WAITING for its turn at the model.
    failures: error code -> number of actions that failed for good with it.
    """

    execution_id: str
    goal_id: str
    state: str
    status: str
    machine_status: str | None
    started_at: str
    stopped_at: str | None
    processed: int
    total: int
    failures: dict[str, int]
    retry_of: str | None
    error_code: str | None
    cost_usd: str


@dataclass(frozen=True)
class Summary:
    """A line of a list."""

    execution_id: str
    goal_id: str
    status: str
    started_at: str
    stopped_at: str | None
    total: int
    failed: int
    error_code: str | None


def table_of(stack: Stack) -> WorkflowTable:
    """The stack's table, to read."""
    return WorkflowTable.of(TableAccess(stack.client("dynamodb"), stack.names.table, _TTL_DAYS))


def record_of(stack: Stack, execution_id: str) -> ExecutionRecord:
    """The record of an execution; OperatorError if there is none."""
    record = table_of(stack).records.get(execution_id)
    if record is None:
        raise OperatorError(
            f"no execution {execution_id} in {stack.names.table}, which keeps them for"
            " table.ttlDays: look at `python -m ops executions list`, or add --archived"
        )
    return record


def machine_execution(stack: Stack, arn: str) -> dict[str, Any] | None:
    """DescribeExecution; None if Step Functions knows no such execution."""
    try:
        return stack.client("stepfunctions").describe_execution(executionArn=arn)
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def read_execution(stack: Stack, execution_id: str) -> Execution:
    """An execution as it is now. Raises OperatorError."""
    record = record_of(stack, execution_id)
    items = table_of(stack).work_items.of(execution_id)
    machine = machine_execution(stack, record.execution_arn)
    return execution_of(record, items, machine["status"] if machine else None)


def execution_of(
    record: ExecutionRecord, items: Sequence[WorkItem], machine_status: str | None
) -> Execution:
    """What a record and its work items say; machine_status: None if Step Functions was not asked,
    or knows no such execution."""
    progress = count_progress(items, expected=record.total_actions)
    failed = Counter(item.error_code or "UNKNOWN" for item in items if has_failed(item))
    state = state_of(record.status, machine_status)
    is_running = state == ExecutionStatus.RUNNING
    return Execution(
        execution_id=record.execution_id,
        goal_id=record.goal_id,
        state="WAITING" if is_running and record.turn_at else state,
        status=record.status,
        machine_status=machine_status,
        started_at=record.started_at,
        stopped_at=record.stopped_at,
        processed=progress.processed,
        total=progress.total,
        failures=dict(failed.most_common()),
        retry_of=record.parent_execution_id,
        error_code=record.error_code,
        cost_usd=f"{total_usage(items).cost_usd}",
    )


def state_of(status: ExecutionStatus, machine_status: str | None) -> str:
    """One word for both sides: the table learns of an end from outside a little later."""
    if status != ExecutionStatus.RUNNING or machine_status == "RUNNING":
        return status
    return "STOPPING" if machine_status else "STARTING"


def list_executions(
    stack: Stack,
    *,
    goal_id: str | None,
    status: ExecutionStatus | None,
    since: datetime | None,
    limit: int,
) -> list[Summary]:
    """The newest executions that meet the criteria, up to `limit`."""
    found = list_records(stack, goal_id=goal_id, status=status, since=since, limit=limit)
    return [summary(record) for record in found]


def list_records(
    stack: Stack,
    *,
    goal_id: str | None = None,
    status: ExecutionStatus | None = None,
    since: datetime | None,
    limit: int,
) -> list[ExecutionRecord]:
    """The records of the same executions."""
    queries, criteria = table_of(stack).queries, Criteria(status=status, since=since)
    found = list[ExecutionRecord]()
    position: Position | None = Position()
    while position and len(found) < limit:
        left = limit - len(found)
        page = (
            queries.of_goal(goal_id, criteria, left, position)
            if goal_id
            else queries.of_all(criteria, left, position)
        )
        found, position = found + page.records, page.next
    return found


def summary(record: ExecutionRecord) -> Summary:
    """A record's line of a list."""
    return Summary(
        record.execution_id,
        record.goal_id,
        record.status,
        record.started_at,
        record.stopped_at,
        record.total_actions,
        len(record.failed_actions),
        record.error_code,
    )

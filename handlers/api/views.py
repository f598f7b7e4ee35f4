"""The bodies of the API's answers, made from the table's items (docs/openapi.yaml)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from handlers.api.eta import duration_seconds, eta_seconds, seconds_between
from handlers.api.messages import WAITING_MESSAGE, message_of
from handlers.contract.clock import timestamp
from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.executions.progress import count_progress, has_failed
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import ActionProgress, Usage, total_usage

View = dict[str, Any]

_ENDS = {
    ErrorCode.CANCELLED,
    ErrorCode.EXECUTION_ABORTED,
    ErrorCode.EXECUTION_FAILED,
    ErrorCode.EXECUTION_TIMED_OUT,
}
"""What only the end of an execution fails its open actions with."""


def accepted_view(record: ExecutionRecord) -> View:
    """The answer to a start, the same each time that the start is repeated."""
    return {
        **_identity(record),
        "status": ExecutionStatus.RUNNING.value,
        "totalActions": record.total_actions,
        "startDate": record.started_at,
    }


def cancelled_view(record: ExecutionRecord) -> View:
    """The answer to a cancel."""
    return {
        **_identity(record),
        "status": record.status.value,
        "startDate": record.started_at,
        **_unless_none(stopDate=record.stopped_at),
    }


def execution_view(record: ExecutionRecord, now: datetime) -> View:
    """An execution in a list."""
    has_ended = record.status != ExecutionStatus.RUNNING
    return {
        **_identity(record),
        "status": record.status.value,
        "startDate": record.started_at,
        **_unless_none(stopDate=record.stopped_at),
        "durationSeconds": seconds_between(record.started_at, record.stopped_at or timestamp(now)),
        **_error(record),
        "totalActions": record.total_actions,
        **({"failedActions": list(record.failed_actions)} if has_ended else {}),
        **({"taskCount": record.task_count} if has_ended else {}),
        **_spent(record.usage),
    }


def status_view(record: ExecutionRecord, items: Sequence[ActionProgress], now: datetime) -> View:
    """An execution with its progress."""
    progress = count_progress(items, expected=record.total_actions)
    counts = Counter(item.status for item in items)
    is_running = record.status == ExecutionStatus.RUNNING
    return {
        **execution_view(record, now),
        "totalActions": progress.total,
        "progressPercentage": progress.percentage,
        "processedActions": progress.processed,
        "failedActions": [item.action_id for item in items if has_failed(item)],
        "actionCounts": {status.value: counts[status] for status in ActionStatus},
        "taskCount": sum(item.task_count for item in items),
        **_spent(total_usage(items)),
        **_while_running(items, is_running=is_running),
        **(_waiting(record.turn_at, now) if is_running and record.turn_at else {}),
    }


def _while_running(items: Sequence[ActionProgress], *, is_running: bool) -> View:
    """The estimate; or, once its end fails actions and the status follows, that it is stopping."""
    if not is_running:
        return {}
    if any(item.error_code in _ENDS for item in items):
        return {"stopping": True}
    return _unless_none(etaSeconds=eta_seconds(items))


def actions_view(record: ExecutionRecord, items: Sequence[ActionProgress]) -> View:
    """The actions of an execution."""
    return {
        "executionId": record.execution_id,
        "status": record.status.value,
        "actions": [_action(item) for item in items],
    }


def _identity(record: ExecutionRecord) -> View:
    return {
        "executionId": record.execution_id,
        "executionArn": record.execution_arn,
        "goalId": record.goal_id,
        **_unless_none(parentExecutionId=record.parent_execution_id),
    }


def _action(item: ActionProgress) -> View:
    failed = item.status == ActionStatus.FAILED
    code = item.error_code or ErrorCode.FUNCTION_FAILED.value
    return {
        "actionId": item.action_id,
        "status": item.status.value,
        "taskCount": item.task_count,
        "attempts": item.attempts,
        **_unless_none(
            startDate=item.started_at,
            stopDate=item.ended_at,
            durationSeconds=duration_seconds(item),
        ),
        **({"error": {"code": code, "message": message_of(code)}} if failed else {}),
        **_spent(item.usage),
    }


def _error(record: ExecutionRecord) -> View:
    # The web client shows `error` as it is, so the text is not nested beside the code.
    if record.error_code is None:
        return {}
    return {"error": message_of(record.error_code), "errorCode": record.error_code}


def _waiting(turn_at: str, now: datetime) -> View:
    seconds = (datetime.fromisoformat(turn_at) - now).total_seconds()
    return {"waiting": {"message": WAITING_MESSAGE, "turnInSeconds": max(round(seconds), 0)}}


def _spent(usage: Usage) -> View:
    return {
        "tokens": {"input": usage.input_tokens, "output": usage.output_tokens},
        "cost": {"amount": float(usage.cost_usd), "currency": "USD"},
    }


def _unless_none(**values: object) -> View:
    return {name: value for name, value in values.items() if value is not None}

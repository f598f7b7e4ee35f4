"""What an execution to draw is made of; all times are seconds since its start."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import ActionContext, Usage, WorkItem
from ops.trace.attempts import Attempt, AttemptOutcome, EnteredState

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
EXECUTION = "01a2100e-e788-74b7-9d75-77b4e6864675"
ARN = (
    f"arn:aws:states:ap-northeast-1:123456789012:execution:TaskGenerationWorkflow-prod:{EXECUTION}"
)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def attempt(start: float, end: float | None, error: str = "") -> Attempt:
    if end is None:
        return Attempt(at(start), None, AttemptOutcome.OPEN)
    outcome = AttemptOutcome.FAILED if error else AttemptOutcome.SUCCEEDED
    return Attempt(at(start), at(end), outcome, error)


def generated(action_id: str, *attempts: Attempt) -> EnteredState:
    first, last = attempts[0].started_at, attempts[-1].ended_at
    return EnteredState("GenerateTasks", first, last, {"actionId": action_id}, attempts)


def record(status: ExecutionStatus = ExecutionStatus.SUCCEEDED, **changed: Any) -> ExecutionRecord:
    values: dict[str, Any] = {
        "execution_id": EXECUTION,
        "goal_id": "5b5019d6-543e-5199-b320-43a18453082f",
        "user_id": "u",
        "status": status,
        "execution_arn": ARN,
        "started_at": START.isoformat(),
        "stopped_at": None if status == ExecutionStatus.RUNNING else at(10).isoformat(),
        "total_actions": 2,
        "usage": Usage(3000, 1200, Decimal("0.0003")),
    }
    return ExecutionRecord(**{**values, **changed})


def item(
    action_id: str,
    status: ActionStatus = ActionStatus.SAVED,
    *,
    sub_goal: str = "a sub-goal",
    title: str = "an action",
    **changed: Any,
) -> WorkItem:
    values: dict[str, Any] = {
        "attempts": 1,
        "calls_started": 1,
        "task_count": 3,
        "usage": Usage(1000, 400, Decimal("0.0001")),
        "ended_at": at(5).isoformat(),
    }
    context = ActionContext(title, "HABIT", sub_goal, "a goal")
    kept = {**values, **changed}
    return WorkItem(action_id, status, execution_id=EXECUTION, context=context, **kept)


def history(*events: tuple[str, int, dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as GetExecutionHistory gives them, one a second: type, number before it, details."""
    return [
        {"id": n, "previousEventId": before, "type": kind, "timestamp": at(n), **details}
        for n, (kind, before, details) in enumerate(events, 1)
    ]

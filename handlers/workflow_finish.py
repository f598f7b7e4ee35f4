"""Lambda entry workflow-finish: the counts, the final status, and the goal's lock given back."""

from typing import Any

from handlers.contract import ExecutionStatus
from handlers.ending import COMPLETED, INTERRUPTED, end_execution
from handlers.events import Step
from handlers.manifest import WORKFLOW_FINISH
from handlers.stores import stores
from handlers.telemetry import Telemetry

telemetry = Telemetry(WORKFLOW_FINISH)


class _Finish(Step):
    error: str | None = None


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, error?}` -> `{executionId, goalId, status, ...}`.

    error: the name of the error that one of the states before ended with.
    succeededActions, failedActions: how many; together the total.
    """
    asked = _Finish.parse(event)
    telemetry.identify(**asked.ids)
    ending = INTERRUPTED if asked.error else COMPLETED
    record = end_execution(stores(), asked.goal_id, asked.execution_id, ending).record
    status = record.status if record else ExecutionStatus.FAILED
    total, succeeded = (record.total_actions, record.succeeded_actions) if record else (0, 0)
    telemetry.logger.info(
        "ended",
        status=status,
        error=asked.error,
        totalActions=total,
        succeededActions=succeeded,
    )
    return {
        "executionId": asked.execution_id,
        "goalId": asked.goal_id,
        "status": status.value,
        "totalActions": total,
        "succeededActions": succeeded,
        "failedActions": total - succeeded,
    }

"""Lambda entry workflow-finish: ends the execution, releases the goal's lock, returns counts."""

from dataclasses import dataclass
from typing import Any, ClassVar

from handlers.contract.errors import NO_TURN_ERROR
from handlers.contract.events import StepEvent
from handlers.contract.fields import Field, text
from handlers.contract.functions import WORKFLOW_FINISH
from handlers.executions.finish import (
    COMPLETED,
    INTERRUPTED,
    NEVER_ITS_TURN,
    end_execution,
)
from handlers.executions.notifications import notification
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_FINISH)

_ENDING_BY_ERROR = {None: COMPLETED, NO_TURN_ERROR: NEVER_ITS_TURN}


@dataclass(frozen=True, kw_only=True)
class _FinishEvent(StepEvent):
    fields: ClassVar = {**StepEvent.fields, "error": Field("error", text, "the name of an error")}

    error: str | None = None


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, error?}` -> the notification that the machine publishes.

    error: the name of the error with which an earlier state ended.
    """
    step = _FinishEvent.parse(event)
    telemetry.identify(**step.ids)
    ending = _ENDING_BY_ERROR.get(step.error, INTERRUPTED)
    record = end_execution(stores(), step.goal_id, step.execution_id, ending).record
    message = notification(step.execution_id, step.goal_id, record)
    telemetry.logger.info(
        "ended",
        status=message["status"],
        error=step.error,
        totalActions=message["totalActions"],
        succeededActions=message["succeededActions"],
    )
    return message


in_init_phase(WORKFLOW_FINISH, stores)

"""Lambda entry workflow-finish: the counts, the final status, and the goal's lock given back."""

from typing import Any

from handlers.contract.events import Step
from handlers.contract.functions import WORKFLOW_FINISH
from handlers.executions.finish import COMPLETED, INTERRUPTED, end_execution
from handlers.executions.notifications import ending_facts
from handlers.observability.telemetry import Telemetry
from handlers.storage.wiring import stores

telemetry = Telemetry(WORKFLOW_FINISH)


class _Finish(Step):
    error: str | None = None


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, error?}` -> what the topic is told (`ending_facts`).

    error: the name of the error that one of the states before ended with.
    """
    asked = _Finish.parse(event)
    telemetry.identify(**asked.ids)
    ending = INTERRUPTED if asked.error else COMPLETED
    record = end_execution(stores(), asked.goal_id, asked.execution_id, ending).record
    facts = ending_facts(asked.execution_id, asked.goal_id, record)
    telemetry.logger.info(
        "ended",
        status=facts["status"],
        error=asked.error,
        totalActions=facts["totalActions"],
        succeededActions=facts["succeededActions"],
    )
    return facts

"""Lambda entry workflow-save-batch: what was generated for a batch of actions into PostgreSQL."""

from typing import Any

from pydantic import Field

from handlers.contract.events import Id, Step
from handlers.contract.functions import WORKFLOW_SAVE_BATCH
from handlers.executions.save import save_batch
from handlers.observability.telemetry import Telemetry
from handlers.storage.wiring import stores

telemetry = Telemetry(WORKFLOW_SAVE_BATCH)


class _SaveBatch(Step):
    action_ids: list[Id] = Field(min_length=1)


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, actionIds}` -> `{saved}`: how many this call saved."""
    asked = _SaveBatch.parse(event)
    telemetry.identify(**asked.ids)
    outcome = save_batch(stores(), asked.goal_id, asked.execution_id, asked.action_ids)
    log = telemetry.logger.warning if outcome.refused else telemetry.logger.info
    log("saved", saved=len(outcome.saved), missing=outcome.missing, refused=outcome.refused)
    return {"saved": len(outcome.saved)}

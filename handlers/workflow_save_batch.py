"""Lambda entry workflow-save-batch: saves the tasks of a batch of actions to PostgreSQL."""

from typing import Any

from pydantic import Field

from handlers.contract.events import Id, StepEvent
from handlers.contract.functions import WORKFLOW_SAVE_BATCH
from handlers.executions.save import save_batch
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_SAVE_BATCH)


class _SaveBatchEvent(StepEvent):
    action_ids: list[Id] = Field(min_length=1)


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, actionIds}` -> `{saved}`: the number that it saved."""
    step = _SaveBatchEvent.parse(event)
    telemetry.identify(**step.ids)
    outcome = save_batch(stores(), step.goal_id, step.execution_id, step.action_ids)
    log = telemetry.logger.warning if outcome.refused else telemetry.logger.info
    log("saved", saved=len(outcome.saved), missing=outcome.missing, refused=outcome.refused)
    return {"saved": len(outcome.saved)}


in_init_phase(WORKFLOW_SAVE_BATCH, stores)

"""Lambda entry workflow-save-batch: saves the tasks of a batch of actions to PostgreSQL."""

from dataclasses import dataclass
from typing import Any, ClassVar

from handlers.contract.events import IDS, StepEvent, read_ids
from handlers.contract.fields import Field
from handlers.contract.functions import WORKFLOW_SAVE_BATCH
from handlers.executions.save import save_batch
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_SAVE_BATCH)


@dataclass(frozen=True, kw_only=True)
class _SaveBatchEvent(StepEvent):
    fields: ClassVar = {
        **StepEvent.fields,
        "action_ids": Field("actionIds", read_ids, IDS, required=True),
    }

    action_ids: list[str]


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

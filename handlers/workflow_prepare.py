"""Lambda entry workflow-prepare: writes a work item for each action, returns ids and batches."""

from typing import Any

from pydantic import AwareDatetime, Field

from handlers.contract.environment import PrepareVariables, read
from handlers.contract.events import Id, StepEvent
from handlers.contract.functions import WORKFLOW_PREPARE
from handlers.executions.prepare import Limits, prepare
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_PREPARE)


class _PrepareEvent(StepEvent):
    action_ids: list[Id] | None = Field(None, min_length=1)
    started_at: AwareDatetime


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, actionIds?, startedAt}` -> the plan.

    The plan: `{executionId, goalId, actionIds, batches, deadline}`.

    actionIds: those to do, in order. batches: the same ids, as many together as one save takes.
    deadline: when the execution times out, in epoch seconds.
    """
    step = _PrepareEvent.parse(event)
    telemetry.identify(**step.ids)
    variables = read(PrepareVariables)
    plan = prepare(
        stores(),
        step.goal_id,
        step.execution_id,
        step.action_ids,
        started_at=step.started_at,
        limits=Limits(variables.WORKFLOW_TIMEOUT_SECONDS, variables.BATCH_SIZE),
    )
    telemetry.logger.info("prepared", totalActions=len(plan.action_ids))
    return {
        "executionId": step.execution_id,
        "goalId": step.goal_id,
        "actionIds": plan.action_ids,
        "batches": plan.batches,
        "deadline": plan.deadline,
    }


in_init_phase(WORKFLOW_PREPARE, stores)

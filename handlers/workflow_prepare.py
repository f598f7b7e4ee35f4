"""Lambda entry workflow-prepare: a goal in, its work items in the table, ids and batches out."""

import os
from typing import Any

from pydantic import AwareDatetime, Field

from handlers.contract.environment import Env
from handlers.contract.events import Id, Step
from handlers.contract.functions import WORKFLOW_PREPARE
from handlers.executions.prepare import Limits, prepare
from handlers.observability.telemetry import Telemetry
from handlers.storage.wiring import stores

telemetry = Telemetry(WORKFLOW_PREPARE)


class _Prepare(Step):
    action_ids: list[Id] | None = Field(None, min_length=1)
    started_at: AwareDatetime


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, actionIds?, startedAt}` -> the plan.

    The plan: `{executionId, goalId, actionIds, batches, deadline}`.

    actionIds: those to do, in order. batches: the same ids, as many together as one save takes.
    deadline: when the execution times out, in epoch seconds.
    """
    asked = _Prepare.parse(event)
    telemetry.identify(**asked.ids)
    plan = prepare(
        stores(),
        asked.goal_id,
        asked.execution_id,
        asked.action_ids,
        started_at=asked.started_at,
        limits=_limits(),
    )
    telemetry.logger.info("prepared", totalActions=len(plan.action_ids))
    return {
        "executionId": asked.execution_id,
        "goalId": asked.goal_id,
        "actionIds": plan.action_ids,
        "batches": plan.batches,
        "deadline": plan.deadline,
    }


def _limits() -> Limits:
    return Limits(
        timeout_seconds=int(os.environ[Env.WORKFLOW_TIMEOUT_SECONDS]),
        batch_size=int(os.environ[Env.BATCH_SIZE]),
    )

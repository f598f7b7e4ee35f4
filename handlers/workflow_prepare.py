"""Lambda entry workflow-prepare: waits for the turn, writes a work item for each action, returns
ids and batches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from handlers.contract.environment import env
from handlers.contract.events import IDS, StepEvent, read_ids
from handlers.contract.fields import Field, moment, text
from handlers.contract.functions import WORKFLOW_PREPARE
from handlers.executions.admission import Wait, wait_for_turn
from handlers.executions.prepare import Limits, Plan, prepare
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_PREPARE)


def _zoned(value: Any) -> datetime:
    read = moment(value)
    if read.tzinfo is None:
        raise ValueError
    return read


@dataclass(frozen=True, kw_only=True)
class _PrepareEvent(StepEvent):
    fields: ClassVar = {
        **StepEvent.fields,
        "action_ids": Field("actionIds", read_ids, IDS),
        "started_at": Field("startedAt", _zoned, "a time with its time zone", required=True),
        "turn": Field("turn", text, "the ticket of an earlier answer"),
    }

    action_ids: list[str] | None = None
    started_at: datetime
    turn: str | None = None


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """`{executionId, goalId, requestId?, actionIds?, startedAt, turn?}` -> the plan.

    The plan: `{executionId, goalId, actionIds, batches, deadline, waitSeconds, turn}`.

    actionIds: those to do, in order. batches: the same ids, as many together as one save takes.
    deadline: when the execution times out, in epoch seconds.
    waitSeconds: 0; or it is not the execution's turn, nothing was done, and the function is to be
        invoked again after that time with the answer's `turn`.
    """
    step = _PrepareEvent.parse(event)
    telemetry.identify(**step.ids)
    limits = Limits(env.WORKFLOW_TIMEOUT_SECONDS, env.BATCH_SIZE)
    if env.MODEL_BUDGET_PER_MINUTE:
        deadline = limits.deadline(step.started_at)
        wait = wait_for_turn(
            stores(), env.MODEL_BUDGET_PER_MINUTE, step.execution_id, step.turn, deadline
        )
        if wait:
            telemetry.logger.info("waiting for its turn", waitSeconds=wait.seconds)
            return _answer(step, Plan([], [], deadline), wait)
    elif step.turn:  # It waited, until a deployment took the stack's budget away.
        stores().turns.drop(step.turn)
    plan = prepare(
        stores(),
        step.goal_id,
        step.execution_id,
        step.action_ids,
        started_at=step.started_at,
        limits=limits,
    )
    telemetry.logger.info("prepared", totalActions=len(plan.action_ids))
    return _answer(step, plan)


def _answer(step: _PrepareEvent, plan: Plan, wait: Wait | None = None) -> dict[str, Any]:
    return {
        "executionId": step.execution_id,
        "goalId": step.goal_id,
        "actionIds": plan.action_ids,
        "batches": plan.batches,
        "deadline": plan.deadline,
        "waitSeconds": wait.seconds if wait else 0,
        "turn": wait.ticket if wait else "",
    }


in_init_phase(WORKFLOW_PREPARE, stores)

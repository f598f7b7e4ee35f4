"""Lambda entry task-generation: generates the tasks of one action and keeps them in the table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from handlers.contract.environment import env
from handlers.contract.events import ID, StepEvent, read_id
from handlers.contract.fields import Field
from handlers.contract.functions import TASK_GENERATION
from handlers.generation.calls import Job
from handlers.generation.time_budget import TimeBudget
from handlers.generation.wiring import worker
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

telemetry = Telemetry(TASK_GENERATION)


def _moment(value: Any) -> int:
    if type(value) is not int or value <= 0:
        raise ValueError
    return value


@dataclass(frozen=True, kw_only=True)
class _GenerateEvent(StepEvent):
    fields: ClassVar = {
        **StepEvent.fields,
        "action_id": Field("actionId", read_id, ID, required=True),
        "deadline": Field("deadline", _moment, "epoch seconds, a whole number", required=True),
    }

    action_id: str
    deadline: int


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """`{executionId, goalId, requestId?, actionId, deadline}` -> `{actionId, taskCount}`.

    deadline: when the execution times out, in epoch seconds.
    """
    step = _GenerateEvent.parse(event)
    ids = {**step.ids, "actionId": step.action_id}
    telemetry.identify(**ids)
    job = Job(step.execution_id, step.action_id, step.deadline, ids)
    budget = TimeBudget(
        call_timeout_seconds=env.MODEL_CALL_TIMEOUT_SECONDS,
        deadline=job.deadline,
        remaining_ms=context.get_remaining_time_in_millis,
    )
    return {"actionId": job.action_id, "taskCount": worker(telemetry).generate(job, budget)}


in_init_phase(TASK_GENERATION, lambda: worker(telemetry))

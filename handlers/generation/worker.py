"""One action: ask the model, validate, repair once, keep the tasks, account for every call."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ActionStatus
from handlers.generation.answer import read_tasks
from handlers.generation.errors import GenerationError, InvalidAnswerError, ModelThrottledError
from handlers.generation.model import Model, Reply
from handlers.generation.prompt import PROMPT_VERSION, user_message
from handlers.generation.repair import repair_messages
from handlers.generation.rules import RULES
from handlers.generation.time_budget import TimeBudget
from handlers.observability.emit_metrics import count, measure
from handlers.observability.telemetry import Telemetry
from handlers.storage.errors import FencedError
from handlers.storage.models import ActionContext, GeneratedTask, Usage
from handlers.storage.work_items import WorkItems

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.type_defs import MessageTypeDef


@dataclass(frozen=True)
class Job:
    """Which action of which execution, and when that must end (epoch seconds).

    ids: what its metrics and its calls in Bedrock's log are found by.
    """

    execution_id: str
    action_id: str
    deadline: int
    ids: Mapping[str, str]


@dataclass(frozen=True)
class Worker:
    """What the work is done with, made once per cold start."""

    work_items: WorkItems
    model: Model
    telemetry: Telemetry

    def generate(self, job: Job, budget: TimeBudget) -> int:
        """Generate and keep the action's tasks; returns their number.

        An action that has its tasks already is not generated again. Raises GenerationError,
        FencedError (the item has ended), TableUnavailableError, and LookupError without an item.
        """
        ids = (job.execution_id, job.action_id)
        item = self.work_items.get(*ids)
        if item is None:
            raise LookupError(f"execution {job.execution_id} has no action {job.action_id}")
        if item.status in (ActionStatus.GENERATED, ActionStatus.SAVED):
            return item.task_count
        start = time.monotonic()
        try:
            budget.check()
            self.work_items.begin_attempt(
                *ids, prompt_version=PROMPT_VERSION, model=self.model.model_id
            )
            tasks = self._ask(job, item.context, budget)
            is_new = self.work_items.keep_tasks(*ids, tasks)
        except GenerationError as error:
            self._tell(error)
            self.work_items.note_error(*ids, str(error))
            raise
        except FencedError:
            raise  # the execution has ended: no error of this attempt's
        except Exception as error:
            self._tell(error)
            raise
        if is_new:
            count(MetricName.ACTIONS_GENERATED)
        duration_ms = round((time.monotonic() - start) * 1000)
        self.telemetry.logger.info("tasks kept", taskCount=len(tasks), durationMs=duration_ms)
        return len(tasks)

    def _tell(self, error: Exception) -> None:
        # an error that is not the generation's goes without its message, which may quote texts
        known = error if isinstance(error, GenerationError) else None
        code = known.code if known else ErrorCode.FUNCTION_FAILED
        count(MetricName.FAILED_ATTEMPTS, by=code)
        if isinstance(error, ModelThrottledError):
            count(MetricName.MODEL_THROTTLES)
        self.telemetry.logger.warning(
            "attempt failed",
            errorCode=code,
            error=type(error).__name__,
            verdict=known and known.verdict,
            detail=known and str(known),
        )

    def _ask(self, job: Job, context: ActionContext, budget: TimeBudget) -> Sequence[GeneratedTask]:
        rules = RULES[context.action_type]
        question = user_message(context)
        reply = self._call(job, context, [question])
        try:
            return read_tasks(reply.stop_reason, reply.content, rules)
        except InvalidAnswerError as error:
            if not budget.allows_another_call():
                raise
            problems = error.problems
        count(MetricName.REPAIRS)
        self.telemetry.logger.info("repairing the answer", problems=problems)
        reply = self._call(job, context, repair_messages(question, reply.content, problems))
        return read_tasks(reply.stop_reason, reply.content, rules)

    def _call(self, job: Job, context: ActionContext, messages: "list[MessageTypeDef]") -> Reply:
        self.work_items.begin_call(job.execution_id, job.action_id)
        usage = Usage()  # of a call that fails: nothing is billed for it
        try:
            reply = self.model.ask(
                RULES[context.action_type],
                messages,
                {**job.ids, "promptVersion": PROMPT_VERSION},
            )
            usage = reply.usage
        finally:
            self.work_items.end_call(job.execution_id, job.action_id, usage)
        measure(
            {
                MetricName.MODEL_LATENCY: reply.latency_ms,
                MetricName.INPUT_TOKENS: usage.input_tokens,
                MetricName.OUTPUT_TOKENS: usage.output_tokens,
                MetricName.COST_USD: float(usage.cost_usd),
            },
            **job.ids,
        )
        self.telemetry.logger.info(
            "model answered",
            latencyMs=round(reply.latency_ms),
            inputTokens=usage.input_tokens,
            outputTokens=usage.output_tokens,
            costUsd=float(usage.cost_usd),
            stopReason=reply.stop_reason,
        )
        return reply

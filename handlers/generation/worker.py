"""One action: ask the model, validate, repair once, keep the tasks, account for every call."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import Metric
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
from handlers.storage.execution_table import ExecutionTable
from handlers.storage.models import ActionContext, GeneratedTask, Usage

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

    table: ExecutionTable
    model: Model
    telemetry: Telemetry

    def generate(self, job: Job, budget: TimeBudget) -> int:
        """Generate and keep the action's tasks; returns their number.

        An action that has its tasks already is not generated again. Raises GenerationError,
        FencedError (the item has ended), TableUnavailableError, and LookupError without an item.
        """
        ids = (job.execution_id, job.action_id)
        item = self.table.get_work_item(*ids)
        if item is None:
            raise LookupError(f"execution {job.execution_id} has no action {job.action_id}")
        if item.status in (ActionStatus.GENERATED, ActionStatus.SAVED):
            return item.task_count
        start = time.monotonic()
        try:
            budget.check()
            self.table.begin_attempt(*ids, prompt_version=PROMPT_VERSION, model=self.model.model_id)
            tasks = self._ask(job, item.context, budget)
            is_new = self.table.keep_tasks(*ids, tasks)
        except GenerationError as error:
            self._tell(error)
            self.table.note_error(*ids, str(error))
            raise
        except FencedError:
            raise  # the execution has ended: no error of this attempt's
        except Exception as error:
            self._tell(error)
            raise
        if is_new:
            count(Metric.ACTIONS_GENERATED)
        duration_ms = round((time.monotonic() - start) * 1000)
        self.telemetry.logger.info("tasks kept", taskCount=len(tasks), durationMs=duration_ms)
        return len(tasks)

    def _tell(self, error: Exception) -> None:
        # an error that is not the generation's goes without its message, which may quote texts
        known = error if isinstance(error, GenerationError) else None
        code = known.code if known else ErrorCode.FUNCTION_FAILED
        count(Metric.FAILED_ATTEMPTS, by=code)
        if isinstance(error, ModelThrottledError):
            count(Metric.MODEL_THROTTLES)
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
        count(Metric.REPAIRS)
        self.telemetry.logger.info("repairing the answer", problems=problems)
        reply = self._call(job, context, repair_messages(question, reply.content, problems))
        return read_tasks(reply.stop_reason, reply.content, rules)

    def _call(self, job: Job, context: ActionContext, messages: "list[MessageTypeDef]") -> Reply:
        self.table.begin_call(job.execution_id, job.action_id)
        usage = Usage()  # of a call that fails: nothing is billed for it
        try:
            reply = self.model.ask(
                RULES[context.action_type],
                messages,
                {**job.ids, "promptVersion": PROMPT_VERSION},
            )
            usage = reply.usage
        finally:
            self.table.end_call(job.execution_id, job.action_id, usage)
        measure(
            {
                Metric.MODEL_LATENCY: reply.latency_ms,
                Metric.INPUT_TOKENS: usage.input_tokens,
                Metric.OUTPUT_TOKENS: usage.output_tokens,
                Metric.COST_USD: float(usage.cost_usd),
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

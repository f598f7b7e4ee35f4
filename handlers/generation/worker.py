"""Generates the tasks of one action: call, validation, one repair.

An unusable answer is followed by another request at most once per action, over all its attempts.
That request is never the same one: it shows the problems, or the model decodes differently.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import MetricName
from handlers.generation.answer import Answer, read_tasks
from handlers.generation.calls import Calls, Job
from handlers.generation.errors import (
    GenerationError,
    InvalidAnswerError,
    ModelThrottledError,
)
from handlers.generation.model import Model, ModelReply
from handlers.generation.prompt import PROMPT_VERSION, user_message
from handlers.generation.repair import repair_messages
from handlers.generation.rules import RULES
from handlers.generation.time_budget import TimeBudget
from handlers.generation.tool import Decoding
from handlers.observability.emit_metrics import count
from handlers.observability.telemetry import Telemetry
from handlers.storage.attempts import Attempts
from handlers.storage.errors import FencedError, MissingItemError
from handlers.storage.models import KeptAnswer, Usage, WorkItem
from handlers.storage.work_items import WorkItems

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.type_defs import MessageTypeDef


@dataclass(frozen=True)
class Worker:
    """Everything that generating takes, made once per cold start.

    note_throttling: lowers the budget that later executions wait for.
    """

    work_items: WorkItems
    attempts: Attempts
    model: Model
    calls: Calls
    telemetry: Telemetry
    note_throttling: Callable[[], None]

    def generate(self, job: Job, budget: TimeBudget) -> int:
        """Generate and keep the action's tasks; returns their number.

        An action that has its tasks already is not generated again. Raises GenerationError,
        FencedError (the item has ended), MissingItemError, and TableUnavailableError.
        """
        ids = (job.execution_id, job.action_id)
        start = time.monotonic()
        try:
            item = self._begin(job, budget)
            if item.has_tasks:
                return item.task_count
            answer, call, usage = self._ask(job, item, budget)
            kept = KeptAnswer(answer.tasks, PROMPT_VERSION, self.model.model_id, answer.coerced)
            is_new = self.attempts.keep_tasks(*ids, call, kept, usage)
        except GenerationError as error:
            self._report(error)
            is_throttled = isinstance(error, ModelThrottledError)
            self.attempts.note_error(*ids, str(error), throttles=int(is_throttled))
            if is_throttled:
                self.note_throttling()
            raise
        except (FencedError, MissingItemError):
            raise  # The execution has ended, or has no such action: no attempt failed.
        except Exception as error:
            self._report(error)
            raise
        if is_new:
            count(MetricName.ACTIONS_GENERATED)
        duration_ms = round((time.monotonic() - start) * 1000)
        self.telemetry.logger.info(
            "tasks kept", taskCount=len(answer.tasks), durationMs=duration_ms
        )
        return len(answer.tasks)

    def _begin(self, job: Job, budget: TimeBudget) -> WorkItem:
        """Begin an attempt; an item that has its tasks is returned also when no time is left."""
        ids = (job.execution_id, job.action_id)
        try:
            budget.check()
        except GenerationError:
            item = self.work_items.get(*ids)
            if item is None:
                raise MissingItemError(*ids) from None
            if item.has_tasks:
                return item
            raise
        return self.attempts.begin(*ids, prompt_version=PROMPT_VERSION, model=self.model.model_id)

    def _report(self, error: Exception) -> None:
        # Without the message of any other error, which may quote texts.
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

    def _ask(self, job: Job, item: WorkItem, budget: TimeBudget) -> tuple[Answer, int, Usage]:
        """The answer, its call's number, and its usage, accounted for when it is kept."""
        call = item.calls_started + 1
        question = user_message(item.context)
        decoding = Decoding.VARIED if item.has_failed_before else Decoding.GREEDY
        rules = RULES[item.context.action_type]
        metadata = {**job.ids, "promptVersion": PROMPT_VERSION}
        reply: ModelReply | None = None

        def ask(
            number: int, messages: "list[MessageTypeDef]", how: Decoding
        ) -> tuple[int, ModelReply]:
            return self.calls.make(
                job, number, budget, lambda: self.model.ask(rules, messages, metadata, how)
            )

        try:
            call, reply = ask(call, [question], decoding)
            return self._read(job, item, call, reply), call, reply.usage
        except InvalidAnswerError as error:
            if item.repairs or not budget.allows_another_call():
                raise
            problems = error.problems
        count(MetricName.REPAIRS)
        self.telemetry.logger.info("repairing the answer", problems=problems)
        again = repair_messages(question, reply.content if reply else (), problems)
        decoding = Decoding.GREEDY if reply else Decoding.VARIED
        call = self.attempts.begin_call(job.execution_id, job.action_id)
        call, second = ask(call, again, decoding)
        return self._read(job, item, call, second), call, second.usage

    def _read(self, job: Job, item: WorkItem, call: int, reply: ModelReply) -> Answer:
        try:
            answer = read_tasks(reply.stop_reason, reply.content, RULES[item.context.action_type])
        except Exception:
            self.attempts.end_call(job.execution_id, job.action_id, call, reply.usage)
            raise
        if answer.coerced:
            count(MetricName.ANSWERS_COERCED)
            self.telemetry.logger.info("answer coerced", coerced=answer.coerced)
        return answer

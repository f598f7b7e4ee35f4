"""The calls of the model: each is counted before it is made, and accounted for after its end."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from handlers.contract.metric_names import MetricName
from handlers.generation.call_threads import CallThreads
from handlers.generation.errors import GenerationError, ModelThrottledError
from handlers.generation.model import ModelReply
from handlers.generation.race import Raced, race
from handlers.generation.time_budget import TimeBudget
from handlers.observability.emit_metrics import count, measure
from handlers.observability.telemetry import Telemetry
from handlers.storage.attempts import Attempts
from handlers.storage.errors import FencedError, TableUnavailableError
from handlers.storage.models import Usage

_NOT_BILLED = Usage()
"""What a failed call costs."""


@dataclass(frozen=True)
class Job:
    """Which action of which execution, and when that must end (epoch seconds).

    ids: for its metrics, and for its calls in Bedrock's log.
    """

    execution_id: str
    action_id: str
    deadline: int
    ids: Mapping[str, str]


@dataclass(frozen=True)
class Calls:
    """Makes calls that have been counted.

    note_throttling: lowers the budget that later executions wait for.
    hedge_after_seconds: when a call without an answer gets a second one beside it; 0: never.
    """

    attempts: Attempts
    telemetry: Telemetry
    note_throttling: Callable[[], None]
    hedge_after_seconds: float

    def make(
        self, job: Job, number: int, budget: TimeBudget, ask: Callable[[], ModelReply]
    ) -> tuple[int, ModelReply]:
        """Make a call; returns the number of the one that was answered, and its answer.

        That one is accounted for when its answer has been read, any other one now.
        """
        if self.hedge_after_seconds:
            number, reply = self._race(job, number, budget, ask)
        else:
            reply = self._alone(job, number, ask)
        measure({MetricName.MODEL_LATENCY: reply.latency_ms, **_amounts(reply.usage)}, **job.ids)
        self.telemetry.logger.info(
            "model answered",
            latencyMs=round(reply.latency_ms),
            inputTokens=reply.usage.input_tokens,
            outputTokens=reply.usage.output_tokens,
            costUsd=float(reply.usage.cost_usd),
            stopReason=reply.stop_reason,
        )
        return number, reply

    def _alone(self, job: Job, number: int, ask: Callable[[], ModelReply]) -> ModelReply:
        try:
            return ask()
        except Exception:
            self._end(job, number, _NOT_BILLED)
            raise

    def _race(
        self, job: Job, number: int, budget: TimeBudget, ask: Callable[[], ModelReply]
    ) -> tuple[int, ModelReply]:
        began = time.time()
        raced = race(
            CallThreads(ask, self.telemetry),
            number,
            self.hedge_after_seconds,
            lambda: self._count_second(job, budget),
        )
        self.telemetry.note_call("bedrock-runtime", began)
        try:
            counts, reply = raced.answer()
        except Exception:
            self._account_for_others(job, raced, counts=number, estimate=_NOT_BILLED)
            self._end(job, number, _NOT_BILLED)
            raise
        if counts != number:
            count(MetricName.HEDGES_WON)
        self._account_for_others(job, raced, counts, estimate=reply.usage)
        return counts, reply

    def _count_second(self, job: Job, budget: TimeBudget) -> int | None:
        """The number of a second call; None if it could not end in time or be counted."""
        if not budget.allows_another_call():
            return None
        try:
            number = self.attempts.begin_second_call(job.execution_id, job.action_id)
        except (FencedError, TableUnavailableError):
            return None
        count(MetricName.HEDGED_CALLS)
        self.telemetry.logger.info("asking a second time", afterSeconds=self.hedge_after_seconds)
        return number

    def _account_for_others(self, job: Job, raced: Raced, counts: int, estimate: Usage) -> None:
        """Account for all calls but the one that counts.

        Nobody waits for an answer that is not needed, so its tokens are not known: they are
        estimated by those of the other one, to which the same prompt has led.
        """
        for call in raced.ended:
            if call.number == counts:
                continue
            if isinstance(call.outcome, ModelReply):
                self._overtaken(job, call.number, call.outcome.usage, is_estimated=False)
            else:
                self._failed_aside(job, call.number, call.outcome)
        for number in raced.in_flight:
            self._overtaken(job, number, estimate, is_estimated=True)

    def _overtaken(self, job: Job, number: int, usage: Usage, *, is_estimated: bool) -> None:
        with suppress(TableUnavailableError):  # The answer that counts is worth more.
            self._end(job, number, usage)
        measure(_amounts(usage), **job.ids)
        self.telemetry.logger.info(
            "call overtaken",
            inputTokens=usage.input_tokens,
            outputTokens=usage.output_tokens,
            costUsd=float(usage.cost_usd),
            isEstimated=is_estimated,
        )

    def _failed_aside(self, job: Job, number: int, error: Exception) -> None:
        is_throttled = isinstance(error, ModelThrottledError)
        if is_throttled:
            count(MetricName.MODEL_THROTTLES)
        with suppress(TableUnavailableError):
            self._end(job, number, _NOT_BILLED)
            if is_throttled:
                self.note_throttling()
        known = error if isinstance(error, GenerationError) else None
        self.telemetry.logger.warning(
            "call failed beside another",
            errorCode=known and known.code,
            error=type(error).__name__,
            detail=known and str(known),
        )

    def _end(self, job: Job, number: int, usage: Usage) -> None:
        self.attempts.end_call(job.execution_id, job.action_id, number, usage)


def _amounts(usage: Usage) -> dict[MetricName, float]:
    return {
        MetricName.INPUT_TOKENS: usage.input_tokens,
        MetricName.OUTPUT_TOKENS: usage.output_tokens,
        MetricName.COST_USD: float(usage.cost_usd),
    }

"""Whether there is time for a model call. Time-outs nest: call < function < state < execution."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from handlers.contract.timing import DEADLINE_MARGIN_SECONDS
from handlers.generation.errors import DeadlineError, ModelUnavailableError

CONNECT_SECONDS = 5
"""Time-out of the connection to Bedrock; the read time-out comes on top."""

_BOOKKEEPING_SECONDS = 10
"""For the writes to the table after a call, before Lambda ends the function."""


@dataclass(frozen=True)
class TimeBudget:
    """The time left for one invocation.

    call_timeout_seconds: read time-out of a model call (MODEL_CALL_TIMEOUT_SECONDS).
    deadline: when the execution times out, in epoch seconds.
    remaining_ms: milliseconds until Lambda ends this invocation.
    """

    call_timeout_seconds: float
    deadline: float
    remaining_ms: Callable[[], int]
    now: Callable[[], float] = time.time

    def check(self) -> None:
        """Before the first call: raises DeadlineError, or ModelUnavailableError if this
        invocation is too short for a call (another one may not be)."""
        if not self._before_deadline():
            raise DeadlineError(
                f"a model call of {self._call_seconds:.0f} s cannot end"
                f" {DEADLINE_MARGIN_SECONDS} s before the execution's deadline"
            )
        if not self._before_function_timeout():
            raise ModelUnavailableError(
                f"the function has {self.remaining_ms() / 1000:.1f} s left, a model call may take"
                f" {self._call_seconds:.0f} s: MODEL_CALL_TIMEOUT_SECONDS must be well below the"
                " function's time-out"
            )

    def allows_another_call(self) -> bool:
        """Whether a further call can end in time."""
        return self._before_deadline() and self._before_function_timeout()

    @property
    def _call_seconds(self) -> float:
        return CONNECT_SECONDS + self.call_timeout_seconds

    def _before_deadline(self) -> bool:
        return self.now() + self._call_seconds <= self.deadline - DEADLINE_MARGIN_SECONDS

    def _before_function_timeout(self) -> bool:
        return self._call_seconds + _BOOKKEEPING_SECONDS <= self.remaining_ms() / 1000

"""One execution on a virtual clock: what the knobs do over minutes that no test can wait for.

Each of the places in the Map takes one action after the other; an action keeps its place while it
waits for a retry, as in an inline Map. All times are seconds.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import count
from random import Random

from components.settings import RetrySettings
from handlers.contract.timing import DEADLINE_MARGIN_SECONDS

MAX_DELAY_SECONDS = 60


class Answer(Enum):
    """What an attempt ends with."""

    TASKS = "tasks"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


Model = Callable[[int, int, float], tuple[Answer, float]]
"""Action, attempt from 0, and time -> the answer and how long it takes."""


@dataclass(frozen=True)
class Knobs:
    """The settings that matter. call: time-out of a call, connection included."""

    at_once: int
    timeout: float
    call: float
    retry: RetrySettings
    throttle_retry: RetrySettings


@dataclass
class Outcome:
    """How many actions have tasks, were cut off by the deadline, failed; and the end."""

    generated: int = 0
    cut: int = 0
    failed: int = 0
    end: float = 0.0


def execute(actions: int, knobs: Knobs, model: Model, rng: Random) -> Outcome:
    """Run the Map over so many actions."""
    first = range(min(actions, knobs.at_once))
    waiting, order = iter(range(len(first), actions)), count()
    outcome = Outcome()
    attempts = [(0.0, next(order), action, 0, 0) for action in first]
    while attempts:
        now, _, action, tried, throttled = heapq.heappop(attempts)
        outcome.end = max(outcome.end, now)
        if now + knobs.call > knobs.timeout - DEADLINE_MARGIN_SECONDS:
            outcome.cut += 1
            free = now
        else:
            answer, took = model(action, tried + throttled, now)
            free = now + took
            busy = answer is Answer.THROTTLED
            retry, before = (knobs.throttle_retry, throttled) if busy else (knobs.retry, tried)
            if answer is Answer.TASKS:
                outcome.generated += 1
            elif before < retry.max_attempts:
                again = (free + _delay(retry, before, rng), next(order), action)
                heapq.heappush(attempts, (*again, tried + (not busy), throttled + busy))
                continue
            else:
                outcome.failed += 1
        outcome.end = max(outcome.end, free)
        if (following := next(waiting, None)) is not None:
            heapq.heappush(attempts, (free, next(order), following, 0, 0))
    return outcome


def _delay(retry: RetrySettings, before: int, rng: Random) -> float:
    """Full jitter: anything up to the backoff. (Step Functions Developer Guide: JitterStrategy.)"""
    longest = min(MAX_DELAY_SECONDS, retry.interval_seconds * retry.backoff_rate**before)
    return rng.uniform(0, longest)

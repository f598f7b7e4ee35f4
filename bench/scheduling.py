"""How long 64 calls take when so many may run at once: bounds to hold a measured execution against.

All durations are seconds.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def list_schedule(durations: Iterable[float], at_once: int) -> float:
    """Makespan when each call starts as soon as a place is free, in this order (Graham 1966)."""
    free_at = [0.0] * at_once
    for duration in durations:
        heapq.heapreplace(free_at, free_at[0] + duration)
    return max(free_at)


def nested_batches(
    durations: Sequence[float], *, batch_size: int, batches_at_once: int, actions_at_once: int
) -> float:
    """Makespan of a Map of Maps, as the original had it: a batch ends with its slowest call."""
    batches = [
        list_schedule(durations[start : start + batch_size], actions_at_once)
        for start in range(0, len(durations), batch_size)
    ]
    return list_schedule(batches, batches_at_once)


@dataclass(frozen=True)
class HedgedSchedule:
    """seconds: makespan; second_calls: how many calls were made, and paid for, a second time."""

    seconds: float
    second_calls: int


def hedged_schedule(
    durations: Sequence[float], second: Sequence[float], at_once: int, after: float
) -> HedgedSchedule:
    """As `list_schedule`, but a call that has not ended after so long is made a second time.

    The first answer counts. A second call runs in the place of the first, as inside one function,
    so that it takes none from the calls that wait. second: how long each second call would take.
    """
    ended = [min(first, after + again) for first, again in zip(durations, second, strict=True)]
    made = sum(first > after for first in durations)
    return HedgedSchedule(list_schedule(ended, at_once), made)

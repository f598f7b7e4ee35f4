"""How long 64 calls take when so many may run at once: bounds to hold a measured execution against.

All durations are seconds.
"""

import heapq
from collections.abc import Iterable, Sequence


def lower_bound(durations: Sequence[float], at_once: int) -> float:
    """No schedule is shorter: the work shared out evenly, or the longest call alone."""
    longest = max(durations)
    return max(sum(durations) / at_once, longest)


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

"""The estimated time until an execution ends, from the actions that it has processed."""

import math
from collections.abc import Sequence
from datetime import datetime
from statistics import fmean

from handlers.contract.statuses import ActionStatus
from handlers.storage.models import ActionProgress


def eta_seconds(items: Sequence[ActionProgress]) -> int | None:
    """Seconds until every action is processed; None before the first one is.

    Little's law: actions end at the rate of those in flight divided by the duration of one. Actions
    in flight count half, since on average they are half done. Example: with 24 in flight, 24
    waiting and 6 seconds for each, 4 end per second, and (24 + 24 / 2) / 4 = 9 seconds are left.
    """
    durations = [seconds for item in items if (seconds := duration_seconds(item)) is not None]
    if not durations:
        return None
    in_flight = sum(item.status == ActionStatus.GENERATING for item in items)
    waiting = sum(item.status == ActionStatus.PENDING for item in items)
    ended_per_second = max(in_flight, 1) / max(fmean(durations), 0.001)
    return math.ceil((waiting + in_flight / 2) / ended_per_second)


def duration_seconds(item: ActionProgress) -> float | None:
    """Seconds from an action's first attempt to its end, including pauses between attempts."""
    if item.started_at is None or item.ended_at is None:
        return None
    return seconds_between(item.started_at, item.ended_at)


def seconds_between(start: str, end: str) -> float:
    """Seconds between two times of the table, to the millisecond."""
    passed = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return round(max(passed.total_seconds(), 0), 3)

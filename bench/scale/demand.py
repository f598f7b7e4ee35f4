"""What one goal of 64 actions takes of each quota, and so how many goals a minute that allows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bench.scale import quotas
from bench.scale.quotas import Quota
from handlers.executions.admission import TOKENS_PER_ACTION

ACTIONS, BATCHES, AT_ONCE = 64, 8, 24

CALL_SECONDS = 3.0
"""Mean of a model call; an assumption, as are the next two."""
HANDLER_SECONDS = 0.1
"""What task-generation takes beside the call."""
DATABASE_SECONDS = 0.3
"""What each function with a database connection takes: start, prepare, each batch, finish."""

TRANSITIONS = 80
"""1.25 an action, with admission; a test walks the definition."""


def table_requests(actions: int, batches: int) -> int:
    """Of one goal alone, with admission; a test counts them."""
    generating, saving, preparing, once = 2 * actions, 2 * batches, math.ceil(actions / 25), 12
    return generating + saving + preparing + once


TABLE_REQUESTS = table_requests(ACTIONS, BATCHES)

POLL_SECONDS = 3
"""The web client asks for the status so often."""

_PARTITION_WRITES_OF_INDEX = 8
"""Into the month's partition of month-index, four changes of a record, 2 units each (1 to 2 kB)."""

_TURN_WRITES = 5
"""Into the partition `turns`, of an execution that waits: its ticket and the budget."""


@dataclass(frozen=True)
class Limit:
    """How many goals a quota allows, a minute in the long run and in one moment.

    goals_at_once: None if no burst of starts meets it.
    """

    quota: Quota
    takes: str
    goals_per_minute: float
    goals_at_once: int | None


def limits() -> list[Limit]:
    """The quotas that goals meet, the first to bite first."""
    tokens = ACTIONS * TOKENS_PER_ACTION
    seconds = ACTIONS * (CALL_SECONDS + HANDLER_SECONDS)
    connections = (BATCHES + 3) * DATABASE_SECONDS
    taken: Mapping[Quota, tuple[str, float, float | None]] = {
        quotas.BEDROCK_TOKENS: (f"{tokens:,} tokens", tokens / 60, tokens),
        quotas.LAMBDA_CONCURRENCY: (
            f"{seconds:.0f} s of task-generation, {AT_ONCE} at once",
            seconds,
            AT_ONCE,
        ),
        quotas.START_EXECUTION: ("1 start", 1, 1),
        quotas.STATE_TRANSITION: (f"{TRANSITIONS} transitions", TRANSITIONS, AT_ONCE),
        quotas.PARTITION_WRITES: (
            f"{_PARTITION_WRITES_OF_INDEX} units in month-index, {_TURN_WRITES} in turns",
            _PARTITION_WRITES_OF_INDEX,
            None,
        ),
        quotas.TABLE_WRITES: (f"{3 * TABLE_REQUESTS} units", 3 * TABLE_REQUESTS, None),
        quotas.DATABASE_CONNECTIONS: (
            f"{connections:.1f} s of a connection, {1 + 3} at once",
            connections,
            None,
        ),
    }
    found = list[Limit]()
    for quota, (takes, per_goal, at_once) in taken.items():
        per_minute = quota.value * (1 if quota.unit == "a minute" else 60) / per_goal
        if quota is quotas.BEDROCK_TOKENS:
            per_minute = quota.value / tokens
        room = quota.burst or quota.value
        found.append(Limit(quota, takes, per_minute, int(room / at_once) if at_once else None))
    return sorted(found, key=lambda each: each.goals_per_minute)


def watchers(requests_a_second: int) -> int:
    """How many clients may watch their goal at once."""
    return requests_a_second * POLL_SECONDS

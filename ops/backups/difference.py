"""What differs between saved items and the live table, item by item: pure functions.

The program moves an item one way only: a status never goes back, counters never fall, what was
asked for never changes. So a live item that cannot have come from the saved one by the program's
own writes is damaged; one that can is newer, and stays.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.contract.table_keys import (
    ACTION_SK_PREFIX,
    EXECUTION_SK,
    TASKS_SK_PREFIX,
    TTL_ATTRIBUTE,
)
from ops.backups.items import Item, Key, key_text, line

_COUNTERS = {
    "attempts",
    "callsStarted",
    "callsEnded",
    "hedgedCalls",
    "itemCount",
    "throttles",
    "inputTokens",
    "outputTokens",
    "costUsd",
}
_CHANGING = {
    EXECUTION_SK: {
        "status",
        "totalActions",
        "stoppedAt",
        "succeededActions",
        "failedActions",
        "errorCode",
        "taskCount",
    },
    ACTION_SK_PREFIX: {
        "status",
        "promptVersion",
        "model",
        "startedAt",
        "endedAt",
        "errorCode",
        "errorDetail",
        "taskCount",
        "coerced",
    },
    TASKS_SK_PREFIX: set[str](),
}
"""Kind of item -> what the program changes after it has written the item, counters apart."""

_PASSING = {"turnAt", "turn"}
"""What the program also takes away again: an execution waits for its turn, and then no more."""

_RANKS: dict[str, int] = {
    **dict.fromkeys(ExecutionStatus, 9),
    ActionStatus.PENDING: 0,
    ExecutionStatus.RUNNING: 0,
    ActionStatus.GENERATING: 1,
    ActionStatus.GENERATED: 2,
    ActionStatus.SAVED: 9,
    ActionStatus.FAILED: 9,
}
_LAST = 9
"""The rank of a status that no other follows."""


class Verdict(StrEnum):
    """What a saved item is to the live table.

    RUNNING: it would be copied back, but its execution is at work. EXPIRED: TTL has deleted it.
    """

    SAME = "same"
    MISSING = "missing"
    DAMAGED = "damaged"
    NEWER = "newer"
    EXPIRED = "expired"
    RUNNING = "running"


@dataclass(frozen=True)
class Difference:
    """Items by what they are, in text: keys are `pk sk`.

    damaged: key -> the attributes to be overwritten. only_live: written after the items were saved.
    """

    saved: int
    live: int
    same: int = 0
    missing: list[str] = field(default_factory=list[str])
    damaged: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    newer: list[str] = field(default_factory=list[str])
    only_live: list[str] = field(default_factory=list[str])
    expired: list[str] = field(default_factory=list[str])
    running: list[str] = field(default_factory=list[str])

    @property
    def to_copy(self) -> int:
        """How many items would be written."""
        return len(self.missing) + len(self.damaged)


def compare(
    saved: Mapping[Key, Item],
    live: Mapping[Key, Item],
    *,
    running: Container[str],
    now: float,
) -> Difference:
    """running: ids of the executions that Step Functions runs. now: Unix seconds."""
    verdicts = {
        key: verdict(item, live.get(key), running=running, now=now) for key, item in saved.items()
    }

    def keys(wanted: Verdict) -> list[str]:
        return sorted(key_text(key) for key, found in verdicts.items() if found == wanted)

    return Difference(
        saved=len(saved),
        live=len(live),
        same=len(keys(Verdict.SAME)),
        missing=keys(Verdict.MISSING),
        damaged={
            key_text(key): differing(mended(saved[key], live[key]), live[key])
            for key in sorted(verdicts)
            if verdicts[key] == Verdict.DAMAGED
        },
        newer=keys(Verdict.NEWER),
        only_live=sorted(key_text(key) for key in live.keys() - saved.keys()),
        expired=keys(Verdict.EXPIRED),
        running=keys(Verdict.RUNNING),
    )


def verdict(saved: Item, live: Item | None, *, running: Container[str], now: float) -> Verdict:
    """What one saved item is to the item that the live table has under its key."""
    if live is None and is_expired(saved, now):
        return Verdict.EXPIRED
    if live is not None and line(saved) == line(live):
        return Verdict.SAME
    if live is not None and follows(saved, live):
        return Verdict.NEWER
    if saved["pk"]["S"] in running:
        return Verdict.RUNNING
    return Verdict.MISSING if live is None else Verdict.DAMAGED


def follows(saved: Item, live: Item) -> bool:
    """Whether the program's own writes lead from one to the other.

    Of items that the program replaces as a whole (`idempotency#`, `slack#`) any other is newer.
    """
    kind = _kind(saved)
    if kind is None:
        return True
    fixed = _fixed(saved, kind)
    same = all(name in live and line({name: live[name]}) == line(only) for name, only in fixed)
    return same and _went_on(saved, live, kind)


def mended(saved: Item, live: Item) -> Item:
    """What a damaged item becomes: as it was saved, but what the program has done since stays
    where that part of the item is not damaged itself."""
    kind = _kind(saved)
    if kind is None or not _went_on(saved, live, kind):
        return saved
    fixed = {name: saved[name] for name, _ in _fixed(saved, kind)}
    lasting = {name: value for name, value in saved.items() if name not in _PASSING}
    return {**lasting, **live, **fixed}


def _fixed(saved: Item, kind: str) -> Iterator[tuple[str, Item]]:
    """What the program writes once: names, each with an item of that attribute alone."""
    for name in saved.keys() - _CHANGING[kind] - _COUNTERS - _PASSING:
        yield name, {name: saved[name]}


def _went_on(saved: Item, live: Item, kind: str) -> bool:
    """Whether counters and status are where the program can have brought them."""
    moving = saved.keys() & (_CHANGING[kind] | _COUNTERS)
    if not moving <= live.keys():
        return False
    if not all(_number(saved[name]) <= _number(live[name]) for name in moving & _COUNTERS):
        return False
    if "status" not in saved:
        return True
    before, after = (_RANKS.get(each["status"].get("S", ""), -1) for each in (saved, live))
    if before == after == _LAST:
        return all(saved.get(name) == live.get(name) for name in _CHANGING[kind])
    return before <= after


def differing(one: Item, other: Item) -> list[str]:
    """The attributes that differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def is_expired(item: Item, now: float) -> bool:
    """Whether TTL may have deleted it."""
    return TTL_ATTRIBUTE in item and _number(item[TTL_ATTRIBUTE]) <= Decimal(now)


def _kind(item: Item) -> str | None:
    sk = item["sk"]["S"]
    return next(
        (
            kind
            for kind in _CHANGING
            if sk == kind or (kind != EXECUTION_SK and sk.startswith(kind))
        ),
        None,
    )


def _number(value: dict[str, str]) -> Decimal:
    """A number; of any other type, one that is below every counter."""
    try:
        return Decimal(value["N"])
    except (KeyError, InvalidOperation):
        return Decimal("-Infinity")

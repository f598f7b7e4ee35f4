"""What the doctor can do itself, from the evidence: pure functions. Settings stay advice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handlers.contract.errors import ErrorCode
from ops.doctor.troubles import (
    FUNCTION_TIMES_OUT,
    MANY_FAIL,
    NOT_STARTING,
    RUN_TIMES_OUT,
    TABLE_THROTTLES,
    Evidence,
    Trouble,
)

_MOST_RETRIES = 20
"""At once: each is a whole execution, whose model calls share one quota."""

_CURES: dict[str, tuple[ErrorCode, ...]] = {
    RUN_TIMES_OUT: (ErrorCode.DEADLINE,),
    FUNCTION_TIMES_OUT: (ErrorCode.FUNCTION_FAILED, ErrorCode.MODEL_UNAVAILABLE),
    TABLE_THROTTLES: (ErrorCode.SAVE_FAILED, ErrorCode.FUNCTION_FAILED),
    MANY_FAIL: (
        ErrorCode.MODEL_UNAVAILABLE,
        ErrorCode.MODEL_THROTTLED,
        ErrorCode.FUNCTION_FAILED,
        ErrorCode.SAVE_FAILED,
    ),
}
"""Trouble -> codes of failed actions that a retry can cure; a refused text fails again."""


class Kind(StrEnum):
    """What is done: by the same operations as `executions stop`, `executions retry`, the sweep."""

    RELEASE = "release"
    STOP = "stop"
    RETRY = "retry"


@dataclass(frozen=True)
class Remedy:
    """One thing to do. trouble: which of the five it answers. target: an execution's id.

    goal_id: whose lock it is about.
    """

    kind: Kind
    trouble: str
    target: str
    goal_id: str
    why: str


def remedies(seen: Evidence, troubles: Sequence[Trouble]) -> list[Remedy]:
    """What to do, in the order of the troubles; each execution at most once."""
    found = [trouble.name for trouble in troubles if trouble.found]
    every = [each for name in found for each in _of(name, seen)]
    once = {each.target: each for each in reversed(every)}
    kept = [each for each in every if once[each.target] is each]
    retries = [each for each in kept if each.kind == Kind.RETRY]
    return [each for each in kept if each not in retries[_MOST_RETRIES:]]


def _of(trouble: str, seen: Evidence) -> Iterator[Remedy]:
    if trouble == NOT_STARTING:
        for goal, execution in seen.unreleased.items():
            why = "the execution is over and still holds its goal: the sweep ends it and saves"
            yield Remedy(Kind.RELEASE, trouble, execution, goal, why)
        for goal, execution in seen.overdue.items():
            why = "it runs for longer than workflowTimeout: what it generated is saved"
            yield Remedy(Kind.STOP, trouble, execution, goal, why)
        return
    for failed in seen.retryable:
        codes = {code: n for code, n in failed.failures.items() if code in _CURES[trouble]}
        if codes:
            counts = ", ".join(f"{code} {n}" for code, n in codes.items())
            why = f"its failed actions again ({counts})"
            yield Remedy(Kind.RETRY, trouble, failed.execution_id, failed.goal_id, why)

"""An execution's history as the attempts at each of its states. Pure functions."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

Event = Mapping[str, Any]
"""One event as GetExecutionHistory returns it."""


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    OPEN = "open"
    """The history holds no end of the attempt."""


@dataclass(frozen=True)
class Attempt:
    """One call of a function or a service; `error` is the error's name.

    started_at: when it was due. ran_at: when it was taken up, where the history says so.
    """

    started_at: datetime
    ended_at: datetime | None
    outcome: AttemptOutcome
    error: str = ""
    ran_at: datetime | None = None

    @property
    def works_from(self) -> datetime:
        """The beginning of the work; before that it waits."""
        return self.ran_at or self.started_at


@dataclass(frozen=True)
class OutsideEnd:
    """An end that the workflow did not reach itself: a stop or a time-out.

    error, cause: as they were given to StopExecution; both may be empty.
    """

    at: datetime
    kind: str
    error: str
    cause: str


@dataclass(frozen=True)
class EnteredState:
    """A state that was entered, with its attempts in order; a Map has no attempts.

    input: the state's, parsed; {} if it is not an object or the history holds no payloads.
    """

    name: str
    entered_at: datetime
    exited_at: datetime | None
    input: Mapping[str, Any]
    attempts: tuple[Attempt, ...]


_ENDS = {
    "Succeeded": AttemptOutcome.SUCCEEDED,
    "Failed": AttemptOutcome.FAILED,
    "TimedOut": AttemptOutcome.TIMED_OUT,
    "ScheduleFailed": AttemptOutcome.FAILED,
    "StartFailed": AttemptOutcome.FAILED,
    "SubmitFailed": AttemptOutcome.FAILED,
}
_TASK_PREFIXES = ("LambdaFunction", "Task")


def read_states(events: Iterable[Event]) -> list[EnteredState]:
    """Every state entered, in order; a retry is a further attempt at the same state."""
    events = sorted(events, key=lambda event: event["id"])
    owners = _owners(events)
    mine: dict[int, list[Event]] = {}
    for event in events:
        if owner := owners.get(event["id"]):
            mine.setdefault(owner, []).append(event)
    return [_state(own) for own in mine.values()]


def read_end(events: Iterable[Event]) -> OutsideEnd | None:
    """How the execution was ended from outside, if it was."""
    kinds = {"ExecutionAborted": "ABORTED", "ExecutionTimedOut": "TIMED_OUT"}
    for event in events:
        if event["type"] in kinds:
            details: dict[str, str] = event.get(_lower_first(event["type"]) + "EventDetails", {})
            error, cause = details.get("error", ""), details.get("cause", "")
            return OutsideEnd(event["timestamp"], kinds[event["type"]], error, cause)
    return None


def _owners(events: Iterable[Event]) -> dict[int, int]:
    """Id of an event -> id of the event that entered its state; events of no state are left out."""
    owners: dict[int, int] = {}
    exited: set[int] = set()
    maps: dict[str, int] = {}
    for event in events:
        number, previous, kind = event["id"], event["previousEventId"], event["type"]
        if kind.endswith("StateEntered"):
            owners[number] = number
            maps[event["stateEnteredEventDetails"]["name"]] = number
        elif kind == "MapStateExited":  # comes after the last iteration, not after the Map's start
            owners[number] = maps[event["stateExitedEventDetails"]["name"]]
        elif previous in owners and previous not in exited and not kind.startswith("MapIteration"):
            owners[number] = owners[previous]
        if kind.endswith("StateExited"):
            exited.add(number)
    return owners


def _state(own: list[Event]) -> EnteredState:
    entered = own[0]
    details = entered["stateEnteredEventDetails"]
    exits = [event["timestamp"] for event in own if event["type"].endswith("StateExited")]
    return EnteredState(
        name=details["name"],
        entered_at=entered["timestamp"],
        exited_at=exits[0] if exits else None,
        input=_object(details.get("input", "")),
        attempts=tuple(_attempts(own)),
    )


def _attempts(own: Iterable[Event]) -> Iterator[Attempt]:
    begun: datetime | None = None
    ran: datetime | None = None
    for event in own:
        prefix = next((p for p in _TASK_PREFIXES if event["type"].startswith(p)), None)
        if prefix is None or event["type"].endswith(("StateEntered", "StateExited")):
            continue
        rest = event["type"].removeprefix(prefix)
        if rest == "Scheduled":
            begun, ran = event["timestamp"], None
        elif rest == "Started":
            ran = event["timestamp"]
        elif rest in _ENDS and begun:
            yield Attempt(begun, event["timestamp"], _ENDS[rest], _error(event, _ENDS[rest]), ran)
            begun = None
    if begun:
        yield Attempt(begun, None, AttemptOutcome.OPEN, ran_at=ran)


def _error(event: Event, outcome: AttemptOutcome) -> str:
    details = (value for name, value in event.items() if name.endswith("EventDetails"))
    name = next((d["error"] for d in details if d.get("error")), "")
    return name or ("States.Timeout" if outcome is AttemptOutcome.TIMED_OUT else "")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _object(text: str) -> Mapping[str, Any]:
    try:
        value: Any = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

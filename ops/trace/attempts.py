"""Who worked when: an execution's history as the attempts at each of its steps. Pure functions."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from localcloud.run.history import Event


class Outcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    OPEN = "open"
    """It had not ended when the execution had, or the history was read."""


@dataclass(frozen=True)
class Attempt:
    """One call of a function or a service; `error` is the error's name."""

    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    error: str = ""


@dataclass(frozen=True)
class Step:
    """A state that was entered, with its attempts in order; a Map has none.

    input: the state's, parsed; {} if it is not an object or the history holds no payloads.
    """

    name: str
    entered_at: datetime
    exited_at: datetime | None
    input: Mapping[str, Any]
    attempts: tuple[Attempt, ...]


_ENDS = {
    "Succeeded": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "TimedOut": Outcome.TIMED_OUT,
    "ScheduleFailed": Outcome.FAILED,
    "StartFailed": Outcome.FAILED,
    "SubmitFailed": Outcome.FAILED,
}
_TASK_PREFIXES = ("LambdaFunction", "Task")


def read_steps(events: Iterable[Event]) -> list[Step]:
    """Every state entered, in order; retries are further attempts of the same step."""
    events = sorted(events, key=lambda event: event["id"])
    owners = _owners(events)
    mine: dict[int, list[Event]] = {}
    for event in events:
        if owner := owners.get(event["id"]):
            mine.setdefault(owner, []).append(event)
    return [_step(own) for own in mine.values()]


def _owners(events: Iterable[Event]) -> dict[int, int]:
    """Event -> the event that entered its state; what belongs to no state is left out."""
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


def _step(own: list[Event]) -> Step:
    entered = own[0]
    details = entered["stateEnteredEventDetails"]
    exits = [event["timestamp"] for event in own if event["type"].endswith("StateExited")]
    return Step(
        name=details["name"],
        entered_at=entered["timestamp"],
        exited_at=exits[0] if exits else None,
        input=_object(details.get("input", "")),
        attempts=tuple(_attempts(own)),
    )


def _attempts(own: Iterable[Event]) -> Iterator[Attempt]:
    begun: datetime | None = None
    for event in own:
        prefix = next((p for p in _TASK_PREFIXES if event["type"].startswith(p)), None)
        if prefix is None or event["type"].endswith(("StateEntered", "StateExited")):
            continue
        rest = event["type"].removeprefix(prefix)
        if rest == "Scheduled":
            begun = event["timestamp"]
        elif rest in _ENDS and begun:
            yield Attempt(begun, event["timestamp"], _ENDS[rest], _error(event, _ENDS[rest]))
            begun = None
    if begun:
        yield Attempt(begun, None, Outcome.OPEN)


def _error(event: Event, outcome: Outcome) -> str:
    details = (value for name, value in event.items() if name.endswith("EventDetails"))
    name = next((d["error"] for d in details if d.get("error")), "")
    return name or ("States.Timeout" if outcome is Outcome.TIMED_OUT else "")


def _object(text: str) -> Mapping[str, Any]:
    try:
        value: Any = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

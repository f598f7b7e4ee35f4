"""The settings of the server (seed, latency, faults) and its counters, safe for threads."""

import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from localcloud.bedrock.fault_kind import FaultKind

ANY_ACTION = "*"
"""A key of `faults`: every action without a key of its own."""


class SimulatedFault(BaseModel):
    """A fault for the next `times` calls of an action, or for all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    times: Annotated[int, Field(ge=1)] | None = None


class ModelSettings(BaseModel):
    """The settings of the server; faults by action id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    latency_seconds: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 0.0
    faults: dict[str, SimulatedFault] = {}


class ActionCounters:
    """Counters of the calls of one action."""

    def __init__(self) -> None:
        self.calls = 0
        self.faults: Counter[str] = Counter()
        self.in_flight = 0
        self.max_in_flight = 0

    def as_json(self) -> dict[str, Any]:
        """The counters as JSON."""
        return {
            "calls": self.calls,
            "faults": dict(self.faults),
            "max_in_flight": self.max_in_flight,
        }


@dataclass(frozen=True)
class Admission:
    """What applies to one call; `number` counts the calls of its action from 1."""

    number: int
    seed: int
    latency_seconds: float
    fault: FaultKind | None


@dataclass
class _Counts:
    actions: dict[str, ActionCounters] = field(default_factory=dict[str, ActionCounters])
    in_flight: int = 0
    max_in_flight: int = 0


class Control:
    """Settings and counters of one server."""

    def __init__(self, settings: ModelSettings) -> None:
        self._at_start = settings
        self._settings = settings
        self._counts = _Counts()
        self._faults_used: Counter[str] = Counter()
        self._lock = threading.Lock()

    def change(self, changes: dict[str, Any]) -> None:
        """Change the given settings. Raises pydantic's ValidationError.

        If they have faults, the counting of their `times` starts again.
        """
        with self._lock:
            self._settings = ModelSettings.model_validate(
                {**self._settings.model_dump(), **changes}
            )
            if "faults" in changes:
                self._faults_used.clear()

    def reset(self) -> None:
        """Restore the initial settings and set the counters to zero, calls in flight included."""
        with self._lock:
            self._settings = self._at_start
            self._counts = _Counts()
            self._faults_used.clear()

    @contextmanager
    def call(self, action_id: str) -> Generator[Admission]:
        """Count a call, which is in flight until the block ends."""
        with self._lock:
            counts = self._counts
            action = counts.actions.setdefault(action_id, ActionCounters())
            action.calls += 1
            for counter in (counts, action):
                counter.in_flight += 1
                counter.max_in_flight = max(counter.max_in_flight, counter.in_flight)
            fault = self._next_fault(action_id)
            if fault:
                action.faults[fault] += 1
            admission = Admission(
                action.calls, self._settings.seed, self._settings.latency_seconds, fault
            )
        try:
            yield admission
        finally:
            with self._lock:
                counts.in_flight -= 1
                action.in_flight -= 1

    def _next_fault(self, action_id: str) -> FaultKind | None:
        faults = self._settings.faults
        fault = faults.get(action_id, faults.get(ANY_ACTION))
        if fault is None or (
            fault.times is not None and self._faults_used[action_id] >= fault.times
        ):
            return None
        self._faults_used[action_id] += 1
        return fault.kind

    def as_json(self) -> dict[str, Any]:
        """Settings, and the counters since the start or the last reset."""
        with self._lock:
            counts = self._counts
            return {
                **self._settings.model_dump(mode="json"),
                "counters": {
                    "calls": sum(action.calls for action in counts.actions.values()),
                    "in_flight": counts.in_flight,
                    "max_in_flight": counts.max_in_flight,
                    "actions": {name: action.as_json() for name, action in counts.actions.items()},
                },
            }

"""How an expected alarm is written: what it reads, when it fires, how fast, and whom it calls."""

from dataclasses import dataclass
from enum import StrEnum

from policies.rules.monitoring.conditions import Condition


class Route(StrEnum):
    """Which composite alarm tells people; `self`: the alarm itself; `condition`: none."""

    OUTAGE = "outage"
    ESCALATION = "escalation"
    UNDELIVERED = "undelivered"
    NOTICES = "notices"
    CHORES = "chores"
    SELF = "self"
    CONDITION = "condition"


class Unit(StrEnum):
    """What the numbers of a threshold are counted in."""

    OWN = "the metric's own unit"
    SECONDS = "seconds (the metric is in ms)"
    FUNCTION_TIMEOUT = "% of the function's time-out"
    MACHINE_TIMEOUT = "% of the executions' time-out"
    RESERVED = "% of the reserved concurrency"
    ACCOUNT = "% of the account's concurrency"


@dataclass(frozen=True)
class Bounds:
    """From low to high; or what the stack's setting alarms.`setting` is, whatever that is."""

    low: float
    high: float
    setting: str | None = None


def exactly(number: float, setting: str | None = None) -> Bounds:
    """One number, unless the setting has another."""
    return Bounds(number, number, setting)


@dataclass(frozen=True)
class Limit:
    """A threshold in a unit."""

    bounds: Bounds
    unit: Unit = Unit.OWN


@dataclass(frozen=True)
class Over:
    """M of N periods of so many seconds."""

    period: Bounds
    points: Bounds
    periods: Bounds


@dataclass(frozen=True)
class ExpectedAlarm:
    """One alarm.

    key: its name after the stack's prefix; {function} stands for the name of a function.
    limits: the threshold has to be within one of them.
    always: every workflow stack has it.
    """

    key: str
    route: Route
    condition: Condition
    limits: tuple[Limit, ...]
    over: Over
    missing: str = "notBreaching"
    always: bool = True

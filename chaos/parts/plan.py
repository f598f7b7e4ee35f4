"""The plan of a seed: its goals, and which fault strikes at which call. From the seed alone."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from random import Random

from chaos.parts.cells import CELLS, NEEDS_EARLIER, PEOPLE, Cell, Fault, Service, Step

STEERED = 4
"""Cells of a seed that its number decides: successive seeds go through all of them in turn."""

AGAIN_RETRY, AGAIN_START = "then a retry", "then a new start"

_AGAIN_SHARE = 0.15
_S = Service
_SERVICES: dict[Step, tuple[Service, ...]] = {
    Step.START: (_S.TABLE, _S.DATABASE, _S.MACHINE),
    Step.PREPARE: (_S.TABLE, _S.DATABASE),
    Step.GENERATE: (_S.TABLE, _S.MODEL),
    Step.SAVE: (_S.TABLE, _S.DATABASE),
    Step.FINISH: (_S.TABLE, _S.DATABASE),
    Step.CANCEL: (_S.TABLE, _S.DATABASE, _S.MACHINE),
    Step.RECONCILE: (_S.TABLE, _S.DATABASE, _S.MACHINE),
}
"""What a step calls."""

_LATEST_CALL: dict[Service, int] = {
    _S.TABLE: 3, _S.DATABASE: 6, _S.MACHINE: 1, _S.MODEL: 5, _S.OTHER: 1,
}  # fmt: skip
"""By service: the latest of a step's calls in a seed that a fault may strike at. Every goal makes
them, so that a seed has them even if another fault ends one execution."""

_SECONDS: dict[Fault, tuple[float, float]] = {
    Fault.EMULATOR_KILLED: (0.0, 1.0),
    Fault.POSTGRESQL_KILLED: (0.0, 1.5),
    Fault.TABLE_CUT: (0.2, 2.0),
    Fault.DATABASE_CUT: (0.2, 2.0),
    Fault.MODEL_CUT: (0.2, 2.0),
    Fault.TABLE_THROTTLED: (0.2, 1.5),
    Fault.MODEL_THROTTLED: (0.2, 2.0),
    Fault.FUNCTION_THROTTLED: (0.3, 1.5),
    Fault.MODEL_SLOW: (0.5, 3.0),
    Fault.DATABASE_SLOW: (0.5, 2.0),
    Fault.DATABASE_HANGS: (0.5, 4.0),
    Fault.DISK_FULL: (0.5, 2.0),
    Fault.SECOND_START: (0.0, 0.4),
    Fault.CANCELLED: (0.0, 0.4),
    Fault.STOPPED: (0.0, 0.4),
    Fault.RETRY_OF_OLD: (0.0, 0.4),
    Fault.USER_STARTS_TASK: (0.0, 0.4),
    Fault.EVENT_AND_SWEEP: (0.0, 0.4),
}
_LONG_HANG = (11.5, 14.0)
"""Longer than a function waits for a statement (`handlers.storage.database.STATEMENT_SECONDS`)."""


@dataclass(frozen=True)
class GoalPlan:
    """A goal, and what its owner does.

    actions: how many it has.
    again: its owner wants a second execution: AGAIN_RETRY, of the one action that the model has
    refused in the first; AGAIN_START, of all actions; "" for none.
    with_key: starts carry an Idempotency-Key, and so does their repetition.
    """

    actions: int
    again: str
    with_key: bool

    def __str__(self) -> str:
        words = [f"{self.actions} actions", self.again, "a key" if self.with_key else ""]
        return ", ".join(filter(None, words))


@dataclass(frozen=True)
class PlannedFault:
    """A fault, and the call that it strikes at.

    service, number: the call of the step's function, counted over the seed's goals.
    seconds: how long it lasts; a server is started again after that; how long a person's request
    keeps the call waiting.
    """

    cell: Cell
    service: Service
    number: int
    seconds: float

    def __str__(self) -> str:
        lasts = f", {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.cell} (call {self.number} of the {self.service}{lasts})"


@dataclass(frozen=True)
class Plan:
    """What happens in a seed; `latency` is the model's mean in seconds."""

    seed: int
    goals: tuple[GoalPlan, ...]
    faults: tuple[PlannedFault, ...]
    latency: float

    def lines(self) -> Iterator[str]:
        """The plan as text."""
        yield f"seed {self.seed}: " + "; ".join(map(str, self.goals))
        yield from (f"  {fault}" for fault in self.faults)


def draw(seed: int, cells: Sequence[Cell] = CELLS) -> Plan:
    """The plan of a seed, the same on every machine that has these cells."""
    choice = Random(f"chaos/{seed}")  # noqa: S311 - no secret
    chosen = dict.fromkeys(_steered(seed, cells))
    more = [cell for cell in cells if cell.fault is not Fault.EMULATOR_KILLED]
    chosen |= dict.fromkeys(choice.sample(more, choice.randint(0, 2)))
    if any(cell.step is Step.CANCEL for cell in chosen):
        # nothing else makes the cancelling function run
        chosen |= {Cell(Fault.CANCELLED, Step.GENERATE): None}
    faults = tuple(_fault(choice, cell) for cell in chosen)
    goals = tuple(
        GoalPlan(
            actions=choice.randint(2, 4),
            again=_again(choice, {cell.fault for cell in chosen} if number == 0 else set()),
            with_key=choice.random() < 0.6,  # noqa: PLR2004
        )
        for number in range(3)
    )
    return Plan(seed, goals, faults, latency=choice.uniform(0.02, 0.15))


def _again(choice: Random, faults: Set[Fault]) -> str:
    """Whether there is a second execution of a goal, for the faults that need one or by chance."""
    wanted = choice.choice((AGAIN_RETRY, AGAIN_START))
    if Fault.USER_STARTS_TASK in faults:
        return AGAIN_START  # it replaces the tasks of the first one
    return wanted if faults & {*NEEDS_EARLIER} or choice.random() < _AGAIN_SHARE else ""


def _steered(seed: int, cells: Sequence[Cell]) -> list[Cell]:
    in_turn = [cell for cell in cells if cell.fault is not Fault.EMULATOR_KILLED]
    Random(0).shuffle(in_turn)  # noqa: S311 - the same for every seed: faults of a kind lie apart
    deaths = [cell for cell in cells if cell.fault is Fault.EMULATOR_KILLED]
    # far apart: after one, every function starts anew
    apart = len(in_turn) // max(len(deaths), 1)
    for number, cell in enumerate(deaths):
        in_turn.insert(number * (apart + 1), cell)
    return [in_turn[(seed * STEERED + number) % len(in_turn)] for number in range(STEERED)]


def _fault(choice: Random, cell: Cell) -> PlannedFault:
    service = choice.choice(_services(cell))
    first, last = _SECONDS.get(cell.fault, (0.0, 0.0))
    if cell.fault is Fault.DATABASE_HANGS and choice.random() < 0.1:  # noqa: PLR2004
        first, last = _LONG_HANG
    number = choice.randint(1, _LATEST_CALL[service])
    return PlannedFault(cell, service, number, round(choice.uniform(first, last), 2))


def _services(cell: Cell) -> tuple[Service, ...]:
    """The services whose calls the fault may strike at."""
    fault, step = cell.fault, cell.step
    if fault in (Fault.TABLE_CUT, Fault.TABLE_THROTTLED):
        return (Service.TABLE,)
    if fault in (Fault.MODEL_CUT, Fault.MODEL_THROTTLED, Fault.MODEL_SLOW):
        return (Service.MODEL,)
    if fault in (
        Fault.DATABASE_CUT,
        Fault.DATABASE_SLOW,
        Fault.DATABASE_HANGS,
        Fault.DISK_FULL,
    ):
        return (Service.DATABASE,)
    if fault in PEOPLE:
        # calls that name their execution
        return tuple(each for each in _SERVICES[step] if each in (Service.TABLE, Service.MODEL))
    if fault is Fault.GATEWAY_429:
        return (Service.OTHER,)
    return _SERVICES[step]

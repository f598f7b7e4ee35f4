"""One invocation of a function, and the edges at which its code meets the world."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from chaos.simulation.faults import Edge, Fault, Plan
from chaos.simulation.scheduler import Killed, Process, Scheduler, current

_T = TypeVar("_T")

_LATENCY_SECONDS = 0.02
_ANSWER_SHARE = 0.4
"""Of a call's latency, the part after its effect."""
_LATE_SECONDS = 14.0
_SDK_GIVES_UP_SECONDS = 12.0
_OUT_OF_ORDER_SECONDS = 25.0


@dataclass
class Invocation:
    """One invocation.

    name: function, what it works on and the how manieth time, as `generate/x1/a3#2`.
    skew: how far its clock is off, in seconds.
    ends_at: when Lambda kills it, in virtual seconds.
    event: what it was invoked with.
    was_struck: whether one of its calls met a fault. call_began_at: when it last counted a model
    call as begun. calls_counted, calls_made: of the model.
    """

    name: str
    function: str
    skew: float
    ends_at: float
    event: dict[str, Any]
    operations: Counter[str] = field(default_factory=Counter[str])
    was_struck: bool = False
    call_began_at: float = -1.0
    calls_counted: int = 0
    calls_made: int = 0


@dataclass(frozen=True)
class _Call(Generic[_T]):
    """What a fault needs of a call."""

    effect: Callable[[], _T]
    failure: Callable[[Fault], BaseException]
    again: Callable[[], _T] | None
    malformed: Callable[[_T], _T] | None


@dataclass
class Edges:
    """The edges of all processes: each call is struck by the plan's faults, and takes its time.

    history: a line a step. cells: how often each fault, or none, met each step.
    struck: the functions that met a fault, outages included. at_step: what begins at a step.
    """

    scheduler: Scheduler
    plan: Plan
    history: list[str] = field(default_factory=list[str])
    cells: Counter[tuple[str, Edge, Fault | None]] = field(
        default_factory=Counter[tuple[str, Edge, Fault | None]]
    )
    steps: int = 0
    struck: set[str] = field(default_factory=set[str])
    at_step: dict[int, list[Callable[[], object]]] = field(
        default_factory=dict[int, list[Callable[[], object]]]
    )

    def call(
        self,
        operation: str,
        edge: Edge,
        effect: Callable[[], _T],
        failure: Callable[[Fault], BaseException],
        *,
        again: Callable[[], _T] | None = None,
        malformed: Callable[[_T], _T] | None = None,
        where: str = "",
    ) -> _T:
        """One call.

        failure: the error that a caller sees of a fault. again: the effect of the same request sent
        twice; by default the effect. malformed: what becomes of the answer. where: the caller, if
        it is no invocation.
        """
        process = current()
        invocation: Invocation | None = process.invocation
        if process.killed:
            raise Killed
        if invocation:
            invocation.operations[operation] += 1
            where = where or f"{invocation.name}:{operation}.{invocation.operations[operation]}"
        fault = self.plan.fault(where, edge, self.scheduler.now)
        step = f"{invocation.function if invocation else 'machine'}:{operation}"
        self.cells[step, edge, fault] += 1
        self.steps += 1
        for act in self.at_step.pop(self.steps, ()):
            self.scheduler.start(act)
        latency = self.plan.chance(where, "latency") * _LATENCY_SECONDS
        self.scheduler.sleep(latency)
        self.history.append(f"{self.scheduler.now:9.2f}  {where}{f'  <- {fault}' if fault else ''}")
        if fault is None:
            answer = effect()
            self.scheduler.sleep(latency * _ANSWER_SHARE)
            return answer
        self.strike(invocation)
        if invocation and edge is Edge.WRITE and fault is Fault.TIMED_OUT_AFTER:
            effect = _unheard(invocation, effect)
        call = _Call(effect, failure, again, malformed)
        return self._struck(process, fault, call, self.plan.chance(where, "how late"))

    def strike(self, invocation: Invocation | None) -> None:
        """Note that an invocation met a fault."""
        if invocation:
            invocation.was_struck = True
            self.struck.add(invocation.function)

    def _struck(self, process: Process, fault: Fault, call: _Call[_T], chance: float) -> _T:
        sleep = self.scheduler.sleep
        match fault:
            case Fault.CRASHED_BEFORE | Fault.CRASHED_AFTER:
                if fault is Fault.CRASHED_AFTER:
                    call.effect()
                if process.invocation is None:
                    raise call.failure(fault)  # who died is the one that was called
                process.killed = True
                raise Killed
            case Fault.TIMED_OUT_BEFORE | Fault.TIMED_OUT_AFTER:
                if fault is Fault.TIMED_OUT_AFTER:
                    call.effect()
                sleep(_SDK_GIVES_UP_SECONDS * chance)
            case Fault.OUT_OF_ORDER:
                self.scheduler.start(_quietly(call.effect), chance * _OUT_OF_ORDER_SECONDS)
                sleep(chance * _SDK_GIVES_UP_SECONDS / 2)
            case Fault.TWICE:
                call.effect()
                sleep(chance * _LATE_SECONDS / 2)
                return (call.again or call.effect)()
            case Fault.MALFORMED:
                answer = call.effect()
                return call.malformed(answer) if call.malformed else answer
            case Fault.LATE:
                sleep(chance * _LATE_SECONDS)
                return call.effect()
            case _:
                pass
        raise call.failure(fault)


def _unheard(invocation: Invocation, effect: Callable[[], _T]) -> Callable[[], _T]:
    """A request of the table whose answer is lost: no one makes a model call that it counts.

    A function may live on: a second call that could not be counted is only not made.
    """

    def work() -> _T:
        counted = invocation.calls_counted
        answer = effect()
        invocation.calls_counted = counted
        return answer

    return work


def _quietly(effect: Callable[[], object]) -> Callable[[], None]:
    """An effect whose answer, or refusal, reaches no one."""

    def work() -> None:
        with suppress(Exception):
            effect()

    return work

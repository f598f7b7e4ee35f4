"""Looks at every state that a model reaches, breadth first: a counterexample is a shortest one."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NamedTuple, cast

from chaos.protocol.outcomes import Outcomes
from chaos.protocol.processes import Process
from chaos.protocol.state import State


@dataclass(frozen=True)
class Slot:
    """A process of a scenario. ready: whether it may take its first step."""

    name: str
    program: Callable[[], Process]
    ready: Callable[[State], bool] = lambda _: True


class Step(NamedTuple):
    """A step that was taken. process: its slot's number; None for what no process of ours does."""

    process: int | None
    name: str
    arguments: tuple[Any, ...] = ()
    result: Any = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The arguments of a step that has only numbers: an execution's, an action's."""
        return tuple(int(each) for each in self.arguments)

    def text(self, slots: list[Slot]) -> str:
        """One line for a reader."""
        if self.process is None:
            return self.name
        values = " ".join(map(str, self.arguments))
        result = "" if self.result is None else f" -> {_shown(self.result)}"
        return f"{slots[self.process].name}: {self.name} {values}{result}".rstrip()


class _Waiting(NamedTuple):
    """A process that waits for the result of a step. history: the results before."""

    step: Callable[..., Outcomes]
    arguments: tuple[Any, ...]
    history: tuple[Any, ...]


def _nothing(*_: Any) -> Outcomes:
    return []


class Positions:
    """How far a process is: its variables and where each of its frames waits, by number.

    A position is found by running the process with the results that it was sent; each is found
    once, so exploring runs next to no generator.
    """

    def __init__(self, slots: list[Slot]) -> None:
        self._slots = slots
        self._numbers = dict[Hashable, int]()
        self._waiting = [_Waiting(_nothing, (), ())]  # number 0: not begun
        self._next = dict[tuple[int, int, Any], int | str]()

    def step(self, state: State, slot: int) -> Iterator[tuple[Step, State]]:
        """Every outcome of the process's next step."""
        at = state.processes[slot]
        if isinstance(at, str):
            return
        if at == 0:
            if not self._slots[slot].ready(state):
                return
            begun = self._move(slot, 0, None)
            if isinstance(begun, str):
                return
            at = begun
        request, arguments, _ = self._waiting[at]
        for after, result in request(state, slot, *arguments):
            then = self._move(slot, at, result)
            processes = (*after.processes[:slot], then, *after.processes[slot + 1 :])
            yield (
                Step(slot, request.__name__, arguments, result),
                after._replace(processes=processes),
            )

    def _move(self, slot: int, at: int, result: Any) -> int | str:
        key = (slot, at, result)
        if key not in self._next:
            history = () if at == 0 else (*self._waiting[at].history, result)
            self._next[key] = self._run(slot, history)
        return self._next[key]

    def _run(self, slot: int, history: tuple[Any, ...]) -> int | str:
        process = self._slots[slot].program()
        try:
            request = next(process)
            for result in history:
                is_error = isinstance(result, type) and issubclass(result, Exception)
                request = process.throw(result()) if is_error else process.send(result)
        except StopIteration as end:
            return str(end.value)
        except Exception as error:
            return type(error).__name__
        where = (slot, _frames(process))
        if where not in self._numbers:
            self._numbers[where] = len(self._waiting)
            step, *arguments = request
            self._waiting.append(_Waiting(step, tuple(arguments), history))
        return self._numbers[where]


def _frames(process: Process) -> tuple[Any, ...]:
    frames = list[Any]()
    inner: Any = process
    while inner is not None and hasattr(inner, "gi_frame"):
        frame: FrameType = inner.gi_frame
        values = ((name, _plain(value)) for name, value in frame.f_locals.items() if name != "self")
        frames.append((frame.f_code.co_name, frame.f_lasti, tuple(values)))
        inner = inner.gi_yieldfrom
    return tuple(frames)


def _plain(value: Any) -> Hashable:
    if isinstance(value, Exception):
        return type(value).__name__
    return tuple(cast("list[Hashable]", value)) if isinstance(value, list) else value


def _shown(result: Any) -> str:
    return result.__name__ if isinstance(result, type) else str(result)


@dataclass
class Exploration:
    """What was looked at. broken: the invariant; history: the shortest way there."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    broken: str | None = None
    history: list[Step] = field(default_factory=list[Step])


Moves = Callable[[State], Iterator[tuple[Step, State]]]
StateInvariant = Callable[[State], str | None]
StepInvariant = Callable[[State, State, Step], str | None]


def explore(
    initial: State,
    moves: Moves,
    of_states: StateInvariant,
    of_steps: StepInvariant,
) -> Exploration:
    """All reachable states; stops at the first one that breaks an invariant."""
    result = Exploration(states=1)
    came_from: dict[State, tuple[State, Step] | None] = {initial: None}
    level = [initial]
    while level and not result.broken:
        result.depth += 1
        following = list[State]()
        for state in level:
            for step, after in moves(state):
                result.transitions += 1
                if after in came_from:
                    broken = of_steps(state, after, step)
                    if broken:
                        return _found(result, broken, came_from, state, step)
                    continue
                came_from[after] = (state, step)
                broken = of_steps(state, after, step) or of_states(after)
                if broken:
                    return _found(result, broken, came_from, state, step)
                following.append(after)
        level = following
    result.states = len(came_from)
    return result


def _found(
    result: Exploration,
    broken: str,
    came_from: dict[State, tuple[State, Step] | None],
    state: State,
    last: Step,
) -> Exploration:
    result.states = len(came_from)
    result.broken = broken
    result.history = [last]
    while (before := came_from[state]) is not None:
        state, step = before
        result.history.insert(0, step)
    return result

"""A scenario and its model: all that can happen next in a state, and what must hold in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaos.protocol import invariants
from chaos.protocol.explore import Exploration, Positions, Slot, Step, explore
from chaos.protocol.processes import Processes
from chaos.protocol.state import FAILED, OPEN, Execution, State, with_execution, with_item


@dataclass(frozen=True)
class Scenario:
    """A configuration.

    slots: the processes. keyed: the executions that the idempotency key may start. dies: whether
    Step Functions may end an execution at any time. grace_passes: whether locks may grow old.
    takes_up: whether a user may take up a task.
    """

    name: str
    initial: State
    slots: Callable[[Processes], list[Slot]]
    keyed: tuple[int, ...] = ()
    dies: bool = True
    grace_passes: bool = True
    takes_up: bool = False


class Model:
    """A scenario, ready to be explored. dropped: the condition that a mutant lacks."""

    def __init__(self, scenario: Scenario, dropped: str | None = None) -> None:
        self.scenario = scenario
        self.conditions = set[str]()
        self._dropped = dropped
        self.processes = Processes(self.holds)
        self.slots = scenario.slots(self.processes)
        self._positions = Positions(self.slots)
        self._endings = invariants.Endings(self.processes)

    def holds(self, name: str, value: bool) -> bool:
        """The value of a condition, or True where the mutant lacks it."""
        self.conditions.add(name)
        return value or name == self._dropped

    @property
    def initial(self) -> State:
        """The first state."""
        return self.scenario.initial._replace(processes=(0,) * len(self.slots))

    def explore(self) -> Exploration:
        """All its states."""
        return explore(self.initial, self.moves, self.broken, self.broken_by)

    def moves(self, state: State) -> Iterator[tuple[Step, State]]:
        """Every step that is possible."""
        for slot in range(len(self.slots)):
            yield from self._positions.step(state, slot)
        yield from self._surroundings(state)

    def broken(self, state: State) -> str | None:
        """The invariant that a state breaks."""
        return (
            invariants.of_state(state)
            or invariants.of_keys(state, self.scenario.keyed)
            or invariants.of_accounts(state)
            or self._endings(state)
        )

    def broken_by(self, before: State, after: State, step: Step) -> str | None:
        """The invariant that a step breaks."""
        if step.name == "begin_attempt" and step.result is False:
            number, action = step.numbers
            if before.executions[number].items[action].status != OPEN:
                return "4: no model call for what is there already"
        holder = before.row.holder
        is_changed = step.process is not None and before.row != after.row
        if is_changed and holder not in (None, *step.arguments[:1]):
            return "5: only the holder changes the lock"
        return invariants.of_step(before, after)

    def _surroundings(self, state: State) -> Iterator[tuple[Step, State]]:
        """What Step Functions, the clock and users do."""
        for number, each in enumerate(state.executions):
            if each.machine == "RUNNING":
                yield from self._machine(state, number, each)
        row = state.row
        if self.scenario.grace_passes and row.holder is not None and not row.is_old:
            # Whoever touched the lock is a function that lives shorter than the grace.
            processes = tuple(
                "killed" if slot in state.timed and isinstance(at, int) and at else at
                for slot, at in enumerate(state.processes)
            )
            old = state._replace(row=row._replace(is_old=True), processes=processes)
            yield Step(None, "the grace passes"), old._replace(timed=frozenset())
        if self.scenario.takes_up:
            for action, tasks in enumerate(state.tasks):
                if tasks and not tasks[-1][1]:
                    taken = (*tasks[:-1], (tasks[-1][0], True))
                    all_tasks = (*state.tasks[:action], taken, *state.tasks[action + 1 :])
                    yield Step(None, "user takes up", (action,)), state._replace(tasks=all_tasks)

    def _machine(self, state: State, number: int, each: Execution) -> Iterator[tuple[Step, State]]:
        def goes_to(stage: str) -> tuple[Step, State]:
            return (
                Step(None, f"machine {number}: {stage}", (number, stage)),
                with_execution(state, number, stage=stage),
            )

        if self.scenario.dies:
            dead = with_execution(state, number, machine="DEAD")
            yield Step(None, f"machine {number} dies", (number,)), dead
        if each.stage == "prepare":
            if self._is_done(state, f"prepare {number}"):
                yield goes_to("generate")
            yield goes_to("finish")
        elif each.stage == "generate":
            statuses = [each.items[action].status for action in each.wanted]
            if OPEN not in statuses:
                yield goes_to("save")
            for action in each.wanted:
                item = each.items[action]
                if item.status == OPEN:
                    given_up = with_item(state, number, action, item._replace(status=FAILED))
                    step = Step(None, f"machine {number}: gives up {action}", (number, action))
                    yield step, given_up
        elif each.stage == "save":
            yield goes_to("finish")
        elif self._is_done(state, f"finish {number}"):
            done = with_execution(state, number, machine="SUCCEEDED")
            yield Step(None, f"machine {number} succeeds", (number,)), done

    def _is_done(self, state: State, name: str) -> bool:
        return any(
            slot.name.startswith(name) and at == "done"
            for slot, at in zip(self.slots, state.processes, strict=True)
        )

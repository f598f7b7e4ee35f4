"""The design's invariants, by its numbers, of a state, of a step, and of what can still follow."""

from collections.abc import Iterator
from functools import cache

from chaos.protocol.processes import Process, Processes
from chaos.protocol.state import (
    ABSENT,
    BARRED,
    CANCELLED,
    FAILED,
    GENERATED,
    LOST,
    OPEN,
    SAVED,
    START_FAILED,
    State,
    calls,
    with_execution,
)

_RANK = {ABSENT: 0, OPEN: 1, GENERATED: 2, SAVED: 3, FAILED: 3, CANCELLED: 3, LOST: 3}


def of_state(state: State) -> str | None:
    """The invariant that a state breaks, or None."""
    return next(_in_state(state), None)


def _in_state(state: State) -> Iterator[str]:
    holder = state.row.holder
    running = [n for n, each in enumerate(state.executions) if each.record == "RUNNING"]
    if len(running) > 1:
        yield "1: one running execution per goal"
    if running and running != [holder]:
        yield "1: a running execution holds the goal's lock"
    for number, each in enumerate(state.executions):
        statuses = [item.status for item in each.items]
        if LOST in statuses:
            yield "3: what was generated is kept"
        saved_by = [task for tasks in state.tasks for task in tasks if task[0] == number]
        if each.record == CANCELLED and (saved_by or SAVED in statuses):
            yield "3: what is cancelled has saved nothing"
        if len(saved_by) != len(
            {a for a, t in enumerate(state.tasks) for x in t if x[0] == number}
        ):
            yield "4: no task is written twice"
        for action, status in enumerate(statuses):
            is_newest = all(task[0] <= number for task in state.tasks[action])
            if status == SAVED and is_newest and number not in [t[0] for t in state.tasks[action]]:
                yield "3: what is SAVED is in the database"


def of_keys(state: State, keyed: tuple[int, ...]) -> str | None:
    """The same of an idempotency key: it stays with the execution that it has started."""
    for number in keyed:
        each = state.executions[number]
        if each.machine and each.record not in (None, BARRED, START_FAILED) and state.key != number:
            return "1: one key starts one execution"
    return None


def of_step(before: State, after: State) -> str | None:
    """The invariant that a step breaks, or None."""
    return next(_in_step(before, after), None)


def _in_step(before: State, after: State) -> Iterator[str]:
    for number, (old, new) in enumerate(zip(before.executions, after.executions, strict=True)):
        has_ended = old.record not in (None, BARRED, "RUNNING")
        if has_ended and (old.record, old.saved) != (new.record, new.saved):
            yield "5: what has ended does not change"
        released = has_ended and before.row.holder != number
        for was, is_now in zip(old.items, new.items, strict=True):
            if _RANK[is_now.status] < _RANK[was.status]:
                yield "4: progress never goes backwards"
            if _RANK[was.status] == _RANK[SAVED] and was.status != is_now.status:
                yield "4: an end is final"
            if released and was.status != is_now.status:
                yield "5: what has ended does not change"
            if is_now.calls < was.calls:
                yield "9: a call stays accounted for"
        was_there, is_there = _tasks_of(before, number), _tasks_of(after, number)
        is_replaced = after.row.holder not in (None, number)
        if released and (is_there - was_there or (was_there - is_there and not is_replaced)):
            yield "5: what has ended changes no task"
    touched = {(a, t) for a, tasks in enumerate(before.tasks) for t in tasks if t[1]}
    if touched - {(a, t) for a, tasks in enumerate(after.tasks) for t in tasks}:
        yield "6: a task that a user took up stays"


class Endings:
    """Invariant 2: wherever everything stops for good, sweeps alone bring an end."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self.of = cache(self._of)

    def __call__(self, state: State) -> str | None:
        """What is left after two sweeps, or None."""
        return self.of(state._replace(processes=(), timed=frozenset(), key=None, faults=0))

    def _of(self, state: State) -> str | None:
        state = state._replace(row_locked_by=None)
        for number, each in enumerate(state.executions):
            if each.machine == "RUNNING":
                state = with_execution(state, number, machine="DEAD")
        for _ in range(2):
            if state.row.holder is not None:
                state = state._replace(row=state.row._replace(is_old=True))
            state = self._run(state, self._processes.sweep())
        if state.row.holder is not None:
            return "2: the lock is released in the end"
        for each in state.executions:
            if each.record == "RUNNING":
                return "2: an execution always ends"
            if each.record not in (None, BARRED) and {OPEN, GENERATED} & {
                item.status for item in each.items
            }:
                return "2: an action always ends"
        return None

    def _run(self, state: State, process: Process) -> State:
        try:
            request = next(process)
            while True:
                write, *arguments = request
                [(state, result)] = write(state, -1, *arguments)
                is_error = isinstance(result, type) and issubclass(result, Exception)
                request = process.throw(result()) if is_error else process.send(result)
        except StopIteration:
            return state


def of_accounts(state: State) -> str | None:
    """Invariant 9, once no process is between two steps."""
    if any(isinstance(each, int) and each for each in state.processes):
        return None
    for number, each in enumerate(state.executions):
        has_ended = each.record not in (None, BARRED, "RUNNING") and state.row.holder != number
        if has_ended and each.spent != calls(each):
            return "9: every call is in the record"
    return None


def _tasks_of(state: State, number: int) -> set[int]:
    return {a for a, tasks in enumerate(state.tasks) for task in tasks if task[0] == number}

"""What one step of a process does: one call of DynamoDB or Step Functions, or one transaction.

Each function stands for the request of that name in `handlers/`, with its condition. It returns
every possible outcome as a state and a result; a result that is an exception is raised in the
process. No outcome: the step waits for the row's lock.
"""

from typing import Any

from chaos.protocol.state import (
    ABSENT,
    FAILED,
    GENERATED,
    LOST,
    OPEN,
    SAVED,
    Condition,
    Item,
    Row,
    State,
    calls,
    with_execution,
    with_item,
)


class FencedError(Exception):
    """The handlers' error of that name, as those below."""


class StartRefusedError(Exception):
    """Step Functions did not start the execution."""


class TableUnavailableError(Exception):
    """Either nothing was written, or only the answer was lost."""


class StateMachineUnavailableError(Exception):
    """The same for Step Functions."""


Outcomes = list[tuple[State, Any]]


class Writes:
    """The steps. `holds` evaluates their conditions."""

    def __init__(self, holds: Condition) -> None:
        self.holds = holds

    # The goal's row; each of these is one transaction of the database.

    def take(self, state: State, me: int, number: int) -> Outcomes:
        """`locks.take`: whether it is new, and the row."""
        if state.row_locked_by is not None:
            return []
        row = state.row
        if self.holds("take: only a free row", row.holder is None):
            row = Row("PROCESSING", number, "GENERATING", row.state, version=row.version + 1)
            return [(state._replace(row=row, timed=frozenset({me})), (True, row))]
        is_own = row.holder == number and row.phase == "GENERATING"
        if is_own and not self.holds("take: its own lock is renewed", False):
            row = row._replace(is_old=False, version=row.version + 1)
            return [(state._replace(row=row, timed=state.timed | {me}), (False, row))]
        return [(state, (False, row))]

    def claim(self, state: State, _: int, number: int, version: int) -> Outcomes:
        """`locks.claim` of the lock of a start that is undone: its version then, or None."""
        if state.row_locked_by is not None:
            return []
        row = state.row
        is_same = self.holds("claim: untouched since it was read", row.version == version)
        if row.holder != number or not is_same:
            return [(state, None)]
        row = row._replace(phase="ENDING", is_old=False, version=row.version + 1)
        return [(state._replace(row=row), row.version)]

    def drop(self, state: State, _: int, number: int, version: int) -> Outcomes:
        """`locks.drop`: the previous state returns, unless another claim came in between."""
        if state.row_locked_by is not None:
            return []
        row = state.row
        is_same = self.holds("drop: untouched since its claim", row.version == version)
        if row.holder != number or not is_same:
            return [(state, None)]
        row = Row(row.previous or row.state, version=row.version)
        return [(state._replace(row=row, timed=frozenset()), None)]

    def abandon(self, state: State, _: int, number: int, version: int) -> Outcomes:
        """`locks.abandon`, of a lock that was claimed."""
        if state.row_locked_by is not None:
            return []
        row = state.row
        if row.holder != number or row.version != version:
            return [(state, None)]
        row = row._replace(is_old=True, version=row.version + 1)
        return [(state._replace(row=row), None)]

    def held_long(self, state: State, _: int) -> Outcomes:
        """`locks.held_longer_than` a start's grace: the row, or None."""
        row = state.row
        is_due = row.holder is not None and self.holds("sweep: only old locks", row.is_old)
        return [(state, row if is_due else None)]

    def enter_cancelled(self, state: State, me: int, number: int) -> Outcomes:
        """A cancel's transaction."""
        if state.row_locked_by is not None:
            return []
        if not self.holds("cancel: only the holder", state.row.holder == number):
            return [(state, FencedError)]
        before = state.row.phase not in ("SAVING", "ENDING")
        if not self.holds("cancel: only before saving", before):
            return [(state, "FINISHING")]
        state = _entered(state, "CANCELLED")
        return [(state._replace(timed=state.timed | {me}), None)]

    def enter_ending(self, state: State, _: int, number: int) -> Outcomes:
        """The first transaction of an end: whether the phase is CANCELLED, and stays so."""
        if state.row_locked_by is not None:
            return []
        if not self.holds("end: only the holder", state.row.holder == number):
            return [(state, FencedError)]
        if not self.holds("end: a cancel stays", state.row.phase != "CANCELLED"):
            return [(state, True)]
        return [(_entered(state, "ENDING"), False)]

    def lock_for_prepare(self, state: State, me: int, number: int) -> Outcomes:
        """The begin of Prepare's transaction, which keeps the row's lock."""
        if state.row_locked_by is not None:
            return []
        is_mine = state.row.holder == number and state.row.phase == "GENERATING"
        if not self.holds("prepare: holder, GENERATING", is_mine):
            return [(state, FencedError)]
        if self.holds("prepare: the row stays locked", False):
            return [(state, None)]
        return [(state._replace(row_locked_by=me), None)]

    def save(
        self, state: State, _: int, number: int, actions: tuple[int, ...], phases: tuple[str, ...]
    ) -> Outcomes:
        """The transaction that inserts tasks; from SAVING on no cancel is possible."""
        if state.row_locked_by is not None:
            return []
        row = state.row
        if not self.holds("save: only the holder", row.holder == number):
            return [(state, FencedError)]
        if not self.holds("save: only in its phases", row.phase in phases):
            return [(state, FencedError)]
        if "SAVING" in phases and not self.holds("save: the phase becomes SAVING", False):
            state = _entered(state, "SAVING")
        tasks = list(state.tasks)
        for action in actions:
            kept = [
                task
                for task in tasks[action]
                if task[0] == number or not self.holds("save: users' tasks stay", not task[1])
            ]
            is_saved = any(task[0] == number for task in kept)
            if not self.holds("save: a repeated insert does nothing", not is_saved):
                kept = [*kept]
            else:
                kept = [*kept, (number, False)]
            tasks[action] = tuple(sorted(kept))
        return [(state._replace(tasks=tuple(tasks)), None)]

    def release(self, state: State, _: int, number: int, goal_state: str | None) -> Outcomes:
        """The last transaction of an end. goal_state: None for the previous one."""
        if state.row_locked_by is not None:
            return []
        row = state.row
        if not self.holds("release: only the holder", row.holder == number):
            return [(state, FencedError)]
        row = Row(goal_state or row.previous or row.state, version=row.version)
        return [(state._replace(row=row, timed=frozenset()), None)]

    # The table: each is one request.

    def take_key(self, state: State, _: int, number: int) -> Outcomes:
        """`IdempotencyKeys.take`: the execution that has the key now, and whether it is new."""
        if state.key is not None:
            return [(state._replace(is_key_shared=True), (state.key, False))]
        return [(state._replace(key=number, is_key_shared=False), (number, True))]

    def move_key(self, state: State, me: int, old: int, number: int) -> Outcomes:
        """`IdempotencyKeys.move`."""
        if not self.holds("key: moved once", state.key == old):
            return self.take_key(state, me, number)
        return [(state._replace(key=number, is_key_shared=False), (number, True))]

    def release_key(self, state: State, _: int, number: int) -> Outcomes:
        """`IdempotencyKeys.release`."""
        is_alone = self.holds("key: released if no other request has it", not state.is_key_shared)
        is_mine = state.key == number and is_alone
        return [(state._replace(key=None) if is_mine else state, None)]

    def record(self, state: State, _: int, number: int) -> Outcomes:
        """`ExecutionRecords.get`: its status, saved actions, whether it is a retry."""
        found = state.executions[number]
        return [(state, (found.record, found.saved, len(found.items), found.is_retry))]

    def begin_record(self, state: State, _: int, number: int, is_retry: bool) -> Outcomes:
        """`ExecutionRecords.begin`: the record's status."""
        found = state.executions[number].record
        if not self.holds("record: begins once", found is None):
            return [(state, found)]
        begun = with_execution(state, number, record="RUNNING", is_retry=is_retry)
        return [(begun, "RUNNING"), *_faults(state, begun, TableUnavailableError)]

    def end_record(self, state: State, _: int, number: int, status: str, saved: int) -> Outcomes:
        """`ExecutionRecords.end`."""
        is_running = state.executions[number].record == "RUNNING"
        if state.executions[number].record is None:
            return [(state, False)]
        if not self.holds("record: ends once", is_running):
            return [(state, False)]
        return [(with_execution(state, number, record=status, saved=saved), True)]

    def undo_record(self, state: State, me: int, number: int) -> Outcomes:
        """The same in an undo, where the table may fail again."""
        outcomes = self.end_record(state, me, number, "START_FAILED", 0)
        return [*outcomes, *_faults(state, outcomes[0][0], TableUnavailableError)]

    def set_total(self, state: State, _: int, number: int) -> Outcomes:
        """`ExecutionRecords.set_total`."""
        is_running = state.executions[number].record == "RUNNING"
        return [(state, None if is_running else FencedError)]

    def settle(self, state: State, _: int, number: int, spent: int) -> Outcomes:
        """The write of `WorkItems.settle_usage`."""
        found = state.executions[number]
        is_later = self.holds("usage: only a later sum", found.spent <= spent)
        if found.record is None or found.record == "RUNNING" or not is_later:
            return [(state, None)]
        return [(with_execution(state, number, spent=spent), None)]

    def add_items(self, state: State, me: int, number: int, only: tuple[int, ...]) -> Outcomes:
        """`WorkItems.add` and the commit of Prepare's transaction."""
        items = tuple(
            Item(OPEN)
            if action in only and not self.holds("items: those there stay", item.status != ABSENT)
            else item
            for action, item in enumerate(state.executions[number].items)
        )
        owner = None if state.row_locked_by == me else state.row_locked_by
        return [(with_execution(state, number, items=items)._replace(row_locked_by=owner), None)]

    def items(self, state: State, _: int, number: int) -> Outcomes:
        """`WorkItems.of`: statuses."""
        return [(state, tuple(item.status for item in state.executions[number].items))]

    def spent(self, state: State, _: int, number: int) -> Outcomes:
        """The read of `settle_usage`."""
        return [(state, calls(state.executions[number]))]

    def fail(
        self, state: State, _: int, number: int, action: int, code: str, only: tuple[str, ...]
    ) -> Outcomes:
        """`WorkItems.fail`."""
        item = state.executions[number].items[action]
        if item.status == ABSENT or not self.holds("fail: only from", item.status in only):
            return [(state, None)]
        status = LOST if item.status == GENERATED and code == FAILED else code
        return [(with_item(state, number, action, item._replace(status=status)), None)]

    def mark_saved(self, state: State, _: int, number: int, actions: tuple[int, ...]) -> Outcomes:
        """`WorkItems.mark_saved`: one transaction; else (False) `mark_one` follows for each."""
        found = state.executions[number].items
        if any(found[action].status != GENERATED for action in actions):
            return [(state, False)]
        for action in actions:
            state = with_item(state, number, action, found[action]._replace(status=SAVED))
        return [(state, True)]

    def mark_one(self, state: State, _: int, number: int, action: int) -> Outcomes:
        """One update of `mark_saved`."""
        item = state.executions[number].items[action]
        is_there = self.holds("saved: only from GENERATED", item.status == GENERATED)
        saved = with_item(state, number, action, item._replace(status=SAVED))
        return [(saved if is_there else state, None)]

    def begin_attempt(self, state: State, _: int, number: int, action: int) -> Outcomes:
        """`WorkItems.begin_attempt`: whether the action has its tasks already."""
        status = state.executions[number].items[action].status
        if self.holds("attempt: only an open action", status == OPEN):
            return [(state, False)]
        return [(state, True if status in (GENERATED, SAVED) else FencedError)]

    def keep(self, state: State, _: int, number: int, action: int) -> Outcomes:
        """The transaction of `WorkItems.keep_tasks`."""
        item = state.executions[number].items[action]
        if not self.holds("keep: only of an open action", item.status == OPEN):
            return [(state, False)]
        kept = with_item(state, number, action, Item(GENERATED, item.calls + 1))
        return [(kept, True), *_faults(state, kept, TableUnavailableError)]

    def end_call(self, state: State, _: int, number: int, action: int) -> Outcomes:
        """`WorkItems.end_call`: whether the action was still open."""
        item = state.executions[number].items[action]
        counted = with_item(state, number, action, item._replace(calls=item.calls + 1))
        return [(counted, item.status == OPEN)]

    # Step Functions.

    def start_machine(self, state: State, _: int, number: int, wanted: tuple[int, ...]) -> Outcomes:
        """StartExecution; nothing happens if the name was used before."""
        if state.executions[number].machine:
            return [(state, None)]
        started = with_execution(state, number, machine="RUNNING", wanted=wanted)
        faults = _faults(state, started, StateMachineUnavailableError)
        if faults:
            faults.append((state._replace(faults=state.faults - 1), StartRefusedError))
        return [(started, None), *faults]

    def describe(self, state: State, _: int, number: int) -> Outcomes:
        """DescribeExecution: its status, or None."""
        return [(state, state.executions[number].machine)]

    def stop(self, state: State, _: int, number: int) -> Outcomes:
        """StopExecution."""
        if state.executions[number].machine != "RUNNING":
            return [(state, None)]
        return [(with_execution(state, number, machine="DEAD"), None)]


def _entered(state: State, phase: str) -> State:
    if state.row.phase == phase:
        return state
    return state._replace(row=state.row._replace(phase=phase, is_old=False))


def _faults(without: State, with_effect: State, error: type[Exception]) -> Outcomes:
    if not without.faults:
        return []
    left = without.faults - 1
    return [(without._replace(faults=left), error), (with_effect._replace(faults=left), error)]

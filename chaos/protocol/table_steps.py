"""The steps on the table `WorkflowExecution`: each is one request of DynamoDB.

Each method stands for the method of that name in `handlers/storage/`, with its condition.
"""

from chaos.protocol.outcomes import (
    FencedError,
    Outcomes,
    TableUnavailableError,
    faults,
)
from chaos.protocol.state import (
    ABSENT,
    BARRED,
    FAILED,
    GENERATED,
    LOST,
    OPEN,
    SAVED,
    START_FAILED,
    Condition,
    Item,
    State,
    calls,
    with_execution,
    with_item,
)


class TableSteps:
    """The requests. `holds` evaluates their conditions."""

    def __init__(self, holds: Condition) -> None:
        self.holds = holds

    def take_key(self, state: State, _: int, number: int) -> Outcomes:
        """`IdempotencyKeys.take`: the execution that has the key now."""
        if state.key is not None:
            return [(state._replace(is_key_shared=True), state.key)]
        return [(state._replace(key=number, is_key_shared=False), number)]

    def move_key(self, state: State, me: int, old: int, number: int) -> Outcomes:
        """`IdempotencyKeys.move`."""
        if not self.holds("key: moved once", state.key == old):
            return self.take_key(state, me, number)
        return [(state._replace(key=number, is_key_shared=False), number)]

    def release_key(self, state: State, _: int, number: int) -> Outcomes:
        """`IdempotencyKeys.release`."""
        is_alone = self.holds("key: released if no other request has it", not state.is_key_shared)
        is_mine = state.key == number and is_alone
        return [(state._replace(key=None) if is_mine else state, None)]

    def record(self, state: State, _: int, number: int) -> Outcomes:
        """`ExecutionRecords.get`: its status, saved actions, whether it is a retry."""
        found = state.executions[number]
        record = None if found.record == BARRED else found.record
        return [(state, (record, found.saved, len(found.items), found.is_retry))]

    def begin_record(self, state: State, _: int, number: int, is_retry: bool) -> Outcomes:
        """`ExecutionRecords.begin`: the record's status."""
        found = state.executions[number].record
        if not self.holds("record: begins once", found is None):
            return [(state, START_FAILED if found == BARRED else found)]
        begun = with_execution(state, number, record="RUNNING", is_retry=is_retry)
        return [(begun, "RUNNING"), *faults(state, begun, TableUnavailableError)]

    def end_record(self, state: State, _: int, number: int, status: str, saved: int) -> Outcomes:
        """`ExecutionRecords.end`."""
        is_running = state.executions[number].record == "RUNNING"
        if state.executions[number].record in (None, BARRED):
            return [(state, False)]
        if not self.holds("record: ends once", is_running):
            return [(state, False)]
        return [(with_execution(state, number, record=status, saved=saved), True)]

    def end_never_started(self, state: State, me: int, number: int) -> Outcomes:
        """`undo_record`: the record ends, or can come no more (`ExecutionRecords.bar`)."""
        if state.executions[number].record is None:
            return [(with_execution(state, number, record=BARRED), False)]
        return self.end_record(state, me, number, START_FAILED, 0)

    def undo_record(self, state: State, me: int, number: int) -> Outcomes:
        """The same in an undo, where the table may fail again."""
        outcomes = self.end_never_started(state, me, number)
        return [*outcomes, *faults(state, outcomes[0][0], TableUnavailableError)]

    def set_total(self, state: State, _: int, number: int) -> Outcomes:
        """`ExecutionRecords.set_total`."""
        is_running = state.executions[number].record == "RUNNING"
        return [(state, None if is_running else FencedError)]

    def settle(self, state: State, _: int, number: int, spent: int) -> Outcomes:
        """The write of `WorkItems.settle_usage`."""
        found = state.executions[number]
        is_later = self.holds("usage: only a later sum", found.spent <= spent)
        if found.record in (None, BARRED, "RUNNING") or not is_later:
            return [(state, None)]
        return [(with_execution(state, number, spent=spent), None)]

    def add_items(self, state: State, me: int, number: int, only: tuple[int, ...]) -> Outcomes:
        """`WorkItems.add` and the commit of Prepare's transaction."""
        items = tuple(
            Item(OPEN)
            if action in only and self.holds("items: those there stay", item.status == ABSENT)
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
        """`Attempts.begin`: whether the action has its tasks already."""
        status = state.executions[number].items[action].status
        if self.holds("attempt: only an open action", status == OPEN):
            return [(state, False)]
        return [(state, True if status in (GENERATED, SAVED) else FencedError)]

    def keep(self, state: State, _: int, number: int, action: int) -> Outcomes:
        """The transaction of `Attempts.keep_tasks`."""
        item = state.executions[number].items[action]
        if not self.holds("keep: only of an open action", item.status == OPEN):
            return [(state, False)]
        kept = with_item(state, number, action, Item(GENERATED, item.calls + 1))
        return [(kept, True), *faults(state, kept, TableUnavailableError)]

    def end_call(self, state: State, _: int, number: int, action: int) -> Outcomes:
        """`Attempts.end_call`: whether the action was still open."""
        item = state.executions[number].items[action]
        counted = with_item(state, number, action, item._replace(calls=item.calls + 1))
        return [(counted, item.status == OPEN)]

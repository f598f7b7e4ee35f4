"""The processes, step by step: each mirrors the function of that name in `handlers/`.

A generator yields its next step (the method, its arguments) and is sent the result. What
it does next may depend on nothing else, so its position and its variables are its whole state. A
process that dies takes no further step: the checker leaves every process at every step for ever.
"""

from collections.abc import Generator
from contextlib import suppress
from typing import Any

from chaos.protocol.machine_steps import MachineSteps
from chaos.protocol.outcomes import (
    FencedError,
    StartRefusedError,
    TableUnavailableError,
)
from chaos.protocol.row_steps import RowSteps
from chaos.protocol.state import (
    CANCELLED,
    FAILED,
    GENERATED,
    OPEN,
    SAVED,
    START_FAILED,
    Condition,
    Row,
)
from chaos.protocol.table_steps import TableSteps

Process = Generator[tuple[Any, ...], Any, Any]


class AlreadyRunningError(Exception):
    """The API answers 409."""


class StartPendingError(Exception):
    """Another request is at work on the same start: the API answers 503, to be repeated."""


class Processes:
    """The processes. `holds` evaluates their conditions and those of their steps."""

    def __init__(self, holds: Condition) -> None:
        self.holds = holds
        self.row = RowSteps(holds)
        self.table = TableSteps(holds)
        self.machine = MachineSteps()

    # executions/start_once.py and start.py

    def start_once(self, new: int, spare: int, wanted: tuple[int, ...]) -> Process:
        """A start with the Idempotency-Key. new, spare: the ids that `new_execution_id` gives."""
        number = yield self.table.take_key, new
        record, *_ = yield self.table.record, number
        if record == START_FAILED:
            number = yield self.table.move_key, number, spare
            record, *_ = yield self.table.record, number
        if record not in (None, "RUNNING"):
            return f"202 {number}"
        try:
            return (yield from self.start(number, wanted))
        except (AlreadyRunningError, StartRefusedError) as error:
            yield self.table.release_key, number
            raise error

    def start(self, number: int, wanted: tuple[int, ...], is_retry: bool = False) -> Process:
        """A start without a key."""
        is_new, row = yield self.row.take, number
        is_due = row.holder != number and self.holds("takeover: only an old lock", row.is_old)
        if is_due and (yield self.machine.describe, row.holder) is None:
            yield from self.end_unknown(row)
            is_new, row = yield self.row.take, number
        if row.holder != number:
            raise AlreadyRunningError
        if row.phase == "ENDING" and not self.holds("start: none while it is undone", False):
            raise StartPendingError
        try:
            record = yield self.table.begin_record, number, is_retry
            if record == START_FAILED:
                raise StartRefusedError
            if record == "RUNNING":
                yield self.machine.start_machine, number, wanted
                return f"202 {number}"
        except (StartRefusedError, TableUnavailableError) as error:
            if self.holds("undo: only of a new lock", is_new):
                yield from self.undo(row)
            raise error
        if is_new:
            yield from self.undo(row)
        return f"202 {number}"

    def undo(self, row: Row) -> Process:
        """`_undo`."""
        version = yield self.row.claim, row.holder, row.version
        if version is None:
            return
        try:
            yield self.table.undo_record, row.holder
            yield self.row.drop, row.holder, version
        except TableUnavailableError:
            yield self.row.abandon, row.holder, version

    def retry(self, earlier: int, number: int) -> Process:
        """A retry of the failed actions of an earlier execution."""
        record, *_ = yield self.table.record, earlier
        if record == "RUNNING":
            raise AlreadyRunningError
        items = yield self.table.items, earlier
        failed = tuple(action for action, status in enumerate(items) if status == FAILED)
        if not failed:
            return "409"
        return (yield from self.start(number, failed, True))

    # executions/prepare.py, generation/worker.py, executions/save.py

    def prepare(self, number: int, wanted: tuple[int, ...]) -> Process:
        """workflow-prepare."""
        yield self.row.lock_for_prepare, number
        yield self.table.add_items, number, wanted
        yield self.table.set_total, number
        return "done"

    def worker(self, number: int, action: int) -> Process:
        """task-generation: a call of the model between two writes."""
        if (yield self.table.begin_attempt, number, action):
            return "done"
        try:
            is_kept = yield self.table.keep, number, action
        except TableUnavailableError as error:
            items = yield self.table.items, number
            if items[action] not in (GENERATED, SAVED):
                yield from self.end_call(number, action)
            raise error
        if not is_kept:
            yield from self.end_call(number, action)
            items = yield self.table.items, number
            if items[action] not in (GENERATED, SAVED):
                raise FencedError
        return "done"

    def end_call(self, number: int, action: int) -> Process:
        """`Attempts.end_call`."""
        if not (yield self.table.end_call, number, action):
            yield from self.settle(number)

    def settle(self, number: int) -> Process:
        """`WorkItems.settle_usage`."""
        spent = yield self.table.spent, number
        yield self.table.settle, number, spent

    def save_batch(self, number: int, batch: tuple[int, ...]) -> Process:
        """workflow-save-batch."""
        items = yield self.table.items, number
        actions = tuple(action for action in batch if items[action] == GENERATED)
        if actions:
            yield self.row.save, number, actions, ("GENERATING", "SAVING")
            yield from self.mark_saved(number, actions)
        return "done"

    def mark_saved(self, number: int, actions: tuple[int, ...]) -> Process:
        """`WorkItems.mark_saved`."""
        if not (yield self.table.mark_saved, number, actions):
            for action in actions:
                yield self.table.mark_one, number, action

    # executions/finish.py

    def finish(self, number: int, status: str | None = None) -> Process:
        """`end_execution`. status: None if the number of saved actions decides."""
        try:
            if (yield self.row.enter_ending, number):
                yield from self.discard(number)
                return "done"
            yield from self.fail(number, FAILED, (OPEN,))
            items = yield self.table.items, number
            actions = tuple(action for action, each in enumerate(items) if each == GENERATED)
            if actions:
                yield self.row.save, number, actions, ("ENDING",)
                yield from self.mark_saved(number, actions)
        except FencedError:
            yield from self.fail(number, FAILED, (OPEN,))
            yield self.table.end_never_started, number
            yield self.table.record, number
            return "done"
        yield from self.end_record(number, status)
        yield from self.release(number)
        return "done"

    def discard(self, number: int) -> Process:
        """The end of a cancelled execution."""
        yield from self.fail(number, CANCELLED, (OPEN, GENERATED))
        yield from self.end_record(number, CANCELLED)
        yield from self.release(number)

    def fail(self, number: int, code: str, only: tuple[str, ...]) -> Process:
        """`_fail`."""
        items = yield self.table.items, number
        for action, status in enumerate(items):
            if status in only:
                yield self.table.fail, number, action, code, only

    def end_record(self, number: int, status: str | None) -> Process:
        """`_end_record`."""
        items = yield self.table.items, number
        saved = items.count(SAVED)
        total = sum(each != "-" for each in items)
        by_count = "FAILED" if not saved else "SUCCEEDED" if saved == total else "PARTIAL"
        yield self.table.end_record, number, status or by_count, saved
        yield from self.settle(number)

    def release(self, number: int) -> Process:
        """`_release`."""
        record, saved, total, is_retry = yield self.table.record, number
        if record in (None, START_FAILED):
            state = None
        elif saved:
            state = "ACTIVE" if saved == total else "PARTIAL"
        else:
            state = None if record == CANCELLED or is_retry else "FAILED"
        with suppress(FencedError):
            yield self.row.release, number, state

    def end_unknown(self, row: Row) -> Process:
        """The end of an execution that Step Functions does not know."""
        assert row.holder is not None  # noqa: S101 - the row of a lock that is held
        if row.phase == "CANCELLED":
            yield from self.discard(row.holder)
            return
        items = yield self.table.items, row.holder
        if any(each != "-" for each in items):
            yield from self.finish(row.holder, "FAILED")
            return
        version = yield self.row.claim, row.holder, row.version
        if version is not None:
            yield self.table.end_never_started, row.holder
            yield self.table.record, row.holder
            yield self.row.drop, row.holder, version

    # executions/cancel.py and reconcile.py

    def cancel(self, number: int) -> Process:
        """POST cancel."""
        record, *_ = yield self.table.record, number
        if record is None:
            return "404"
        try:
            if (yield self.row.enter_cancelled, number):
                return "409"
        except FencedError:
            return "409"
        yield self.machine.stop, number
        yield from self.discard(number)
        return "200"

    def reconcile(self, number: int) -> Process:
        """A status-change event: repeated, late or out of order."""
        record, *_ = yield self.table.record, number
        if record is not None:
            yield from self.end_if_dead(number, (yield self.machine.describe, number))
        return "done"

    def sweep(self) -> Process:
        """One sweep."""
        row = yield (self.row.held_long,)
        if row is None:
            return "done"
        if row.phase == "CANCELLED":
            yield from self.discard(row.holder)
            return "done"
        machine = yield self.machine.describe, row.holder
        if machine is None:
            yield from self.end_unknown(row)
        else:
            yield from self.end_if_dead(row.holder, machine)
        return "done"

    def end_if_dead(self, number: int, machine: str | None) -> Process:
        """End an execution that Step Functions reports as ended."""
        if machine == "SUCCEEDED":
            yield from self.finish(number)
        elif machine == "DEAD":
            yield from self.finish(number, "TIMED_OUT")

"""The steps on the goal's row in `goal_workflows`: each is one transaction of the database.

Each method stands for the function of `handlers/storage/locks.py` or the transaction of that name,
with its condition.
"""

from chaos.protocol.outcomes import FencedError, Outcomes
from chaos.protocol.state import Condition, Row, State


class RowSteps:
    """The transactions. `holds` evaluates their conditions."""

    def __init__(self, holds: Condition) -> None:
        self.holds = holds

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


def _entered(state: State, phase: str) -> State:
    if state.row.phase == phase:
        return state
    return state._replace(row=state.row._replace(phase=phase, is_old=False))

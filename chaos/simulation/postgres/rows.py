"""Tables of rows, and transactions: READ COMMITTED, rows locked until the end, savepoints.

A row that another transaction has locked is waited for (lock_timeout: 8 s) and then read anew, as
PostgreSQL does. Documentation 18: 13.2.1, 13.3.2.
"""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg

from chaos.simulation.scheduler import Condition, Scheduler

Row = dict[str, Any]
Place = tuple[str, str]
"""Table and key."""

Watch = Callable[[dict[Place, tuple[Row | None, Row | None]]], None]
"""Called at every commit with the rows before and after."""

LOCK_TIMEOUT_SECONDS = 8.0
KEYS = {"goal_workflows": "goal_id"}


class Rows:
    """All tables, as committed."""

    def __init__(self, scheduler: Scheduler, watch: Watch) -> None:
        self.scheduler = scheduler
        self.watch = watch
        self.tables: dict[str, dict[str, Row]] = {
            name: {} for name in ("users", "goals", "sub_goals", "actions", "tasks")
        }
        self.tables["goal_workflows"] = {}
        self.locks: dict[Place, Transaction] = {}
        self.shares: dict[Place, set[Transaction]] = {}
        self.released = Condition(scheduler)

    def add(self, table: str, **row: Any) -> None:
        """Add a row at once, outside of a transaction."""
        self.tables[table][row[KEYS.get(table, "id")]] = row


class Transaction:
    """One transaction of one connection.

    now: its time, in seconds. overlay: its own rows; None for one that it deleted.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.now = rows.scheduler.now
        self.overlay: dict[Place, Row | None] = {}
        self._locked = set[Place]()
        self.is_open = True
        self.is_aborted = False

    def get(self, place: Place) -> Row | None:
        """A row as this transaction sees it."""
        if place in self.overlay:
            return self.overlay[place]
        return self._rows.tables[place[0]].get(place[1])

    def of(self, table: str) -> Iterator[tuple[str, Row]]:
        """The table's rows as this transaction sees them."""
        committed = self._rows.tables[table]
        own = {key: row for (name, key), row in self.overlay.items() if name == table}
        if not own:
            yield from list(committed.items())
            return
        for key, row in {**committed, **own}.items():
            if row is not None:
                yield key, row

    def lock(self, place: Place, *, shared: bool = False) -> None:
        """Lock a row until the end; LockNotAvailable when another holds it for too long."""
        rows = self._rows
        self.wait_for(place, shared=shared)
        self._locked.add(place)
        if shared:
            rows.shares.setdefault(place, set()).add(self)
        else:
            rows.locks[place] = self

    def wait_for(self, place: Place, *, shared: bool = False) -> None:
        """Wait until no other transaction holds the row."""
        rows = self._rows

        def is_free() -> bool:
            owner = rows.locks.get(place)
            sharers = rows.shares.get(place, set()) - {self}
            return owner in (None, self) and (shared or not sharers)

        if not is_free() and not rows.released.wait_for(is_free, LOCK_TIMEOUT_SECONDS):
            self.is_aborted = True
            raise psycopg.errors.LockNotAvailable

    def set(self, place: Place, row: Row | None) -> None:
        """Write a row, which is locked."""
        self.overlay[place] = row

    def commit(self) -> None:
        """Make its rows everybody's."""
        if not self.is_open:
            raise psycopg.errors.AdminShutdown
        tables = self._rows.tables
        changes = {
            place: (tables[place[0]].get(place[1]), row) for place, row in self.overlay.items()
        }
        for (table, key), row in self.overlay.items():
            if row is None:
                tables[table].pop(key, None)
            else:
                tables[table][key] = row
        self.end()
        if changes:
            self._rows.watch(changes)

    def end(self) -> None:
        """Let go of its locks; what it has not committed is gone."""
        self.is_open = False
        rows = self._rows
        for place in self._locked:
            if rows.locks.get(place) is self:
                del rows.locks[place]
            if self in rows.shares.get(place, ()):
                rows.shares[place].discard(self)
        self._locked.clear()
        rows.released.notify_all()

"""What stands in for `handlers.storage.database.Database` and psycopg's connections."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.rows import dict_row, scalar_row

from chaos.simulation.faults import Edge, Fault
from chaos.simulation.postgres.rows import Rows, Transaction
from chaos.simulation.postgres.statements import Answer, run
from chaos.simulation.sandbox import Edges
from chaos.simulation.scheduler import Killed, current
from handlers.storage import database
from handlers.storage.database import DatabaseConfigurationError
from handlers.storage.errors import DatabaseUnavailableError

_GHOST_SECONDS = 30.0
"""idle_in_transaction_session_timeout: how long a dead function's transaction may hold its rows."""


class Server:
    """The server: its rows, and whether it answers at all."""

    def __init__(self, edges: Edges, rows: Rows) -> None:
        self.edges = edges
        self.rows = rows
        self.is_up = True


class Database:
    """One function's connection.

    server: of the world that is simulated at the moment.
    """

    def __init__(self, server: Callable[[], Server]) -> None:
        self._server = server

    @contextmanager
    def transaction(self) -> Generator["Connection"]:
        """One transaction, with the errors that Database gives it."""
        server = self._server()
        edges = server.edges
        edges.call("connect", Edge.CONNECT, lambda: _expect_up(server), _connecting)
        with database._known_errors(None):  # pyright: ignore[reportPrivateUsage]
            transaction = Transaction(server.rows)
            try:
                yield Connection(server, transaction)
                edges.call("commit", Edge.COMMIT, lambda: _commit(server, transaction), _broken)
            except Killed:
                # the connection stays open until the server notices
                edges.scheduler.start(transaction.end, _GHOST_SECONDS)
                raise
            finally:
                if transaction.is_open and not current().killed:
                    transaction.end()

    def close(self) -> None:
        """Nothing is kept open."""


def _expect_up(server: Server) -> None:
    if not server.is_up:
        raise DatabaseUnavailableError("no connection to PostgreSQL")


def _commit(server: Server, transaction: Transaction) -> None:
    if not server.is_up or transaction.is_aborted:
        transaction.end()
        raise psycopg.OperationalError("the connection is lost")
    transaction.commit()


def _connecting(fault: Fault) -> Exception:
    if fault is Fault.REFUSED:
        return DatabaseConfigurationError("no connection to PostgreSQL: password")
    return DatabaseUnavailableError("no connection to PostgreSQL")


def _broken(_: Fault) -> Exception:
    return psycopg.OperationalError("the connection is lost")


class Connection:
    """psycopg's connection, as far as the handlers use it; also its own cursor."""

    def __init__(self, server: Server, transaction: Transaction, row_factory: Any = None) -> None:
        self._server = server
        self._transaction = transaction
        self._row_factory = row_factory
        self._answer = Answer([])

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def cursor(self, row_factory: Any = None) -> "Connection":
        """A cursor on the same transaction."""
        return Connection(self._server, self._transaction, row_factory)

    def execute(self, sql: str, parameters: Any = ()) -> "Connection":
        """Execute a statement; its answer is read from what this returns."""
        transaction = self._transaction

        def effect() -> Answer:
            if not self._server.is_up:
                transaction.end()
            if not transaction.is_open:
                raise psycopg.OperationalError("the connection is lost")
            if transaction.is_aborted:
                raise psycopg.errors.InFailedSqlTransaction
            return run(transaction, sql, parameters)

        def failure(fault: Fault) -> Exception:
            transaction.is_aborted = True
            if fault is not Fault.REFUSED:
                return _broken(fault)
            into_tasks = "INTO tasks" in sql
            return psycopg.errors.CheckViolation() if into_tasks else psycopg.errors.SyntaxError()

        words = sql.split()
        operation = f"{words[0].lower()} {_table(words)}"
        self._answer = self._server.edges.call(operation, Edge.STATEMENT, effect, failure)
        return self

    @contextmanager
    def transaction(self) -> Generator[None]:
        """A savepoint."""
        before, was_aborted = dict(self._transaction.overlay), self._transaction.is_aborted
        try:
            yield
        except psycopg.Error:
            self._transaction.overlay = before
            self._transaction.is_aborted = was_aborted
            raise

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    @property
    def rowcount(self) -> int:
        """How many rows the statement touched."""
        return self._answer.touched

    def fetchone(self) -> Any:
        """The first row, or None."""
        return next(iter(self.fetchall()), None)

    def fetchall(self) -> list[Any]:
        """All rows, as the cursor's factory makes them."""
        names: Sequence[str] = self._answer.names
        if self._row_factory is scalar_row:
            return [row[0] for row in self._answer.rows]
        if self._row_factory is dict_row:
            return [dict(zip(names, row, strict=True)) for row in self._answer.rows]
        return list(self._answer.rows)


def _table(words: list[str]) -> str:
    """The table that a statement is about."""
    before = words.index("WHERE") if "WHERE" in words else len(words)
    return next(
        following.strip('("')
        for word, following in reversed(list(pairwise(words[: before + 1])))
        if word in ("FROM", "INTO", "UPDATE")
    )

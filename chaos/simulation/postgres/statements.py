"""The handlers' statements, read from their own SQL: what they would do to a transaction's rows."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import sqlglot
from sqlglot import exp

from chaos.simulation.postgres.rows import KEYS, Row, Transaction
from chaos.simulation.postgres.values import Scope, UnknownStatementError, Value, value

_PLACEHOLDER = re.compile(r"%s|%\((\w+)\)s")
_DEFAULTS: Mapping[str, Row] = {
    "goal_workflows": {
        "state": "DRAFT",
        "execution_id": None,
        "previous_state": None,
        "phase": None,
    }
}


@dataclass(frozen=True)
class Answer:
    """The rows of a SELECT, the names of its columns, and how many rows a statement touched."""

    rows: list[tuple[Any, ...]]
    names: Sequence[str] = ()
    touched: int = 0


Statement = Callable[[Transaction, Mapping[str, Any]], Answer]


def run(transaction: Transaction, sql: str, parameters: Any) -> Answer:
    """Execute a statement with its parameters, by place or by name."""
    numbered: Any = parameters.items() if hasattr(parameters, "items") else enumerate(parameters)
    plain = {f"given_{name}": _plain(each) for name, each in numbered}
    return _compiled(sql)(transaction, plain)


def _plain(given: Any) -> Any:
    if isinstance(given, list):
        return [_plain(each) for each in cast("list[Any]", given)]
    return given if given is None or isinstance(given, int | float | bool) else str(given)


@cache
def _compiled(sql: str) -> Statement:
    numbers = iter(range(1000))
    named = _PLACEHOLDER.sub(lambda m: f":given_{m[1] or next(numbers)}", sql)
    tree: Any = sqlglot.parse_one(named, read="postgres")
    match tree:
        case exp.Insert():
            return _insert(tree)
        case exp.Update():
            return _update(tree)
        case exp.Delete():
            return _delete(tree)
        case exp.Select():
            return _select(tree)
        case _:
            raise UnknownStatementError(sql)


def _where(tree: Any) -> Value:
    where = tree.args.get("where")
    return value(where.this) if where else lambda _, __, ___: True


def _update(tree: Any) -> Statement:
    table, where = tree.this.name, _where(tree)
    changes = [(each.left.name, value(each.right)) for each in tree.expressions]
    returning = tree.args.get("returning")
    outputs = [value(each) for each in returning.expressions] if returning else []
    names = [each.alias_or_name for each in returning.expressions] if returning else []

    def work(transaction: Transaction, parameters: Mapping[str, Any]) -> Answer:
        rows: list[tuple[Any, ...]] = []
        for key, row in _locked(transaction, table, where, parameters):
            now = transaction.now
            changed = {name: of({table: row}, parameters, now) for name, of in changes}
            after: Row = {**row, **changed}
            transaction.set((table, key), after)
            rows.append(tuple(each({table: after}, parameters, now) for each in outputs))
        return Answer(rows if returning else [], names, len(rows))

    return work


def _delete(tree: Any) -> Statement:
    table, where = tree.this.name, _where(tree)

    def work(transaction: Transaction, parameters: Mapping[str, Any]) -> Answer:
        found = list(_locked(transaction, table, where, parameters))
        for key, _ in found:
            transaction.set((table, key), None)
        return Answer([], touched=len(found))

    return work


def _locked(
    transaction: Transaction, table: str, where: Value, parameters: Mapping[str, Any]
) -> Iterator[tuple[str, Row]]:
    """The rows that meet a condition, also when they are locked."""
    for key, row in transaction.of(table):
        if where({table: row}, parameters, transaction.now):
            transaction.lock((table, key))
            latest = transaction.get((table, key))
            if latest is not None and where({table: latest}, parameters, transaction.now):
                yield key, latest


def _insert(tree: Any) -> Statement:
    table, names = tree.this.this.name, [each.name for each in tree.this.expressions]
    key_name = KEYS.get(table, "id")
    source, conflict = tree.expression, tree.args.get("conflict")
    new_rows = _unnested(source) if isinstance(source, exp.Select) else _values(source)

    def work(transaction: Transaction, parameters: Mapping[str, Any]) -> Answer:
        touched = 0
        for given in new_rows(parameters, transaction.now):
            row = {**_DEFAULTS.get(table, {}), **dict(zip(names, given, strict=True))}
            row.setdefault("updated_at", transaction.now)
            key = row[key_name]
            # a second insert of the same key waits for the first one's end, and locks nothing
            transaction.wait_for((table, key))
            if transaction.get((table, key)) is None:
                transaction.lock((table, key))
                transaction.set((table, key), row)
                touched += 1
            elif not conflict:
                raise DuplicateKeyError(f"{table} {key}")
        return Answer([], touched=touched)

    return work


class DuplicateKeyError(Exception):
    """A key is inserted twice without ON CONFLICT."""


_NewRows = Callable[[Mapping[str, Any], float], Iterator[list[Any]]]


def _values(source: Any) -> _NewRows:
    rows = [[value(each) for each in row.expressions] for row in source.expressions]

    def new(parameters: Mapping[str, Any], now: float) -> Iterator[list[Any]]:
        for row in rows:
            yield [each({}, parameters, now) for each in row]

    return new


def _unnested(source: Any) -> _NewRows:
    """SELECT ... FROM unnest(arrays) AS alias (columns)."""
    unnest = source.find(exp.Unnest)
    alias = unnest.args["alias"]
    columns = [each.name for each in alias.columns]
    arrays = [value(each) for each in unnest.expressions]
    outputs = [value(each) for each in source.expressions]

    def new(parameters: Mapping[str, Any], now: float) -> Iterator[list[Any]]:
        for given in zip(*(each({}, parameters, now) for each in arrays), strict=True):
            scope: Scope = {"unnest": dict(zip(columns, given, strict=True))}
            yield [each(scope, parameters, now) for each in outputs]

    return new


_Source = tuple[str, str, Value | None]
"""A table of a FROM: its alias, its name, and the condition that joins it."""


def _select(tree: Any) -> Statement:
    first = tree.args.get("from_") or tree.args.get("from")
    joins = tree.args.get("joins") or ()
    tables: list[_Source] = [
        (first.this.alias_or_name, first.this.name, None),
        *((each.this.alias_or_name, each.this.name, value(each.args["on"])) for each in joins),
    ]
    where = _where(tree)
    outputs = [value(each) for each in tree.expressions]
    names = [each.alias_or_name for each in tree.expressions]
    order = [
        value(each.this)
        for each in (tree.args["order"].expressions if tree.args.get("order") else ())
    ]
    lock = next(iter(tree.args.get("locks") or ()), None)
    shared = bool(lock) and (not lock.args.get("update") or bool(lock.args.get("key")))
    locked: list[Any] = lock.expressions if lock else []
    lock_names: set[str] = {each.name for each in locked}

    def work(transaction: Transaction, parameters: Mapping[str, Any]) -> Answer:
        now = transaction.now
        found = [s for s in _joined(transaction, tables, parameters) if where(s, parameters, now)]
        if lock:
            found = list(_with_locks(found, transaction, parameters))
        found.sort(key=lambda scope: [each(scope, parameters, now) for each in order])
        rows = [tuple(each(scope, parameters, now) for each in outputs) for scope in found]
        return Answer(rows, names, len(rows))

    def _with_locks(
        found: list[Scope], transaction: Transaction, parameters: Mapping[str, Any]
    ) -> Iterator[Scope]:
        for scope in found:
            latest = dict(scope)
            for alias, table, _ in tables:
                if not lock_names or alias in lock_names:
                    place = (table, scope[alias][KEYS.get(table, "id")])
                    transaction.lock(place, shared=shared)
                    row = transaction.get(place)
                    if row is None:
                        break
                    latest[alias] = row
            else:
                if where(latest, parameters, transaction.now):
                    yield latest

    return work


def _joined(
    transaction: Transaction,
    tables: Sequence[_Source],
    parameters: Mapping[str, Any],
) -> list[Scope]:
    scopes: list[Scope] = [{}]
    for alias, table, on in tables:
        rows = [row for _, row in transaction.of(table)]
        joined: list[Scope] = [{**scope, alias: row} for scope in scopes for row in rows]
        scopes = [each for each in joined if on is None or on(each, parameters, transaction.now)]
    return scopes

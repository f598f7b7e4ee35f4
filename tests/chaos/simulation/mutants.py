"""Mistakes in our own code, each of which the simulation must find.

A mutant is a text that stands once in a module, and what stands there instead. The functions and
constants that differ afterwards are exchanged in place, so whoever imported them has the mistake.

    python -m tests.chaos.simulation.mutants       how many seeds each takes, as a table
"""

import importlib
import inspect
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from chaos.simulation.run import simulate

SEEDS_AT_MOST = 3000

Change = tuple[str, str, str]
"""A module, a text in it, and another text."""


@dataclass(frozen=True)
class Mutant:
    """first: the seed to begin with; near one that finds it, if one world of thousands does."""

    name: str
    changes: tuple[Change, ...]
    first: int = 0


def _one(name: str, module: str, before: str, after: str, first: int = 0) -> Mutant:
    return Mutant(name, ((module, before, after),), first)


_LOCKS, _FINISH = "handlers.storage.locks", "handlers.executions.finish"
_SAVED, _ITEMS = "handlers.storage.saved_tasks", "handlers.storage.work_items"
_ATTEMPTS = "handlers.storage.attempts"
_TURNS, _ADMISSION = "handlers.storage.turns", "handlers.executions.admission"
_RECORDS, _WORKER = "handlers.storage.execution_records", "handlers.generation.worker"

MUTANTS = (
    _one("lock without condition", _LOCKS, "    if holder is None:\n", "    if True:\n"),
    _one(
        "lock read without FOR UPDATE",
        _LOCKS,
        "WHERE goal_id = %s FOR UPDATE",
        "WHERE goal_id = %s",
    ),
    _one("missing fence", _LOCKS, "or lock.execution_id != execution_id:", "or not execution_id:"),
    _one("phase not checked", _LOCKS, "if lock.phase not in phases:", "if not phases:"),
    _one(
        "release of another's lock",
        _FINISH,
        "            lock = locks.hold(connection, goal_id, execution_id, *Phase)\n"
        "            locks.release(connection, lock,",
        "            lock = locks._locked(connection, goal_id) or "
        "locks.hold(connection, goal_id, 'x')\n"
        "            locks.release(connection, lock,",
    ),
    _one(
        "save that is not idempotent",
        _SAVED,
        "task_id(execution_id, action_id, index)",
        "__import__('uuid').uuid4()",
    ),
    _one("save that deletes started tasks", _SAVED, "AND status = 'NOT_STARTED'\n", "\n"),
    _one(
        "marked as saved before the commit",
        "handlers.executions.save",
        "goal_id, results)\n    mark_outcome",
        "goal_id, results)\n        mark_outcome",
    ),
    Mutant(
        "counter by increment",
        (
            (_RECORDS, "succeededActions = :succeeded,", "ignored = :succeeded,"),
            (
                _ITEMS,
                '            {":saved": ActionStatus.SAVED.value, **statuses},\n        )\n',
                '            {":saved": ActionStatus.SAVED.value, **statuses},\n        )\n'
                "        self._items.update(execution_id, EXECUTION_SK, 'ADD succeededActions :n',"
                " 'attribute_exists(pk)', {':n': len(action_ids)})\n",
            ),
        ),
    ),
    _one(
        "swallowed error",
        _FINISH,
        "except DatabaseRefusedError as error:",
        "except Exception as error:",
    ),
    _one(
        "retry that forgets",
        _WORKER,
        "if item.has_tasks:\n                return item.task_count",
        "if not item:\n                return item.task_count",
    ),
    _one(
        "finish before save",
        _FINISH,
        "        _save_remaining(stores, goal_id, execution_id)\n\n    try:",
        "\n    try:",
    ),
    _one(
        "cancel ignored",
        "handlers.executions.cancel",
        "locks.enter(connection, lock, Phase.CANCELLED)",
        "pass",
    ),
    _one(
        "a late answer overwrites",
        _ATTEMPTS,
        "        condition, statuses = is_one_of(OPEN_ACTION_STATUSES)\n        ended",
        "        condition, statuses = is_one_of(tuple(ActionStatus))\n        ended",
    ),
    _one(
        "count of calls lost",
        _ATTEMPTS,
        'f"{_BEGIN_CALL}, attempts =',
        'f"SET #call = callsStarted + :one, callsStarted = :one, attempts =',
    ),
    _one(
        "a start that counts again",
        _ATTEMPTS,
        'attribute_not_exists(#call)",\n                {**values,',
        'attribute_exists(callsStarted)",\n                {**values,',
    ),
    _one(
        "a throttling that counts again",
        _ATTEMPTS,
        'attribute_not_exists(#noted)",',
        'attribute_exists(attempts)",',
    ),
    _one(
        "tokens counted twice",
        _ATTEMPTS,
        "            raise\n        return True\n",
        "            raise\n        self.end_call(execution_id, action_id, call + 100, usage)\n"
        "        return True\n",
    ),
    _one(
        "an end that overwrites an end",
        _RECORDS,
        "expression, condition, values)",
        "expression, 'attribute_exists(pk)', {**values})",
    ),
    _one(
        "a time-out that no one ends",
        "handlers.executions.reconcile",
        '    "TIMED_OUT": Ending(ErrorCode.EXECUTION_TIMED_OUT, ExecutionStatus.TIMED_OUT),\n',
        "",
    ),
    _one("a late record is not barred", _FINISH, "        stores.records.bar(execution_id)\n", ""),
    _one(
        "a stranger may cancel",
        "handlers.executions.cancel",
        "if record is None or record.user_id != user_id:",
        "if record is None:",
    ),
    _one(
        "a user's text in the log",
        _WORKER,
        '"repairing the answer", problems=problems)',
        '"repairing the answer", problems=problems, of=str(item.context))',
    ),
    _one(
        "a dead start keeps the lock",
        "handlers.executions.reconcile",
        "        return end_unknown(stores, lock)\n    ending",
        "        return None\n    ending",
    ),
    _one(
        "budget taken without condition",
        _TURNS,
        '"(attribute_not_exists(paidUntil) AND :seen = :zero) OR paidUntil = :seen"',
        '":zero <= :seen OR paidUntil = :seen"',
    ),
    _one(
        "a lost payment is made again",
        _ADMISSION,
        "if budget and request",
        "if not True and request",
    ),
    _one(
        "let in without paying",
        _ADMISSION,
        "if turns.pay(budget, begins + request.tokens / rate, request.execution_id):",
        "if budget:",
    ),
    _one("ticket kept at an end", _FINISH, "if record and record.turn:", "if record and not True:"),
    _one("the last comes first", _TURNS, "{milliseconds:013d}", "{10**13 - milliseconds:013d}"),
    _one(
        "one user's goals count at once",
        _TURNS,
        '":spacing": _milliseconds(spacing)}',
        '":spacing": 0}',
    ),
    _one(
        "whose turn has come is passed",
        _ADMISSION,
        "return max([begins + tokens / rate - now, *looks])",
        "return begins + tokens / rate - now",
    ),
    _one(
        "tickets of the dead stay",
        _ADMISSION,
        "left = [each for each in queue.before if each.until < now]",
        "left = [each for each in queue.before if not True]",
    ),
    _one(
        "an end that knows no late items",
        _RECORDS,
        "OR itemCount <= :items)",
        "OR itemCount >= :items)",
        first=6100,
    ),
    _one(
        "a late wait is shown",
        _RECORDS,
        "AND attribute_not_exists(itemCount)",
        "AND attribute_exists(pk)",
        first=7050,
    ),
    _one("status without the wait", _RECORDS, "SET turnAt = :at,", "SET waitsUntil = :at,"),
)


@contextmanager
def applied(mutant: Mutant) -> Generator[None]:
    """Make the mistake for a while."""
    undo: list[Any] = []
    try:
        for module, before, after in mutant.changes:
            undo += _changed(importlib.import_module(module), before, after)
        yield
    finally:
        for owner, name, value in reversed(undo):
            setattr(owner, name, value)


def _changed(module: ModuleType, before: str, after: str) -> list[tuple[Any, str, Any]]:
    """Exchange what differs; what to set to undo it."""
    source = inspect.getsource(module)
    assert source.count(before) == 1, f"{module.__name__} has {before!r} {source.count(before)}x"
    names: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__}
    changed = source.replace(before, after)
    # dataclasses look their module up while they are made
    exec(compile(changed, str(module.__file__), "exec", dont_inherit=True), names)
    undo = list(_exchanged(module, vars(module), names))
    assert undo, f"{module.__name__}: nothing differs"
    return undo


def _exchanged(owner: Any, old: Any, new: Any) -> Iterator[tuple[Any, str, Any]]:
    module = new.get("__module__", new.get("__name__"))
    for name, value in list(old.items()):
        other = new.get(name)
        if isinstance(value, FunctionType) and isinstance(other, FunctionType):
            if _text(value) != _text(other):
                yield value, "__code__", value.__code__
                value.__code__ = other.__code__
        elif isinstance(value, type) and isinstance(other, type):
            if value.__module__ == module:
                yield from _exchanged(value, vars(value), vars(other))
        elif isinstance(value, str | dict) and name.isupper() and value != other:
            yield owner, name, value
            setattr(owner, name, other)


def _text(function: FunctionType) -> tuple[bytes, list[str], tuple[str, ...]]:
    """What a function does, without its lines' numbers."""
    code = function.__code__
    constants = [repr(each) for each in code.co_consts if not inspect.iscode(each)]
    return code.co_code, constants, code.co_names


def seeds_until_found(mutant: Mutant, most: int = SEEDS_AT_MOST) -> tuple[int, str] | None:
    """How many seeds the simulation takes, and what it finds; None if it finds nothing."""
    with applied(mutant):
        for number in range(most):
            try:
                if broken := simulate(mutant.first + number).broken:
                    return number + 1, broken[0]
            except Exception as error:
                return number + 1, f"defect: {type(error).__name__}"
    return None


def main() -> None:
    print("| mutant | seeds | what it finds |\n|---|---|---|")
    for mutant in MUTANTS:
        if len(sys.argv) > 1 and sys.argv[1] not in mutant.name:
            continue
        seeds, sentence = seeds_until_found(mutant) or ("NOT FOUND", "")
        where = f" from {mutant.first}" if mutant.first else ""
        print(f"| {mutant.name} | {seeds}{where} | {sentence} |", flush=True)


if __name__ == "__main__":
    main()

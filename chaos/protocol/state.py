"""The model's state: what database, table and Step Functions hold of one goal.

Executions and actions are numbers. Every value is hashable, so that states can be compared.
"""

from collections.abc import Callable
from typing import NamedTuple

ABSENT, OPEN, GENERATED, SAVED, FAILED, CANCELLED = (
    "-",
    "open",
    "generated",
    "saved",
    "failed",
    "cancelled",
)
LOST = "lost"
"""Status of an action: OPEN stands for PENDING and GENERATING; CANCELLED for FAILED with that
code; LOST for an action that was generated and then failed without a cancel, which must not be."""

START_FAILED = "START_FAILED"
BARRED = "barred"
"""Of a record that may not come any more: it is read as none."""


class Row(NamedTuple):
    """The goal's row in `goal_workflows`.

    is_old: older than a start may take. version: stands for `updated_at`, counted by starts alone.
    """

    state: str = "DRAFT"
    holder: int | None = None
    phase: str | None = None
    previous: str | None = None
    is_old: bool = False
    version: int = 0


class Item(NamedTuple):
    """A work item. calls: answered model calls, accounted for."""

    status: str = ABSENT
    calls: int = 0


class Execution(NamedTuple):
    """A record, its work items, and what Step Functions knows.

    record: status, START_FAILED or CANCELLED; None without one. spent: the calls in the record.
    machine: RUNNING, SUCCEEDED, DEAD (failed, timed out, stopped); None if never started.
    stage: the state in which the machine is. wanted: the actions to do.
    """

    record: str | None = None
    saved: int = 0
    spent: int = 0
    is_retry: bool = False
    machine: str | None = None
    stage: str = "prepare"
    wanted: tuple[int, ...] = ()
    items: tuple[Item, ...] = ()


class State(NamedTuple):
    """All that exists, and how far each process is.

    tasks: of each action, pairs of the execution that saved them and whether a user took one up.
    key: the execution that the idempotency key has; shared: by several
    requests. row_locked_by: a process in a transaction that
    lasts several steps. timed: processes that touched the lock and live at most as long as a
    start's grace. faults: how many more steps may fail. processes: 0 before the first step, then a
    position, at the end the answer.
    """

    row: Row
    executions: tuple[Execution, ...]
    tasks: tuple[tuple[tuple[int, bool], ...], ...]
    key: int | None
    is_key_shared: bool
    row_locked_by: int | None
    timed: frozenset[int]
    faults: int
    processes: tuple[int | str, ...]


Condition = Callable[[str, bool], bool]
"""`holds(name, value)`: the value; in the mutant that lacks this condition, True."""


def with_execution(state: State, number: int, **changes: object) -> State:
    """The state with one execution changed."""
    executions = list(state.executions)
    executions[number] = executions[number]._replace(**changes)  # pyright: ignore[reportArgumentType]
    return state._replace(executions=tuple(executions))


def with_item(state: State, number: int, action: int, item: Item) -> State:
    """The state with one work item changed."""
    items = list(state.executions[number].items)
    items[action] = item
    return with_execution(state, number, items=tuple(items))


def calls(execution: Execution) -> int:
    """All answered calls of an execution."""
    return sum(item.calls for item in execution.items)

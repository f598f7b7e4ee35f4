"""Preparing an execution: one work item an action, and how the work is cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.contract.statuses import Phase
from handlers.storage import goals, locks
from handlers.storage.wiring import Stores


class NothingToDoError(Exception):
    """The goal, or those of its actions that were asked for, are gone."""


@dataclass(frozen=True)
class Limits:
    """How long an execution may take, and how many actions one save takes."""

    timeout_seconds: int
    batch_size: int


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    action_ids: in the order of the mandala.
    deadline: when the execution times out, in epoch seconds.
    """

    action_ids: list[str]
    batches: list[list[str]]
    deadline: int


def prepare(
    stores: Stores,
    goal_id: str,
    execution_id: str,
    only: Sequence[str] | None,
    *,
    started_at: datetime,
    limits: Limits,
) -> Plan:
    """Write the work items and say what is to be done.

    only: of these actions; None: of all that the goal has now.
    Raises FencedError if the execution was cancelled or has ended, NothingToDoError.
    """
    # The goal's row stays locked while the items are written: a cancel comes before or after all.
    with stores.database.transaction() as connection:
        locks.hold(connection, goal_id, execution_id, Phase.GENERATING)
        contexts = goals.contexts(connection, goal_id, only)
        if not contexts:
            raise NothingToDoError(f"goal {goal_id} has none of the actions any more")
        stores.work_items.add(execution_id, contexts)
    stores.records.expect(execution_id, len(contexts))
    action_ids = list(contexts)
    return Plan(
        action_ids=action_ids,
        batches=in_batches(action_ids, limits.batch_size),
        deadline=int((started_at + timedelta(seconds=limits.timeout_seconds)).timestamp()),
    )


def in_batches(action_ids: Sequence[str], size: int) -> list[list[str]]:
    """The ids in order, `size` at a time."""
    return [list(action_ids[first : first + size]) for first in range(0, len(action_ids), size)]

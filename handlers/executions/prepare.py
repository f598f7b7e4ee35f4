"""Preparing an execution: a work item for each action, and the batches that saves take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.contract.statuses import Phase
from handlers.executions.errors import NothingToDoError
from handlers.storage import goals, locks
from handlers.storage.stores import Stores


@dataclass(frozen=True)
class Limits:
    """How long an execution may take, and how many actions one save takes."""

    timeout_seconds: int
    batch_size: int

    def deadline(self, started_at: datetime) -> int:
        """When the execution times out, in epoch seconds."""
        return int((started_at + timedelta(seconds=self.timeout_seconds)).timestamp())


@dataclass(frozen=True)
class Plan:
    """The actions of an execution.

    action_ids: in the order of the mandala. batches: the same ids, as many as one save takes.
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
    """Add the work items and return the plan.

    only: ids of the actions to do; None for all that the goal has now.
    Raises FencedError if the execution was cancelled or has ended, NothingToDoError.
    """
    # The goal's row stays locked meanwhile: a cancel comes before the first item or after the last.
    with stores.database.transaction() as connection:
        locks.hold(connection, goal_id, execution_id, Phase.GENERATING)
        contexts = goals.contexts(connection, goal_id, only)
        if not contexts:
            raise NothingToDoError(f"goal {goal_id} has none of the actions any more")
        stores.work_items.add(execution_id, contexts)
    stores.records.set_total(execution_id, len(contexts))
    action_ids = list(contexts)
    return Plan(
        action_ids=action_ids,
        batches=in_batches(action_ids, limits.batch_size),
        deadline=limits.deadline(started_at),
    )


def in_batches(action_ids: Sequence[str], size: int) -> list[list[str]]:
    """The ids in order, `size` at a time."""
    return [list(action_ids[first : first + size]) for first in range(0, len(action_ids), size)]

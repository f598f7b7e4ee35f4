"""Saving generated tasks: one batch of actions in one transaction under the goal's lock."""

from collections.abc import Sequence

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import ActionStatus, Phase
from handlers.storage import locks, saved_tasks
from handlers.storage.saved_tasks import SaveOutcome
from handlers.storage.stores import Stores


def save_batch(
    stores: Stores, goal_id: str, execution_id: str, action_ids: Sequence[str]
) -> SaveOutcome:
    """Save those of the actions that are generated and not saved yet; the phase becomes SAVING.

    Raises FencedError if the execution was cancelled or has ended.
    """
    results = stores.work_items.generated(execution_id, action_ids)
    if not results:
        return SaveOutcome([], [], {})
    with stores.database.transaction() as connection:
        lock = locks.hold(connection, goal_id, execution_id, Phase.GENERATING, Phase.SAVING)
        locks.enter(connection, lock, Phase.SAVING)
        outcome = saved_tasks.save(connection, execution_id, goal_id, results)
    mark_outcome(stores, execution_id, outcome)
    return outcome


def mark_outcome(stores: Stores, execution_id: str, outcome: SaveOutcome) -> None:
    """Write the outcome of a save to the work items."""
    generated = (ActionStatus.GENERATED,)
    stores.work_items.mark_saved(execution_id, outcome.saved)
    for action_id in outcome.missing:
        stores.work_items.fail(
            execution_id, action_id, ErrorCode.ACTION_NOT_FOUND, only_from=generated
        )
    for action_id, reason in outcome.refused.items():
        stores.work_items.fail(
            execution_id, action_id, ErrorCode.SAVE_FAILED, only_from=generated, detail=reason
        )

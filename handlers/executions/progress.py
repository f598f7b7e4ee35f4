"""The progress of an execution, counted from its work items alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import ActionStatus
from handlers.storage.models import ActionProgress

_SUCCEEDED = (ActionStatus.GENERATED, ActionStatus.SAVED)


@dataclass(frozen=True)
class Progress:
    """Counts of actions.

    total: all of the execution's.
    processed: generated or failed for good; never falls, never exceeds the total.
    """

    total: int
    processed: int

    @property
    def percentage(self) -> int:
        """Processed of total, rounded down: 100 means all."""
        return 100 * self.processed // self.total if self.total else 0


def count_progress(items: Iterable[ActionProgress], *, expected: int = 0) -> Progress:
    """Count the work items; `expected` is the total until Prepare has written them all."""
    items = list(items)
    return Progress(
        total=max(len(items), expected),
        processed=sum(_is_processed(item) for item in items),
    )


def has_failed(item: ActionProgress) -> bool:
    """Whether an action failed for good. A cancelled action has not failed."""
    return item.status == ActionStatus.FAILED and item.error_code != ErrorCode.CANCELLED


def _is_processed(item: ActionProgress) -> bool:
    # An action that was generated and then cancelled still counts, so that progress never falls.
    return item.status in _SUCCEEDED or has_failed(item) or item.task_count > 0

"""How far an execution is, from its work items alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.contract import ActionStatus
from handlers.work import WorkItem

_PROCESSED = (ActionStatus.GENERATED, ActionStatus.SAVED, ActionStatus.FAILED)


@dataclass(frozen=True)
class Progress:
    """Counts of actions.

    total: all of the execution's.
    processed: generated or finally failed; never falls, never exceeds the total.
    failed: of the processed, those that failed for good.
    in_flight: being generated, waits between attempts included.
    """

    total: int
    processed: int
    failed: int
    in_flight: int

    @property
    def percentage(self) -> int:
        """Processed of total, rounded down: 100 means all."""
        return 100 * self.processed // self.total if self.total else 0


def count_progress(items: Iterable[WorkItem], *, expected: int = 0) -> Progress:
    """Progress by the work items; `expected` is the total until there are any (before Prepare)."""
    statuses = [item.status for item in items]
    return Progress(
        total=len(statuses) or expected,
        processed=sum(status in _PROCESSED for status in statuses),
        failed=statuses.count(ActionStatus.FAILED),
        in_flight=statuses.count(ActionStatus.GENERATING),
    )

"""The progress of an execution."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.statuses import ActionStatus
from handlers.executions.progress import Progress, count_progress
from handlers.storage.models import ActionProgress


def items(statuses: list[ActionStatus]) -> list[ActionProgress]:
    return [ActionProgress(str(n), status) for n, status in enumerate(statuses)]


def test_progress_counts_each_status() -> None:
    progress = count_progress(items(list(ActionStatus)))
    assert progress == Progress(total=5, processed=3)
    assert progress.percentage == 60


def test_before_there_are_work_items_the_expected_total_counts() -> None:
    assert count_progress([], expected=64) == Progress(64, 0)
    assert count_progress([]).percentage == 0


def test_the_total_does_not_change_while_the_work_items_are_written() -> None:
    written = [items([ActionStatus.PENDING] * count) for count in (0, 25, 50, 64)]
    assert {count_progress(each, expected=64).total for each in written} == {64}


@given(st.lists(st.sampled_from(ActionStatus), min_size=1, max_size=64))
def test_progress_is_100_percent_only_when_all_are_processed(statuses: list[ActionStatus]) -> None:
    progress = count_progress(items(statuses), expected=len(statuses))
    assert 0 <= progress.processed <= progress.total == len(statuses)
    is_complete = not {ActionStatus.PENDING, ActionStatus.GENERATING} & set(statuses)
    assert (progress.percentage == 100) == is_complete

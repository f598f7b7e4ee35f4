"""The bounds that `make bench` compares a measured execution with."""

from hypothesis import given
from hypothesis import strategies as st

from bench.scheduling import list_schedule, nested_batches

DURATIONS = st.lists(st.floats(0.01, 100), min_size=1, max_size=80)
AT_ONCE = st.integers(1, 40)


def test_a_free_place_takes_the_next_call() -> None:
    assert list_schedule([3, 1, 1, 1], at_once=2) == 3


def test_nested_batches_wait_for_the_slowest_of_each() -> None:
    durations = [10, 1, 1, 1, 1, 10]
    nested = nested_batches(durations, batch_size=2, batches_at_once=1, actions_at_once=2)
    assert nested == 21
    assert list_schedule(durations, at_once=2) == 14


@given(DURATIONS, AT_ONCE)
def test_list_scheduling_stays_within_grahams_bound(durations: list[float], at_once: int) -> None:
    bound = max(sum(durations) / at_once, *durations)  # no schedule is shorter
    makespan = list_schedule(durations, at_once)
    assert bound <= makespan * (1 + 1e-9)
    assert makespan <= bound * (2 - 1 / at_once) * (1 + 1e-9)

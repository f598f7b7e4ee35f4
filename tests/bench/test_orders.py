"""The simulated ways of scheduling 64 calls."""

from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.orders import MODELS, longest_expected_first, measure_orders
from bench.scheduling import hedged_schedule, list_schedule

DURATIONS = st.lists(
    st.integers(1, 1000).map(lambda tenths: tenths / 10), min_size=2, max_size=80, unique=True
)


@given(DURATIONS)
def test_an_oracle_launches_the_longest_first(durations: list[float]) -> None:
    ordered = longest_expected_first(durations, known=1.0, rng=Random(1))
    assert ordered == sorted(durations, reverse=True)


@given(DURATIONS, st.floats(0, 1))
def test_an_order_loses_no_call(durations: list[float], known: float) -> None:
    ordered = longest_expected_first(durations, known, Random(1))
    assert sorted(ordered) == sorted(durations)


def test_the_first_answer_of_two_calls_counts_and_both_are_paid() -> None:
    hedged = hedged_schedule([10, 1], [2, 5], at_once=2, after=3)
    assert hedged.seconds == 5
    assert hedged.second_calls == 1


@given(DURATIONS, st.floats(0.1, 50))
def test_a_second_call_that_takes_as_long_gains_nothing(
    durations: list[float], after: float
) -> None:
    hedged = hedged_schedule(durations, durations, at_once=4, after=after)
    assert hedged.seconds == list_schedule(durations, 4)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_of_latencies_has_a_mean_of_about_one(name: str) -> None:
    rng = Random(7)
    assert mean(MODELS[name](rng) for _ in range(20_000)) == pytest.approx(1, abs=0.15)


def test_nested_batches_cost_time_in_the_median_of_every_model() -> None:
    section = measure_orders(range(10))
    assert all(figure.median > 1 for figure in section.figures)
    assert [len(table.rows) for table in section.tables] == [3, 3, 9]

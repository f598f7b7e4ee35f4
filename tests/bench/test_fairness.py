"""Shares, percentiles and Jain's index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fairness import fair_shares, jain, percentile, waits_of


def test_jains_index_is_one_for_equals_and_one_of_n_for_a_single_winner() -> None:
    assert jain([3, 3, 3]) == 1
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)


def test_nobody_gets_more_than_they_ask_for_and_the_rest_is_shared() -> None:
    assert fair_shares({"a": 1, "b": 10, "c": 10}, 9) == {"a": 1, "b": 4, "c": 4}


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 50), min_size=1), st.integers(0, 2_000))
def test_shares_use_up_the_total_or_all_demand(demands: dict[str, int], total: int) -> None:
    shares = fair_shares(demands, total)
    assert sum(shares.values()) == pytest.approx(min(total, sum(demands.values())))
    assert all(shares[user] <= demand for user, demand in demands.items())


def test_a_percentile_is_a_value_of_the_list() -> None:
    assert [percentile([3, 1, 2, 4], each) for each in (0, 50, 75, 100)] == [1, 2, 3, 4]


def test_a_user_who_is_served_last_lowers_the_index() -> None:
    in_turn = waits_of({"a": [0, 2, 4, 6], "b": [1, 3, 5, 7]})
    one_first = waits_of({"a": [0, 1, 2, 3], "b": [4, 5, 6, 7]})
    assert (in_turn.jain, one_first.jain) == (1, 0.5)
    assert (in_turn.p50, in_turn.longest) == (3, 7)

"""Admission keeps Bedrock from throttling, fairly, for few requests more."""

import pytest

from bench.scale.document import at_once, requests_per_goal, small, transitions_per_goal
from bench.scale.parts import Bedrock
from bench.scale.simulation import Traffic, owners, simulate


def test_at_ten_times_the_load_admission_keeps_throttling_below_one_percent() -> None:
    assert small(10, admission=False, timeout=900).throttle_percent > 90
    admitted = small(10, admission=True)
    assert admitted.throttle_percent < 1
    assert (admitted.failed_actions, admitted.no_turn) == (0, 0)


def test_a_budget_that_is_too_high_is_lowered_by_throttled_calls() -> None:
    assert small(10, admission=True, wrong=2).throttle_percent < 3


def test_below_the_quota_no_goal_waits() -> None:
    assert small(1, admission=True).spread.longest == 0


@pytest.mark.parametrize("goals", [100, 1_000])
def test_the_budget_is_fair_between_users_and_nobody_starves(goals: int) -> None:
    budget, users = 3_400_000, max(goals // 10, 1)
    waits = simulate(Traffic(owners(goals, users), 0, 4_000_000, budget, 86_400, calls=False)).waits
    light = [wait for user, of_user in waits.items() if user != "heavy" for wait in of_user]
    assert len(waits) == users
    assert max(light) < max(waits["heavy"])
    whole = goals * 160_000 / (budget / 60)
    assert max(waits["heavy"]) <= whole


def test_goals_at_once_share_by_jains_index() -> None:
    assert at_once(100).spread.jain > 0.95


def test_waiting_costs_at_most_a_twentieth_of_the_requests() -> None:
    assert requests_per_goal(100) / requests_per_goal(1) <= 1.05
    assert transitions_per_goal(1) <= 1.25 * 64


def test_a_goal_whose_turn_comes_after_its_deadline_fails_and_the_others_do_not() -> None:
    outcome = small(10, admission=True, timeout=900)
    assert outcome.no_turn > 0
    assert outcome.spread.longest <= 780
    assert outcome.failed_actions == 0


def test_the_same_seed_gives_the_same_outcome() -> None:
    traffic = Traffic(owners(20, 4), 60, 200_000, 0)
    assert simulate(traffic) == simulate(traffic)


def test_a_call_takes_its_maximum_of_the_quota_until_it_ends() -> None:
    bedrock = Bedrock(6_000)
    assert bedrock.start(5_800, 0)
    assert not bedrock.start(5_800, 1)
    bedrock.end(5_700)
    assert bedrock.start(5_800, 1)
    assert (bedrock.calls, bedrock.throttled) == (3, 1)

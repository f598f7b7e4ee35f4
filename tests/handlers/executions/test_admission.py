"""Executions share a token budget: who is let in, who waits, and for how long."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.executions.admission import (
    BURST_SECONDS,
    SPACING_SECONDS,
    SURE_SECONDS,
    TOKENS_PER_ACTION,
    NoTurnError,
    Request,
    Wait,
    seconds_until,
    take_turn,
    wait_for_turn,
)
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.turn_budget import Budget
from handlers.storage.turns import READ_ITEMS, Queue, Ticket, Turns
from tests.handlers.world import ProductGoal, World

NOW = 1_800_000_000.0
FAR = 4_000_000_000
ACTIONS = 64
PER_MINUTE = 10 * ACTIONS * TOKENS_PER_ACTION
"""Ten goals a minute: one every six seconds."""
EACH = 6.0


@pytest.fixture
def turns(world: World) -> Turns:
    return world.stores.turns


def request(
    name: str, *, user: str = "u", ticket: str | None = None, latest: float = NOW + 9_999
) -> Request:
    return Request(name, user, ACTIONS * TOKENS_PER_ACTION, ticket, latest)


def ask(turns: Turns, asked: Request, now: float = NOW) -> Wait | None:
    return take_turn(turns, PER_MINUTE, asked, turns.read(asked.ticket), now)


def waits(turns: Turns, names: Sequence[str], user: str = "u", now: float = NOW) -> list[Wait]:
    found = [ask(turns, request(name, user=user), now) for name in names]
    return [each for each in found if each]


def test_an_execution_is_let_in_at_once_while_the_budget_has_room(turns: Turns) -> None:
    assert ask(turns, request("a")) is None
    assert ask(turns, request("b"), NOW + EACH) is None
    assert turns.read().before == []


def test_a_short_burst_is_let_in_and_the_next_waits_for_its_share(turns: Turns) -> None:
    found = waits(turns, ["a", "b", "c", "d"])
    # A budget unused for 10 s has room for two, which leave 2 s to be paid.
    assert [round(each.turn_in) for each in found] == [2, 8]
    assert [each.seconds for each in found] == [2, 8]


def test_an_execution_that_waited_is_let_in_when_it_looks_again(turns: Turns) -> None:
    _, third = waits(turns, ["a", "b", "c", "d"])
    first = turns.read().before[0]
    assert ask(turns, request("c", ticket=first.key), NOW + 2) is None
    assert ask(turns, request("d", ticket=third.ticket), NOW + 8) is None
    assert turns.read().before == []


def test_no_execution_passes_those_that_wait(turns: Turns) -> None:
    waits(turns, ["a", "b", "c"])
    late = ask(turns, request("late", user="other"), NOW + 5)
    assert late
    assert late.turn_in > 0


def test_a_user_with_one_goal_waits_less_than_one_with_many(turns: Turns) -> None:
    waits(turns, ["a", "b"])
    many = waits(turns, [f"many-{number}" for number in range(10)], user="many")
    one = ask(turns, request("one", user="one"), NOW + 1)
    assert one
    assert one.turn_in < many[1].turn_in
    assert one.turn_in == pytest.approx(2 - 1 + EACH)  # behind the first of the many


def test_the_goals_of_a_user_count_a_minute_after_each_other_only_while_they_wait(
    turns: Turns,
) -> None:
    waits(turns, [f"x{number}" for number in range(5)])
    keys = [float(each.key.partition("#")[0]) / 1000 for each in turns.read().before]
    assert keys == [NOW, NOW + SPACING_SECONDS, NOW + 2 * SPACING_SECONDS]
    later = NOW + 3 * SPACING_SECONDS
    assert turns.line_up("u", "y", later + 1, SPACING_SECONDS).startswith(f"{later + 1:.0f}000#")


def test_a_ticket_that_nobody_renews_is_no_longer_counted(turns: Turns) -> None:
    waits(turns, [f"dead-{number}" for number in range(6)])
    assert ask(turns, request("next", user="other"), NOW + 600) is None


def test_a_long_wait_is_looked_after_before_its_end(turns: Turns) -> None:
    turns.pay(Budget(), NOW + 2 * SURE_SECONDS, "others")
    (found,) = waits(turns, ["a"])
    assert found.turn_in == 2 * SURE_SECONDS
    assert found.seconds == 0.95 * 2 * SURE_SECONDS


def test_behind_a_long_queue_the_turn_follows_from_what_the_farthest_seen_expects(
    turns: Turns,
) -> None:
    for number in range(READ_ITEMS):
        key = f"{NOW * 1000:013.0f}#{number:03d}"
        turns.keep(Ticket(key, ACTIONS * TOKENS_PER_ACTION, NOW + number * EACH, NOW + 9_999))
    queue = turns.read()
    assert (queue.budget, len(queue.before)) == (None, READ_ITEMS)
    (found,) = waits(turns, ["behind"])
    assert found.turn_in == pytest.approx(READ_ITEMS * EACH)
    assert turns.read(found.ticket).mine is not None


def test_an_execution_that_looks_again_asks_nothing_of_its_record(
    world: World, goal: ProductGoal, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = world.start(goal)
    world.stores.turns.pay(Budget(), FAR - 9_000, "others")
    first = wait_for_turn(world.stores, PER_MINUTE, execution, None, FAR)
    assert first
    monkeypatch.delattr(ExecutionRecords, "get")
    again = wait_for_turn(world.stores, PER_MINUTE, execution, first.ticket, FAR)
    assert again
    assert again.ticket == first.ticket


def test_an_execution_whose_turn_comes_too_late_fails_at_once(turns: Turns) -> None:
    waits(turns, ["a", "b", "c"])
    with pytest.raises(NoTurnError, match=r"execution d would come in 8 s, 3 s too late"):
        ask(turns, request("d", latest=NOW + 5))
    assert len(turns.read().before) == 1


def test_the_budget_is_lower_after_a_throttled_call_and_comes_back(turns: Turns) -> None:
    turns.note_throttling(NOW)
    turns.note_throttling(NOW + 1)  # of a call that was in flight
    queue = turns.read()
    assert queue.budget
    assert queue.budget.share == pytest.approx(0.7)
    assert queue.budget.share_at(NOW + 3600) == 1
    ask(turns, request("a"))
    paid = turns.budget().paid_until
    assert paid == pytest.approx(NOW - BURST_SECONDS + EACH / 0.7, abs=0.01)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 100))
def test_a_share_stays_between_a_tenth_and_the_whole(first: float, then: float, cuts: int) -> None:
    budget, now = Budget(), NOW + first
    for _ in range(cuts):
        budget = budget.cut(now) or budget
        now += 15
        assert 0.1 <= budget.share_at(now) <= 1
    assert budget.share_at(now + then) >= budget.share_at(now)


@given(st.lists(st.integers(1, 99), max_size=20), st.integers(0, 20))
def test_the_turn_comes_after_what_those_before_take(sizes: list[int], place: int) -> None:
    later = NOW + 1
    tickets = [Ticket(f"{number:03d}", size, later, later) for number, size in enumerate(sizes)]
    found = seconds_until(Queue(Budget(NOW), None, tickets[:place]), 2, NOW)
    assert found == pytest.approx(sum(sizes[:place]) / 2)


def test_a_waiting_execution_notes_its_turn_and_a_prepared_one_forgets_it(
    world: World, goal: ProductGoal
) -> None:
    execution = world.start(goal)
    world.stores.turns.pay(Budget(), FAR - 9_000, "others")  # others have used the budget up
    assert wait_for_turn(world.stores, PER_MINUTE, execution, None, FAR)
    turn_at = datetime.fromisoformat(world.record(execution).turn_at or "")
    assert turn_at.timestamp() == pytest.approx(FAR - 9_000, abs=1)
    world.prepare(goal, execution)
    assert world.record(execution).turn_at is None


def test_an_execution_that_has_ended_waits_for_nothing(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.cancel(goal, execution)
    assert wait_for_turn(world.stores, PER_MINUTE, execution, None, FAR) is None
    assert world.stores.turns.read() == Queue(Budget(), None, [])

"""Admission when answers are lost, functions die and executions end while they wait."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.executions.admission import PATIENCE_SECONDS, take_turn, wait_for_turn
from handlers.storage.database import Database
from handlers.storage.errors import DatabaseUnavailableError, FencedError
from handlers.storage.execution_records import ExecutionRecord, ExecutionRecords
from handlers.storage.turn_budget import Budget
from handlers.storage.turns import READ_ITEMS, Ticket, Turns
from tests.handlers.executions.test_admission import (
    EACH,
    FAR,
    NOW,
    PER_MINUTE,
    ask,
    request,
    waits,
)
from tests.handlers.world import ProductGoal, World

HOUR = 3600


@pytest.fixture
def turns(world: World) -> Turns:
    return world.stores.turns


def used_up(world: World, seconds: float = 9_000) -> None:
    world.stores.turns.pay(world.stores.turns.budget(), FAR - seconds, "others")


def wait(world: World, execution: str, ticket: str | None = None) -> str:
    """It has to wait; its ticket."""
    found = wait_for_turn(world.stores, PER_MINUTE, execution, ticket, FAR)
    assert found
    return found.ticket


def test_an_execution_whose_payment_was_answered_to_nobody_pays_once(turns: Turns) -> None:
    assert ask(turns, request("a")) is None
    paid = turns.budget()
    assert ask(turns, request("a"), NOW + 1) is None
    assert turns.budget() == paid


def test_an_execution_that_paid_and_died_takes_its_ticket_out(turns: Turns) -> None:
    waits(turns, ["a", "b", "c"])
    [ticket] = turns.read().before
    turns.pay(turns.budget(), NOW + EACH, "c")
    assert ask(turns, request("c", ticket=ticket.key), NOW + 1) is None
    assert turns.read().before == []


def test_the_last_payers_are_kept_however_many_there_were(turns: Turns) -> None:
    for number in range(40):
        turns.pay(turns.budget(), NOW + number, f"x{number}")
    assert turns.budget().payers == tuple(f"x{number}" for number in range(15, 40))


def test_an_execution_whose_ticket_was_answered_to_nobody_keeps_its_place(
    world: World, goal: ProductGoal
) -> None:
    used_up(world)
    execution = world.start(goal)
    ticket = wait(world, execution)
    assert wait(world, execution) == ticket
    assert [each.key for each in world.stores.turns.read().before] == [ticket]


def test_tickets_that_nobody_renewed_are_taken_out_and_hide_no_budget(turns: Turns) -> None:
    for number in range(READ_ITEMS):
        turns.keep(Ticket(f"{number:013d}#dead{number}", 1, NOW - HOUR, NOW - HOUR))
    assert turns.read().budget is None
    assert ask(turns, request("a")) is None
    assert turns.read().before == []


def test_whose_turn_has_come_is_passed_only_when_it_does_not_look(turns: Turns) -> None:
    small = replace(request("small"), tokens=1)
    turns.pay(Budget(), NOW, "others")
    assert take_turn(turns, PER_MINUTE, small, turns.read(), NOW - 1)
    late = ask(turns, request("late", user="other"), NOW + 1)
    assert late
    assert late.seconds == PATIENCE_SECONDS - 1
    assert ask(turns, request("late", ticket=late.ticket), NOW + PATIENCE_SECONDS) is None


def test_the_ticket_of_a_cancelled_execution_counts_no_longer(
    world: World, goal: ProductGoal
) -> None:
    used_up(world)
    execution = world.start(goal)
    ticket = wait(world, execution)
    world.cancel(goal, execution)
    assert world.stores.turns.read(ticket).mine is None
    assert wait_for_turn(world.stores, PER_MINUTE, execution, ticket, FAR) is None
    assert "others" in world.stores.turns.budget().payers
    assert execution not in world.stores.turns.budget().payers


def test_an_execution_that_was_stopped_while_it_waited_leaves_no_ticket(
    world: World, goal: ProductGoal
) -> None:
    used_up(world)
    execution = world.start(goal)
    ticket = wait(world, execution)
    world.end_in_step_functions(execution, "ABORTED")
    world.reconcile(execution)
    assert world.stores.turns.read(ticket).mine is None


def test_an_execution_that_ends_while_the_database_is_away_leaves_no_ticket(
    world: World, goal: ProductGoal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by chaos/simulation: the record had ended, and its lock could not be released."""
    used_up(world)
    execution = world.start(goal)
    ticket = wait(world, execution)
    end = ExecutionRecords.end

    def the_last_before_the_outage(*given: Any, **named: Any) -> bool:
        monkeypatch.setattr(Database, "transaction", away)
        return end(*given, **named)

    def away(_: Database) -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(ExecutionRecords, "end", the_last_before_the_outage)
    with pytest.raises(DatabaseUnavailableError):
        world.cancel(goal, execution)
    assert world.record(execution).status == "ABORTED"
    assert world.stores.turns.read(ticket).mine is None


def test_an_execution_that_ends_while_it_looks_leaves_no_ticket(
    world: World, goal: ProductGoal, monkeypatch: pytest.MonkeyPatch
) -> None:
    used_up(world)
    execution = world.start(goal)
    running = world.record(execution)
    world.cancel(goal, execution)

    def seen_before_the_cancel(*_: object) -> ExecutionRecord:
        return running

    monkeypatch.setattr(ExecutionRecords, "get", seen_before_the_cancel)
    with pytest.raises(FencedError):
        wait_for_turn(world.stores, PER_MINUTE, execution, None, FAR)
    assert world.stores.turns.read().before == []

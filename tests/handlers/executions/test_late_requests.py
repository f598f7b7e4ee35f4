"""Requests of the table that were given up, and arrive when others have gone on.

Each was found by chaos/simulation.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handlers.contract.clock import utc_now
from handlers.executions.admission import wait_for_turn
from handlers.storage import goals
from handlers.storage.errors import FencedError
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.models import ActionProgress
from handlers.storage.turn_budget import Budget
from handlers.storage.work_items import WorkItems
from tests.handlers.world import TABLE_NAME, ProductGoal, World

PER_MINUTE = 60_000
FAR = 4_000_000_000


@pytest.fixture
def execution(world: World, goal: ProductGoal) -> str:
    """A running execution, whose Prepare had no answer of the table."""
    return world.start(goal)


def add_items(world: World, goal: ProductGoal, execution: str) -> None:
    """What Prepare asked for arrives."""
    with world.stores.database.transaction() as connection:
        contexts = goals.contexts(connection, goal.goal_id)
    world.work_items.add(execution, contexts)


def cancelled(world: World, goal: ProductGoal, execution: str) -> None:
    world.cancel(goal, execution)


def stopped(world: World, goal: ProductGoal, execution: str) -> None:
    world.end_in_step_functions(execution, "ABORTED")
    world.reconcile(execution)


@pytest.fixture(params=["before the record ends", "after the items that end were read"])
def arrival(
    request: pytest.FixtureRequest,
    world: World,
    goal: ProductGoal,
    execution: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the work items of the execution come."""
    if request.param == "before the record ends":
        end = ExecutionRecords.end

        def end_later(*given: object, **named: object) -> bool:
            monkeypatch.setattr(ExecutionRecords, "end", end)
            add_items(world, goal, execution)
            return end(*given, **named)  # pyright: ignore

        monkeypatch.setattr(ExecutionRecords, "end", end_later)
    else:
        progress = WorkItems.progress

        def read_first(work_items: WorkItems, execution_id: str) -> list[ActionProgress]:
            monkeypatch.setattr(WorkItems, "progress", progress)
            read = progress(work_items, execution_id)
            add_items(world, goal, execution)
            return read

        monkeypatch.setattr(WorkItems, "progress", read_first)


@pytest.mark.usefixtures("arrival")
@pytest.mark.parametrize("end", [cancelled, stopped])
def test_work_items_that_come_while_an_execution_ends_end_before_its_record(
    world: World,
    goal: ProductGoal,
    execution: str,
    end: Callable[[World, ProductGoal, str], None],
) -> None:
    end(world, goal, execution)
    assert world.statuses(execution) == ["FAILED"] * 4
    record = world.record(execution)
    assert (record.status, record.total_actions) == ("ABORTED", 4)
    ended_at = [item.ended_at for item in world.work_items.of(execution)]
    assert all(each and each <= (record.stopped_at or "") for each in ended_at)
    assert world.lock(goal.goal_id)[1] is None


def test_an_end_that_was_decided_without_the_work_items_comes_to_nothing(
    world: World, goal: ProductGoal, execution: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Callable[[], bool]] = []
    with monkeypatch.context() as patched:

        def give_up(records: ExecutionRecords, *given: object, **named: object) -> bool:
            sent.append(lambda: ExecutionRecords.end(records, *given, **named))  # pyright: ignore
            raise TimeoutError

        patched.setattr(ExecutionRecords, "end", give_up)
        with pytest.raises(TimeoutError):
            world.cancel(goal, execution)
    add_items(world, goal, execution)
    with pytest.raises(Exception, match="4 work items by now"):
        sent[0]()
    assert world.cancel(goal, execution).status == "ABORTED"
    assert world.statuses(execution) == ["FAILED"] * 4


def test_an_execution_ends_though_its_table_has_lost_work_items(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.prepare(goal, execution)
    key = {"pk": {"S": execution}, "sk": {"S": f"action#{goal.action_ids[0]}"}}
    world.dynamodb.delete_item(TableName=TABLE_NAME, Key=key)
    assert world.finish(goal, execution).total_actions == 3


def test_an_execution_that_generates_no_longer_says_that_it_waits(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.prepare(goal, execution)
    in_a_minute = utc_now() + timedelta(minutes=1)
    assert not world.stores.records.wait_for_turn(execution, in_a_minute, "ticket")
    record = world.record(execution)
    assert (record.turn_at, record.turn) == (None, None)
    world.cancel(goal, execution)
    with pytest.raises(FencedError):
        world.stores.records.wait_for_turn(execution, in_a_minute, "ticket")


def test_an_execution_whose_prepare_dies_behind_its_work_items_says_no_longer_that_it_waits(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.stores.records.wait_for_turn(execution, utc_now(), "ticket")
    add_items(world, goal, execution)
    record = world.record(execution)
    assert (record.turn_at, record.turn) == (None, "ticket"), "its end drops the ticket"


def test_an_execution_that_has_its_work_items_waits_no_more(
    world: World, goal: ProductGoal, execution: str
) -> None:
    """A deployment that sets the stack's budget comes between two attempts of Prepare."""
    world.prepare(goal, execution)
    world.stores.turns.pay(Budget(), FAR - 9_000, "others")
    assert wait_for_turn(world.stores, PER_MINUTE, execution, None, FAR) is None
    assert world.stores.turns.read().before == []

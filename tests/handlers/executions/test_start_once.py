"""Requests with one Idempotency-Key start one execution, even if a request dies half-way."""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest

from handlers.contract.statuses import ExecutionStatus
from handlers.executions.errors import AlreadyRunningError, StartPendingError
from handlers.executions.start import StartRequest
from handlers.executions.start_once import start_once
from handlers.executions.state_machine import StartRefusedError, StateMachineUnavailableError
from handlers.storage import idempotency_keys
from handlers.storage.errors import TableUnavailableError
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.idempotency_keys import scoped
from handlers.storage.stores import Stores
from tests.handlers.world import Killed, ProductGoal, World

KEY = scoped("8e03978e", user_id="hanako", purpose="start")


def start(
    world: World, goal: ProductGoal, key: str = KEY, stores: Stores | None = None
) -> ExecutionRecord:
    request = StartRequest(goal.goal_id, goal.user_id)
    return start_once(stores or world.stores, world.machine, request, key)


@contextmanager
def death_before(world: World, step: int) -> Generator[list[str]]:
    """Die before the step-th call of DynamoDB or Step Functions, or just after it was answered."""
    taken: list[str] = []

    def count(moment: str, **_: Any) -> None:
        taken.append(moment)
        if len(taken) == step:
            raise Killed

    def before(**_: Any) -> None:
        count("before")

    def after(**_: Any) -> None:
        count("after")

    clients = [world.dynamodb, world.machine._client]  # pyright: ignore
    for each in clients:
        each.meta.events.register("before-call", before, "before")
        each.meta.events.register("after-call", after, "after")
    try:
        yield taken
    finally:
        for each in clients:
            each.meta.events.unregister("before-call", before, "before")
            each.meta.events.unregister("after-call", after, "after")


def test_the_same_key_starts_one_execution(world: World, goal: ProductGoal) -> None:
    first = start(world, goal)
    assert start(world, goal) == first
    assert world.executions(goal.goal_id) == [first.execution_id]
    with pytest.raises(AlreadyRunningError):
        start(world, goal, "another key")


def test_a_start_that_dies_at_any_step_is_completed_by_the_next_request(world: World) -> None:
    steps = 0
    while True:
        steps += 1
        goal = world.add_goal()
        key = f"key {steps}"
        with death_before(world, steps) as taken:
            try:
                start(world, goal, key)
            except Killed:
                world.stores.database.close()
            else:
                break
        record = start(world, goal, key)
        assert record.status == ExecutionStatus.RUNNING
        assert world.executions(goal.goal_id) == [record.execution_id]
        assert world.lock(goal.goal_id) == ("PROCESSING", record.execution_id, "GENERATING")
        assert start(world, goal, key).execution_id == record.execution_id
    assert steps > len(taken) >= 8  # key, its record, the record, StartExecution: before and after


def test_one_key_from_many_functions_at_once_starts_once(world: World, goal: ProductGoal) -> None:
    functions = [world.another_function() for _ in range(8)]
    barrier = Barrier(len(functions))

    def race(stores: Stores) -> str:
        barrier.wait()
        return start(world, goal, KEY, stores).execution_id

    with ThreadPoolExecutor(len(functions)) as pool:
        started = set(pool.map(race, functions))
    for function in functions:
        function.database.close()
    assert world.executions(goal.goal_id) == list(started)


def test_a_refused_start_leaves_the_key_free(world: World, goal: ProductGoal) -> None:
    other = world.start(goal)
    with pytest.raises(AlreadyRunningError):
        start(world, goal)
    world.prepare(goal, other)
    world.finish(goal, other)
    assert start(world, goal).execution_id != other


def test_a_start_that_step_functions_refused_can_be_repeated_with_its_key(
    world: World, goal: ProductGoal
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.machine, "start", refuse)
        with pytest.raises(StartRefusedError):
            start(world, goal)
    [refused] = world.records()
    record = start(world, goal)
    assert record.execution_id != refused["pk"]
    assert world.executions(goal.goal_id) == [record.execution_id]


def test_a_refused_start_leaves_alone_what_another_request_of_its_key_has_started(
    world: World, goal: ProductGoal
) -> None:
    """Found by chaos/simulation: the execution ran, and its record said that it never started."""
    with pytest.MonkeyPatch.context() as patch:
        begin = world.machine.start

        def start_elsewhere_and_refuse(*arguments: Any, **options: Any) -> None:
            patch.setattr(world.machine, "start", begin)
            start(world, goal)
            raise StartRefusedError("ThrottlingException")

        patch.setattr(world.machine, "start", start_elsewhere_and_refuse)
        with pytest.raises(StartRefusedError):
            start(world, goal)
    [execution_id] = world.executions(goal.goal_id)
    assert world.record(execution_id).status == ExecutionStatus.RUNNING
    assert world.lock(goal.goal_id) == ("PROCESSING", execution_id, "GENERATING")
    assert start(world, goal).execution_id == execution_id


def test_a_start_that_the_sweep_undid_can_be_repeated_with_its_key(
    world: World, goal: ProductGoal
) -> None:
    """The answer of Step Functions was lost, and so was the execution; a sweep ended it."""
    with pytest.MonkeyPatch.context() as patch:

        def lose(*_: object, **__: object) -> None:
            raise StateMachineUnavailableError("ReadTimeoutError")

        patch.setattr(world.machine, "start", lose)
        with pytest.raises(StateMachineUnavailableError):
            start(world, goal)
    world.let_the_grace_pass()
    other = world.start(goal)
    world.prepare(goal, other)
    world.finish(goal, other)
    record = start(world, goal)
    assert record.status == ExecutionStatus.RUNNING
    assert world.executions(goal.goal_id)[-1] == record.execution_id


def test_an_idempotency_key_is_free_again_after_a_day(
    world: World, goal: ProductGoal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency_keys, "LIFETIME", -idempotency_keys.LIFETIME)
    first = start(world, goal)
    world.prepare(goal, first.execution_id)
    world.finish(goal, first.execution_id)
    assert start(world, goal).execution_id != first.execution_id


def test_keys_of_different_callers_or_purposes_are_different() -> None:
    keys = {
        scoped("k", user_id=user, purpose=purpose)
        for user in ("hanako", "taro")
        for purpose in ("start 1", "retry 1")
    }
    assert len(keys) == 4
    assert scoped("k", user_id="hanako", purpose="start 1") in keys


@contextmanager
def meanwhile(owner: object, name: str, act: Callable[[], Any], then: object) -> Generator[None]:
    """Of one call: act, as another function would while it lasts; then its answer or its error."""

    def call(*_: object, **__: object) -> Any:
        patch.undo()
        act()
        if isinstance(then, Exception):
            raise then
        return then

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, call)
        yield


def test_a_start_with_which_another_request_goes_on_is_not_undone(
    world: World, goal: ProductGoal
) -> None:
    other, started = world.another_function(), list[ExecutionRecord]()

    def repeat() -> None:
        started.append(start(world, goal, stores=other))

    error = TableUnavailableError("ReadTimeoutError")
    with meanwhile(world.stores.records, "begin", repeat, error), pytest.raises(type(error)):
        start(world, goal)
    other.database.close()
    [running] = started
    assert world.record(running.execution_id).status == ExecutionStatus.RUNNING
    assert world.lock(goal.goal_id) == ("PROCESSING", running.execution_id, "GENERATING")


def test_a_key_under_which_another_request_has_started_stays(
    world: World, goal: ProductGoal
) -> None:
    other = world.another_function()

    def repeat() -> None:
        start(world, goal, stores=other)

    error = StartRefusedError("ThrottlingException")
    with meanwhile(world.machine, "start", repeat, error), pytest.raises(type(error)):
        start(world, goal)
    other.database.close()
    [execution] = world.executions(goal.goal_id)
    world.prepare(goal, execution)
    world.finish(goal, execution)
    assert start(world, goal).execution_id == execution


def test_a_sweep_leaves_a_start_with_which_a_request_goes_on(
    world: World, goal: ProductGoal
) -> None:
    other = world.another_function()
    with (
        meanwhile(world.stores.records, "begin", lambda: None, KeyError()),
        pytest.raises(KeyError),
    ):
        start(world, goal)  # its process has died
    world.let_the_grace_pass()

    def repeat() -> None:
        start(world, goal, stores=other)

    with meanwhile(world.machine, "status", repeat, None):
        world.sweep()
    other.database.close()
    [execution] = world.executions(goal.goal_id)
    assert world.record(execution).status == ExecutionStatus.RUNNING
    assert world.lock(goal.goal_id) == ("PROCESSING", execution, "GENERATING")


def test_a_start_that_is_being_undone_is_not_gone_on_with(world: World, goal: ProductGoal) -> None:
    other = world.another_function()

    def repeat() -> None:
        with pytest.raises(StartPendingError):
            start(world, goal, stores=other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.machine, "start", refuse)
        with (
            meanwhile(world.stores.records, "end", repeat, False),
            pytest.raises(StartRefusedError),
        ):
            start(world, goal)
    other.database.close()
    assert world.executions(goal.goal_id) == []
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)


def refuse(*_: object, **__: object) -> None:
    raise StartRefusedError("ExecutionLimitExceeded")

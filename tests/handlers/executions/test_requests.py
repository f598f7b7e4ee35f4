"""How many requests an execution makes: each is paid for on AWS, and waited for."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from bench.cost.goal import Goal
from bench.cost.ours import table_requests
from handlers.executions.save import save_batch
from tests.handlers.world import World, client

BATCH = 8


@contextmanager
def counted(service: str) -> Generator[Counter[str]]:
    """The requests of a service's client within, by operation."""
    requests = Counter[str]()

    def count(model: Any, **_: Any) -> None:
        requests[model.name] += 1

    events = client(service).meta.events
    events.register("before-call", count, unique_id="counted")
    try:
        yield requests
    finally:
        events.unregister("before-call", unique_id="counted")


@pytest.mark.parametrize("sub_goals", [1, 2])
def test_an_execution_makes_as_many_table_requests_as_the_cost_model_says(
    world: World, sub_goals: int
) -> None:
    goal = world.add_goal(sub_goals, BATCH)
    with counted("dynamodb") as requests:
        execution = world.start(goal)
        plan = world.prepare(goal, execution)
        for action_id in goal.action_ids:
            world.generate(execution, action_id)
        for batch in plan.batches:
            save_batch(world.stores, goal.goal_id, execution, batch)
        world.finish(goal, execution)
    assert requests == table_requests(Goal(actions=len(goal.action_ids), batch_size=BATCH))


def test_an_action_of_a_whole_goal_takes_less_than_three_table_requests() -> None:
    goal = Goal()
    assert sum(table_requests(goal).values()) / goal.actions < 3


def test_generating_an_action_takes_two_table_requests(world: World) -> None:
    goal = world.add_goal(1, 1)
    execution = world.start(goal)
    world.prepare(goal, execution)
    with counted("dynamodb") as requests:
        world.generate(execution, goal.action_ids[0])
    assert requests == {"UpdateItem": 1, "TransactWriteItems": 1}

"""How many requests of the table and transitions a goal takes, which docs/scale.md counts on."""

from collections import Counter

import pytest

from bench.scale.demand import ACTIONS, BATCHES, TRANSITIONS, table_requests
from components.compute.state_machine_definition import definition
from components.compute.workflow_state_machine import workflow
from components.names import Names
from components.settings import parse
from handlers.executions.admission import wait_for_turn
from handlers.executions.save import save_batch
from tests.handlers.world import World


@pytest.mark.parametrize("tokens", [0, 10_000_000])
def test_a_goal_alone_takes_less_than_three_table_requests_an_action(
    world: World, tokens: int
) -> None:
    goal = world.add_goal(sub_goals=2, actions=4)
    made = Counter[str]()

    def count(model: object, **_: object) -> None:
        made[str(getattr(model, "name", ""))] += 1

    world.dynamodb.meta.events.register("before-call.dynamodb", count, "counted")
    execution = world.start(goal)
    if tokens:
        assert wait_for_turn(world.stores, tokens, execution, None, 4_000_000_000) is None
    plan = world.prepare(goal, execution)
    for action in plan.action_ids:
        world.generate(execution, action)
    for batch in plan.batches:
        save_batch(world.stores, goal.goal_id, execution, batch)
    world.finish(goal, execution)
    world.dynamodb.meta.events.unregister("before-call.dynamodb", unique_id="counted")
    assert made.total() == table_requests(8, batches=1) - (0 if tokens else 3), made
    assert table_requests(ACTIONS, BATCHES) <= 3 * ACTIONS


def test_a_goal_alone_makes_one_and_a_quarter_transitions_an_action() -> None:
    names = Names("dev", "123456789012", "ap-northeast-1")
    configured = {
        "environment": "dev",
        "account_id": "123456789012",
        "region": "ap-northeast-1",
        "database_url": "postgresql://app:secret@db.invalid/goals",
        "jwt_secret": "j" * 32,
        "slack_webhook": "https://slack.invalid/x",
        "admission": '{"tokensPerMinute": 170000}',
    }
    states = definition(workflow(names, parse(configured, {})))["States"]
    name, entered = "Prepare", 0
    items = {"GenerateAll": ACTIONS, "SaveAll": ACTIONS // 8}
    while name:
        entered += 1 + items.get(name, 0)
        state = states[name]
        is_outcome = name == "Outcome"
        name = "NotifySuccess" if is_outcome else state.get("Next") or state.get("Default")
    assert entered == TRANSITIONS
    assert entered <= 1.25 * ACTIONS

"""An execution in the middle of its work."""

import pytest

from tests.handlers.world import ProductGoal, World


@pytest.fixture
def execution(world: World, goal: ProductGoal) -> str:
    """A running execution: one action generated, one in the making, two waiting."""
    execution_id = world.start(goal)
    world.prepare(goal, execution_id)
    world.generate(execution_id, goal.action_ids[0])
    world.attempts.begin(execution_id, goal.action_ids[1], prompt_version="1", model="nova")
    return execution_id

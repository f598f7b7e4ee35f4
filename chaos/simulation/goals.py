"""The goals of a world, as the product keeps them."""

from random import Random

from chaos.simulation.invariants import MARKER
from chaos.simulation.world import World

GOAL_ID = "00000000-0000-4000-8000-00000000000a"
"""The goal that every world has."""

_SHAPES = ((1, 1), (1, 1), (1, 1), (1, 2), (1, 2), (1, 3), (2, 2), (2, 3))
"""Sub-goals, and actions of each."""
_WHOLE_MANDALA = 0.002
"""The share of seeds with all 64 actions."""


def add_goal(world: World, user: str, random: Random) -> list[str]:
    """The goal of this seed; the ids of its actions."""
    shape = (8, 8) if random.random() < _WHOLE_MANDALA else random.choice(_SHAPES)
    world.names[GOAL_ID] = "goal"
    return _add_rows(world, GOAL_ID, user, shape, "a", 0)


def add_other_goal(world: World, number: int, user: str, actions: int) -> str:
    """One of the other goals; its id."""
    goal_id = f"00000000-0000-4000-8000-00000000a{number:03x}"
    world.names[goal_id] = f"goal{number}"
    _add_rows(world, goal_id, user, (1, actions), " bcde"[number], number << 16)
    return goal_id


def _add_rows(  # noqa: PLR0917 - a row's columns
    world: World, goal_id: str, user: str, shape: tuple[int, int], letter: str, first: int
) -> list[str]:
    rows = world.rows
    nothing = dict.fromkeys(("description", "background", "constraints"))
    rows.add("goals", id=goal_id, userId=user, title=MARKER, deadline=None, **nothing)
    action_ids: list[str] = []
    for sub_goal in range(shape[0]):
        sub_goal_id = f"00000000-0000-4000-8000-0000{first + 0xB0000 + sub_goal:08x}"
        rows.add(
            "sub_goals", id=sub_goal_id, goalId=goal_id, title=MARKER, position=sub_goal, **nothing
        )
        for position in range(shape[1]):
            action_id = f"00000000-0000-4000-8000-{first + len(action_ids):012x}"
            action_ids.append(action_id)
            world.names[action_id] = f"{letter}{len(action_ids)}"
            rows.add(
                "actions",
                id=action_id,
                subGoalId=sub_goal_id,
                title=MARKER,
                type="HABIT",
                position=position,
                **nothing,
            )
    return action_ids

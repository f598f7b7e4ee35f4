"""The handlers do, step by step, what the model's processes do.

A walk through the model is walked by the real functions too, on the table and the database; after
each step both must hold the same.
"""

import random
from typing import Any

import pytest

from chaos.protocol.explore import Step
from chaos.protocol.model import Model, Scenario
from chaos.protocol.scenarios import LARGE, SCENARIOS
from tests.chaos.protocol.realm import Realm
from tests.handlers.world import World

WALK = 60
"""Steps; most walks end before."""


def walk(world: World, scenario: Scenario, seed: int, seen: set[Any]) -> None:
    """One walk; it prefers what no walk has done before."""
    model, chance = Model(scenario), random.Random(seed)
    state = model.initial
    history = list[str]()
    with Realm(world, model) as realm:
        for _ in range(WALK):
            moves = list(model.moves(state))
            if not moves:
                break
            fresh = [move for move in moves if _kind(move[0]) not in seen]
            step, after = chance.choice(fresh if fresh and chance.random() < 0.7 else moves)
            seen.add(_kind(step))
            history.append(step.text(model.slots))
            realm.take(step, state, after)
            assert realm.seen() == realm.expected(after), "\n".join(history)
            state = after


def _kind(step: Step) -> Any:
    return step.process, step.name, step.result


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_the_handlers_do_what_the_model_does(world: World, scenario: Scenario) -> None:
    seen = set[Any]()
    for seed in range(2):
        walk(world, scenario, seed, seen)


@pytest.mark.soak
@pytest.mark.parametrize("scenario", [*SCENARIOS, *LARGE], ids=lambda each: each.name)
def test_the_handlers_do_what_the_model_does_in_many_walks(
    world: World, scenario: Scenario
) -> None:
    seen = set[Any]()
    for seed in range(100, 110):
        walk(world, scenario, seed, seen)

"""Every invariant holds in every state that the model reaches."""

import pytest

from chaos.protocol.model import Model, Scenario
from chaos.protocol.scenarios import LARGE, SCENARIOS


def hold(scenario: Scenario) -> int:
    """How many states there are; a broken invariant is shown by its shortest history."""
    model = Model(scenario)
    found = model.explore()
    history = "\n".join(step.text(model.slots) for step in found.history)
    assert found.broken is None, f"{found.broken}\n{history}"
    return found.states


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_the_invariants_hold_in_every_state(scenario: Scenario) -> None:
    assert hold(scenario) > 50


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scenario", LARGE, ids=lambda each: each.name)
def test_the_invariants_hold_in_every_state_of_the_large_scenarios(scenario: Scenario) -> None:
    assert hold(scenario) > 200_000

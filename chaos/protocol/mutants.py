"""Mutants of the model: each lacks one condition, and must break an invariant."""

from collections.abc import Iterator, Sequence

from chaos.protocol.model import Model, Scenario

REDUNDANT: dict[str, str] = {}
"""Conditions without which every invariant holds too, and why they stay."""


def killers(scenarios: Sequence[Scenario]) -> Iterator[tuple[str, str | None]]:
    """Each condition, and the invariant that breaks without it, with the scenario where."""
    evaluated = dict[str, list[Scenario]]()
    for scenario in scenarios:
        model = Model(scenario)
        model.explore()
        for condition in sorted(model.conditions):
            evaluated.setdefault(condition, []).append(scenario)
    for condition, where in evaluated.items():
        yield condition, _killer(condition, where)


def _killer(condition: str, scenarios: Sequence[Scenario]) -> str | None:
    for scenario in scenarios:
        found = Model(scenario, dropped=condition).explore()
        if found.broken:
            return f"{found.broken} ({scenario.name}, {len(found.history)} steps)"
    return None

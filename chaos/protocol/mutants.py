"""Mutants of the model: each lacks one condition, and must break an invariant."""

from collections.abc import Iterator, Sequence

from chaos.protocol.explore import Exploration
from chaos.protocol.model import Model, Scenario

_BARRED = (
    "an undo bars the record, so a start that is undone under another request is refused, and"
    " nothing runs without its lock; the condition spares that request the refusal"
)
REDUNDANT = {
    **dict.fromkeys(
        (
            "claim: untouched since it was read",
            "drop: untouched since its claim",
            "start: none while it is undone",
            "sweep: only old locks",
            "take: its own lock is renewed",
            "takeover: only an old lock",
            "undo: only of a new lock",
        ),
        _BARRED,
    ),
    "saved: only from GENERATED": (
        "after a save nothing else changes a GENERATED item; without it the update would make an"
        " item anew that has expired"
    ),
}
"""Conditions without which every invariant holds too, and what they are for."""


def conditions(scenarios: Sequence[Scenario]) -> dict[str, list[Scenario]]:
    """Every condition that the scenarios evaluate, with those that do."""
    found = dict[str, list[Scenario]]()
    for scenario in scenarios:
        model = Model(scenario)
        model.explore()
        for condition in sorted(model.conditions):
            found.setdefault(condition, []).append(scenario)
    return found


def kill(condition: str, scenarios: Sequence[Scenario]) -> tuple[Scenario, Exploration] | None:
    """The first scenario in which an invariant breaks without the condition, and how."""
    for scenario in scenarios:
        found = Model(scenario, dropped=condition).explore()
        if found.broken:
            return scenario, found
    return None


def killers(scenarios: Sequence[Scenario]) -> Iterator[tuple[str, str | None]]:
    """Each condition, and which invariant breaks without it, for a reader."""
    for condition, where in conditions(scenarios).items():
        killed = kill(condition, where)
        if killed is None:
            yield condition, None
            continue
        scenario, found = killed
        yield condition, f"{found.broken} ({scenario.name}, {len(found.history)} steps)"

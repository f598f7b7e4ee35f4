"""Seeds in turn: each a world with its faults; what broke, shrunk to its shortest history."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.simulation import replaced
from chaos.simulation.faults import Edge, Fault, Plan
from chaos.simulation.scenario import Scenario
from chaos.simulation.shrink import shortest

Cells = Counter[tuple[str, Edge, Fault | None]]


@dataclass
class Outcome:
    """One world's simulation.

    broken: the sentences that say which invariant is broken. causes: sites with their faults
    (`site=fault`) and moves, in order. history: a line a step.
    """

    seed: int
    broken: list[str]
    causes: list[str]
    history: list[str]
    steps: int
    faults: int
    cells: Cells


@dataclass
class Result:
    """Several seeds' simulation."""

    seeds: int = 0
    steps: int = 0
    faults: int = 0
    broken: list[int] = field(default_factory=list[int])
    cells: Cells = field(default_factory=Cells)


def simulate(seed: int, causes: Sequence[str] | None = None) -> Outcome:
    """Simulate one seed.

    causes: the only faults and moves, as an outcome lists them; None for the seed's own.
    """
    plan = Plan(seed)
    kept: set[str] | None = None
    if causes is not None:
        faults = [each for each in causes if "=" in each]
        kept = set(causes) - set(faults)
        plan.given = {site: Fault(kind) for site, _, kind in (f.rpartition("=") for f in faults)}
    scenario = Scenario(plan)
    replaced.enter(scenario.world)
    broken = scenario.run(kept)
    edges = scenario.world.edges
    moves = [move.name for move in scenario.moves if kept is None or move.name in kept]
    struck = [f"{site}={fault}" for site, fault in plan.happened.items()]
    return Outcome(
        seed, broken, moves + struck, edges.history, edges.steps, len(struck), edges.cells
    )


def shrunk(outcome: Outcome) -> Outcome:
    """The same break with as few faults and moves as possible."""
    number = outcome.broken[0].partition(" at ")[0]

    def breaks(causes: Sequence[str]) -> bool:
        return any(each.startswith(number) for each in simulate(outcome.seed, causes).broken)

    return simulate(outcome.seed, shortest(outcome.causes, breaks))


def simulate_all(first: int, seeds: int) -> Result:
    """Simulate seeds in turn."""
    result = Result()
    for seed in range(first, first + seeds):
        outcome = simulate(seed)
        result.seeds += 1
        result.steps += outcome.steps
        result.faults += outcome.faults
        result.cells += outcome.cells
        if outcome.broken:
            result.broken.append(seed)
    return result

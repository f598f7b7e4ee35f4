"""`python -m chaos.protocol`: explores the scenarios and prints what it saw."""

import argparse
import time

from chaos.protocol.model import Model
from chaos.protocol.mutants import REDUNDANT, killers
from chaos.protocol.scenarios import LARGE, SCENARIOS


def main() -> bool:
    """Whether every invariant holds, and every mutant that must break one does."""
    parser = argparse.ArgumentParser(prog="python -m chaos.protocol", description=__doc__)
    parser.add_argument("--soak", action="store_true", help="the large scenarios instead")
    parser.add_argument("--mutants", action="store_true", help="drop one condition after another")
    options = parser.parse_args()
    scenarios = LARGE if options.soak else SCENARIOS
    is_whole = True
    for scenario in scenarios:
        model, start = Model(scenario), time.monotonic()
        found = model.explore()
        is_whole &= found.broken is None
        print(
            f"{scenario.name}: {found.states:,} states, {found.transitions:,} transitions,"
            f" depth {found.depth}, {time.monotonic() - start:.1f} s,"
            f" {found.broken or 'every invariant holds'}",
            flush=True,
        )
        for step in found.history:
            print("   ", step.text(model.slots))
    if options.mutants:
        for condition, killer in killers(scenarios):
            print(
                f"without “{condition}”: {killer or REDUNDANT.get(condition, 'not seen here')}",
                flush=True,
            )
    return is_whole


if __name__ == "__main__":
    raise SystemExit(not main())

"""Command line: python -m chaos.simulation --seeds 20000 --first 0 --processes 2."""

import argparse
import multiprocessing
import shlex
import sys
import time
from collections.abc import Iterator, Sequence

from chaos.simulation.coverage import empty_cells, table
from chaos.simulation.run import Result, shrunk, simulate, simulate_all

_SEEDS_AT_ONCE = 50
_HISTORIES = 3
"""So many broken seeds are shrunk and printed whole; the numbers of all are."""
_FULL_COVERAGE_SEEDS = 10_000
"""From so many seeds on, a cell of fault x step that was never hit is a failure."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate; 1 if an invariant broke or a cell stayed empty."""
    options = _parser().parse_args(arguments)
    if options.replay is not None:
        return _replay(options.replay, options.faults)
    start = time.perf_counter()
    result = _simulated(options.first, options.seeds, options.processes)
    rate = result.seeds / (time.perf_counter() - start)
    if options.coverage:
        print(table(result.cells))
    for seed in result.broken[:_HISTORIES]:
        _print_shortest(seed)
    if result.broken:
        print("broken seeds:", *result.broken)
    empty = empty_cells(result.cells) if result.seeds >= _FULL_COVERAGE_SEEDS else []
    for cell in empty:
        print(f"never hit: {cell}")
    print(
        f"seeds {result.seeds}, steps {result.steps}, faults {result.faults}, "
        f"invariants broken {len(result.broken)}, {rate:.0f} seeds a second"
    )
    return 1 if result.broken or empty else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chaos.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many (default: 300)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--processes", type=int, default=1, help="side by side (default: 1)")
    parser.add_argument("--coverage", action="store_true", help="print the table fault x step")
    parser.add_argument("--replay", type=int, metavar="SEED", help="one seed, with its history")
    parser.add_argument(
        "--faults", help="with --replay: its only faults and moves, with semicolons between them"
    )
    return parser


def _simulated(first: int, seeds: int, processes: int) -> Result:
    parts = [
        (start, min(_SEEDS_AT_ONCE, first + seeds - start))
        for start in range(first, first + seeds, _SEEDS_AT_ONCE)
    ]
    total = Result()
    for part in _parts(parts, processes):
        total.seeds += part.seeds
        total.steps += part.steps
        total.faults += part.faults
        total.broken += part.broken
        total.cells.update(part.cells)
    return total


def _parts(parts: list[tuple[int, int]], processes: int) -> Iterator[Result]:
    if processes == 1:
        yield from (simulate_all(*part) for part in parts)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.starmap(simulate_all, parts, chunksize=1)


def _replay(seed: int, faults: str | None) -> int:
    causes = None if faults is None else [each for each in faults.split(";") if each]
    outcome = simulate(seed, causes)
    print("\n".join([*outcome.history, *outcome.broken]))
    print(f"seed {seed}, steps {outcome.steps}, invariants broken {len(outcome.broken)}")
    return 1 if outcome.broken else 0


def _print_shortest(seed: int) -> None:
    outcome = shrunk(simulate(seed))
    faults = shlex.quote(";".join(outcome.causes))
    print("\n".join([f"seed {seed}, its shortest history:", *outcome.history, *outcome.broken]))
    print(f"replay: python -m chaos.simulation --replay {seed} --faults {faults}\n")


if __name__ == "__main__":
    sys.exit(main())

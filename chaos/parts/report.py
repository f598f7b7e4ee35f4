"""What a run has shown: cells hit, recovery, invariants. Pure functions to lines of text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from chaos.parts.cells import CELLS, KILLS, Cell, Fault, Step

SEEDS_FOR_ALL_CELLS = 100
"""With fewer seeds an empty cell is listed, but no failure."""

OF_NO_SEED = -1
"""Stands for a seed's number where something belongs to the whole run."""


@dataclass(frozen=True)
class Recovery:
    """How long it took after a fault until something was well again, in seconds."""

    fault: Fault
    of: str
    seconds: float


@dataclass(frozen=True)
class Run:
    """The result of a run.

    seeds: their numbers. struck: the cell of each fault that has struck.
    broken: a sentence with its seed for each invariant broken.
    excluded: faults that this machine cannot have, by the reason.
    answered, beyond, lost: `Ledger.paid_twice`.
    """

    seeds: Sequence[int]
    struck: Sequence[Cell]
    broken: Sequence[tuple[int, str]]
    recoveries: Sequence[Recovery]
    goals: int
    executions: int
    tasks: int
    answered: int
    beyond: int
    lost: int
    seconds: float
    excluded: dict[Fault, str]

    @property
    def empty_cells(self) -> list[Cell]:
        """The cells that can happen here and did not."""
        hit = set(self.struck)
        return [cell for cell in CELLS if cell not in hit and cell.fault not in self.excluded]

    @property
    def has_failed(self) -> bool:
        """Whether an invariant is broken, or so many seeds have left a cell empty."""
        enough = len(self.seeds) >= SEEDS_FOR_ALL_CELLS
        return bool(self.broken) or (enough and bool(self.empty_cells))


def lines(run: Run) -> Iterator[str]:
    """The report; its last line is the result."""
    yield ""
    yield from _grid(run)
    yield from _empty(run)
    yield ""
    yield from _recovery(run.recoveries)
    yield (
        f"{run.goals} goals, {run.executions} executions, {run.tasks} tasks: "
        f"{_count(run, ' lost')} lost, {_count(run, ' the tasks of ')} duplicate"
    )
    per = 10_000 * run.beyond / run.answered if run.answered else 0.0
    yield (
        f"model calls answered {run.answered}, a second time for one action {run.beyond} "
        f"({per:.0f} per 10,000): {run.lost} because the first answer did not arrive"
    )
    yield f"{run.seconds:.0f} s, {run.seconds / max(len(run.seeds), 1):.1f} s a seed"
    for seed, sentence in run.broken:
        yield f"BROKEN in {'no one seed' if seed == OF_NO_SEED else f'seed {seed}'}: {sentence}"
    for seed in sorted({seed for seed, _ in run.broken} - {OF_NO_SEED}):
        yield f"replay it: make chaos SEEDS=1 FIRST={seed}"
    broken = len(run.broken)
    yield f"seeds {len(run.seeds)}, faults {len(run.struck)}, invariants broken {broken}"


def _count(run: Run, word: str) -> int:
    return sum(word in sentence for _, sentence in run.broken)


def _grid(run: Run) -> Iterator[str]:
    counts = Counter(run.struck)
    width = max(len(fault) for fault in Fault)
    yield f"{'fault x step':<{width}}" + "".join(f"{step:>10}" for step in Step)
    for fault in Fault:
        cells = [Cell(fault, step) for step in Step]
        shown = [str(counts[cell]) if cell in CELLS else "-" for cell in cells]
        note = f"  ({run.excluded[fault]})" if fault in run.excluded else ""
        yield f"{fault:<{width}}" + "".join(f"{each:>10}" for each in shown) + note


def _empty(run: Run) -> Iterator[str]:
    empty = run.empty_cells
    if not empty:
        yield f"every one of the {len(CELLS)} cells that can happen was hit"
        return
    yield f"empty cells ({len(empty)} of {len(CELLS)}): {', '.join(map(str, empty))}"
    if len(run.seeds) < SEEDS_FOR_ALL_CELLS:
        yield f"(no failure: only {SEEDS_FOR_ALL_CELLS} seeds and more must hit all of them)"


def _recovery(recoveries: Iterable[Recovery]) -> Iterator[str]:
    groups: dict[tuple[Fault, str], list[float]] = defaultdict(list)
    for each in recoveries:
        groups[each.fault, each.of].append(each.seconds)
    for (fault, of), seconds in sorted(groups.items()):
        if fault in KILLS:
            yield (
                f"{fault}: {of} after {median(seconds):.1f} s (median of {len(seconds)}), "
                f"{max(seconds):.1f} s at most"
            )

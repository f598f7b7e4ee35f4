"""Compares this checkout with another revision: both measured in turn, in the same run.

The other revision gets this checkout's `bench`, so that both are measured by the same code.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure
from bench.report import read_report
from declared.program import ROOT

TOLERANCE = 0.05
"""A median may be larger by this share before it counts as worse."""

FigureKey = tuple[str, str]
"""A section's key and a figure's name."""


class NoComparisonError(Exception):
    """The other revision cannot be checked out or measured; the message says why."""


@dataclass(frozen=True)
class Comparison:
    """lines: one a figure, for the terminal. worse: names of the figures that got worse."""

    lines: Sequence[str]
    worse: Sequence[str]


def compare_with(
    revision: str, only: Sequence[str], options: Sequence[str], rounds: int
) -> Comparison:
    """Measure both in each round. Raises NoComparisonError.

    only: names of benchmarks; options: more of `python -m bench`.
    """
    command = [sys.executable, "-m", "bench", "--only", *only, *options]
    old: dict[FigureKey, list[float]] = defaultdict(list)
    new: dict[FigureKey, list[float]] = defaultdict(list)
    with _checkout(revision) as folder:
        for _ in range(rounds):
            for checkout, samples in ((folder, old), (ROOT, new)):
                for key, measured in _measure(command, checkout).items():
                    samples[key].extend(measured)
    return compare(old, new)


def compare(
    old: Mapping[FigureKey, Sequence[float]], new: Mapping[FigureKey, Sequence[float]]
) -> Comparison:
    """Which of the figures that both have got worse."""
    lines: list[str] = []
    worse: list[str] = []
    for key in sorted(old.keys() & new.keys()):
        before, now = Figure(key[1], old[key]), Figure(key[1], new[key])
        is_worse = got_worse(before, now)
        if is_worse:
            worse.append(f"{key[0]}: {key[1]}")
        change = f"{before.median:.2f} -> {now.median:.2f}"
        lines.append(f"{'WORSE' if is_worse else '':<6}{key[0]}: {key[1]:<60} {change}")
    return Comparison(lines, worse)


def got_worse(before: Figure, now: Figure) -> bool:
    """Whether the median grew by more than the tolerance, and by more than half of either spread:
    what a noisy machine does by itself is no finding."""
    noise = max(before.spread, now.spread) / 2
    return now.median > before.median * (1 + max(TOLERANCE, noise))


@contextmanager
def _checkout(revision: str) -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="goal-mandala-against-") as parent:
        folder = Path(parent) / "checkout"
        _git("worktree", "add", "--detach", str(folder), revision)
        try:
            shutil.rmtree(folder / "bench", ignore_errors=True)
            shutil.copytree(ROOT / "bench", folder / "bench")
            yield folder
        finally:
            _git("worktree", "remove", "--force", str(folder))


def _git(*arguments: str) -> None:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoComparisonError(f"git {arguments[0]} {arguments[1]}: {done.stderr.strip()}")


def _measure(command: Sequence[str], checkout: Path) -> dict[FigureKey, Sequence[float]]:
    with tempfile.TemporaryDirectory(prefix="goal-mandala-report-") as out:
        done = subprocess.run([*command, "--out", out], cwd=checkout, check=False)
        if done.returncode:
            raise NoComparisonError(f"{checkout} cannot be measured by this checkout's benchmarks.")
        return {
            (section.key, figure.name): figure.samples
            for section, _ in read_report(Path(out))
            for figure in section.figures
        }

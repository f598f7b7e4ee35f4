"""The nine invariants hold in a few hundred worlds; `make simulate` looks at 20,000."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def simulation(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own: it replaces clocks and clients of its process."""
    command = [sys.executable, "-m", "chaos.simulation", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_invariants_hold_in_300_worlds() -> None:
    ran = simulation("--seeds", "300")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1].startswith("seeds 300, steps ")
    assert ", invariants broken 0, " in ran.stdout


def test_a_seed_is_replayed_step_by_step() -> None:
    first, second = simulation("--replay", "17"), simulation("--replay", "17")
    assert first.stdout == second.stdout
    assert len(first.stdout.splitlines()) > 10

"""Each mistake that we could make in our own code is found by the simulation."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def found_by(*arguments: str) -> list[str]:
    """The lines of the table, from a process of its own: the simulation replaces its clients."""
    command = [sys.executable, "-m", "tests.chaos.simulation.mutants", *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()[2:]


def test_a_lock_without_its_condition_is_found_within_a_hundred_worlds() -> None:
    [line] = found_by("lock without condition")
    assert int(line.split("|")[2]) <= 100


@pytest.mark.soak
def test_every_mistake_is_found() -> None:
    lines = found_by()
    assert len(lines) >= 20
    assert [line for line in lines if "NOT FOUND" in line] == []

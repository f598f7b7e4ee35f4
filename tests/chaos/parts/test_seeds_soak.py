"""Two seeds on the real parts: real processes die, and every invariant holds."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from chaos.parts.__main__ import run
from chaos.parts.report import lines


@pytest.mark.soak
def test_two_seeds_break_no_invariant(tmp_path: Path) -> None:
    # PostgreSQL's user has to reach its folder
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    printed = io.StringIO()
    console = Console(file=printed, soft_wrap=True)

    result = run(tmp_path, console, range(104, 106))

    assert result.broken == [], printed.getvalue()
    assert result.goals == 6
    assert len(result.struck) > 1
    *_, last = lines(result)
    assert last == f"seeds 2, faults {len(result.struck)}, invariants broken 0"

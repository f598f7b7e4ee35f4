"""Small inputs that once failed, kept beside a clone in ../shared/inputs; not each has them."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "inputs"


def shared_input(path: str) -> Path:
    """A file or folder of them; where it is absent, the test says so and is skipped."""
    found = FOLDER / path
    if not found.exists():
        pytest.skip(f"not run, for this machine has no ../shared/inputs/{path}")
    return found

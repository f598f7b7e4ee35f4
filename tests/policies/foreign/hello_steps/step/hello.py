"""The step."""

from typing import Any


def handler(_event: Any, _context: Any) -> str:
    """Greet."""
    return "Hello"

"""What a command prints: one JSON object, or text for a person."""

from typing import Any, cast

from pydantic import TypeAdapter


def print_json(result: Any) -> None:
    """Print a dataclass as JSON, by its own schema (`python -m ops schema`)."""
    print(TypeAdapter[Any](cast("Any", type(result))).dump_json(result, indent=2).decode())

"""Values that the engine or AWS passes as JSON text."""

import json
from typing import Any


def parsed(value: Any) -> Any:
    """The value of JSON text; any other value is returned as it is."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value

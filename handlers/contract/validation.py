"""What pydantic found wrong, in one line."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_SHOWN_CHARACTERS = 100


def problems(error: ValidationError) -> str:
    """Each field with what is wrong with it and its value, cut to 100 characters."""
    return "; ".join(
        f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}, got {_shown(detail)}"
        for detail in error.errors(include_url=False)
    )


def _shown(detail: Mapping[str, Any]) -> str:
    return "nothing" if detail["type"] == "missing" else repr(detail["input"])[:_SHOWN_CHARACTERS]

"""Timestamps as Step Functions reads them: RFC 3339, with a capital T and an offset."""

import re
from datetime import datetime

_OFFSET_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})"
)
_MICROSECONDS = re.compile(r"(\.\d{6})\d+")


def moment(text: str) -> datetime | None:
    """The moment that a timestamp names; None if it is none."""
    if _OFFSET_DATE_TIME.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(_MICROSECONDS.sub(r"\1", text))
    except ValueError:
        return None

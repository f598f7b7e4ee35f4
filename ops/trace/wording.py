"""Numbers and times as people read them."""

from datetime import datetime

_MINUTE, _HOUR = 60, 3600
_PRECISE_BELOW_SECONDS = 10


def duration(seconds: float) -> str:
    """A length of time: 0.4 s, 12 s, 3 min 05 s, 1 h 02 min."""
    if seconds < _PRECISE_BELOW_SECONDS:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole // _MINUTE, _MINUTE)
    return f"{hours} h {rest:02} min" if rest else f"{hours} h"


def offset(start: datetime, moment: datetime) -> str:
    """A moment as the time since the start."""
    return f"+{duration((moment - start).total_seconds())}"


def plural(count: int, noun: str) -> str:
    """1 task, 2 tasks."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

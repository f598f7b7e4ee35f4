"""Times on the command line."""

import re
from datetime import UTC, datetime, timedelta

from ops.problems import OperatorError

_AGO = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(option: str, text: str, now: datetime | None = None) -> datetime:
    """`30m`, `2h`, `3d` ago, or an ISO 8601 time, in UTC if it names no zone.

    Raises OperatorError.
    """
    if ago := _AGO.fullmatch(text):
        return (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise OperatorError(
            f"{option} {text}: allowed are 30s, 30m, 2h, 3d (ago) and 2026-11-29T08:00 (UTC)"
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)

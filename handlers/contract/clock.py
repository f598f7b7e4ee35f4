"""Times, in the forms of the table and the API."""

from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def timestamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: 2026-11-24T09:30:00.000Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def expiry(days: int) -> int:
    """The value of DynamoDB's TTL attribute, in epoch seconds, for an item to be kept `days`."""
    return int((utc_now() + timedelta(days=days)).timestamp())

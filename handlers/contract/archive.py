"""The archive of executions: where an execution is in the bucket, and how often it is written."""

from handlers.contract.ids import started_at

ARCHIVE_HOURS = 6
"""Between two runs of workflow-archive."""

ARCHIVED_ATTRIBUTE = "archivedAt"
"""Of an execution's record in the table: when its archive was written and read back."""

ARCHIVE_PREFIX = "executions/"


def month_prefix(month: str) -> str:
    """The beginning of the keys of a month's executions (UTC, as 2026-11)."""
    return f"{ARCHIVE_PREFIX}{month}/"


def archive_key(execution_id: str) -> str:
    """The key of an execution's object; an execution id sorts by time, and so do the keys."""
    return f"{month_prefix(f'{started_at(execution_id):%Y-%m}')}{execution_id}.json.gz"


def archived_id(key: str) -> str:
    """The execution id in a key."""
    return key.rpartition("/")[2].removesuffix(".json.gz")

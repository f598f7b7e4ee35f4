"""Executions in the archive's bucket: those whose items the table has deleted, and younger ones."""

from collections.abc import Iterator
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from handlers.contract.archive import ARCHIVE_PREFIX, archive_key, archived_id, month_prefix
from handlers.contract.ids import started_at
from handlers.contract.statuses import ExecutionStatus
from ops.executions.archived_object import Archived, DamagedError, read_object
from ops.executions.reading import Execution, Summary, execution_of, summary
from ops.problems import OperatorError
from ops.stack import Stack


def read_archived(stack: Stack, execution_id: str) -> Execution:
    """An execution as it was archived. Raises OperatorError."""
    try:
        found = _read(stack, archive_key(execution_id))
    except ValueError:  # the id's time is none
        found = None
    if found is None:
        raise OperatorError(
            f"no execution {execution_id} in {stack.names.archive_bucket}: it is archived when it"
            " has ended and is archive.afterDays old; until then leave out --archived"
        )
    return execution_of(found.record, found.actions, None)


def list_archived(
    stack: Stack,
    *,
    goal_id: str | None,
    status: ExecutionStatus | None,
    since: datetime | None,
    limit: int,
) -> tuple[list[Summary], list[str]]:
    """The newest archived executions that meet the criteria, up to `limit`; and, as sentences,
    the objects among them that are damaged.

    Each is an object that is read: a list by goal or status reads more than it shows.
    """
    found: list[Summary] = []
    damaged: list[str] = []
    for key in _keys(stack, since):
        try:
            archived = _read(stack, key)
        except OperatorError as error:
            damaged.append(str(error))
            continue
        if (
            archived
            and goal_id in (None, archived.record.goal_id)
            and status in (None, archived.record.status)
        ):
            found.append(summary(archived.record))
        if len(found) == limit:
            break
    return found, damaged


def _keys(stack: Stack, since: datetime | None) -> Iterator[str]:
    """The keys of the archive's objects, those of the newest executions first."""
    for month in _months(stack):
        if since and month < f"{since.astimezone(UTC):%Y-%m}":
            return
        pages = stack.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=stack.names.archive_bucket, Prefix=month_prefix(month))
        keys = [each["Key"] for page in found for each in page.get("Contents", [])]
        for key in sorted(keys, reverse=True):
            if since and _is_before(key, since):
                return
            yield key


def _is_before(key: str, since: datetime) -> bool:
    """Whether an execution is older; of an object that is named otherwise nothing is known."""
    try:
        return started_at(archived_id(key)) < since
    except ValueError:
        return False


def _months(stack: Stack) -> list[str]:
    """The months of which something is archived, the newest first."""
    pages = stack.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=stack.names.archive_bucket, Prefix=ARCHIVE_PREFIX, Delimiter="/")
    prefixes = [each["Prefix"] for page in found for each in page.get("CommonPrefixes", [])]
    months = [each.removeprefix(ARCHIVE_PREFIX).removesuffix("/") for each in prefixes]
    return sorted(months, reverse=True)


def _read(stack: Stack, key: str) -> Archived | None:
    """What an object holds; None if there is none. Raises OperatorError if it is damaged."""
    try:
        found = stack.client("s3").get_object(Bucket=stack.names.archive_bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "NoSuchKey":
            raise
        return None
    try:
        return read_object(found["Body"].read())
    except DamagedError as error:
        raise OperatorError(
            f"s3://{stack.names.archive_bucket}/{key} is damaged, {error}: an older version may be"
            " whole (aws s3api list-object-versions)"
        ) from error

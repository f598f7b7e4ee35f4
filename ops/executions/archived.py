"""Executions in the archive's bucket: those whose items the table has deleted, and younger ones."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from botocore.exceptions import ClientError

from handlers.archive.document import items_in
from handlers.contract.archive import ARCHIVE_PREFIX, archive_key, archived_id, month_prefix
from handlers.contract.ids import started_at
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX, EXECUTION_SK
from handlers.storage.execution_records import ExecutionRecord, execution_record
from handlers.storage.items import Item, deserialised
from handlers.storage.work_item_format import work_item
from ops.executions.reading import Execution, Summary, execution_of, summary
from ops.problems import OperatorError
from ops.stack import Stack


def read_archived(stack: Stack, execution_id: str) -> Execution:
    """An execution as it was archived. Raises OperatorError."""
    items = _items(stack, archive_key(execution_id))
    if items is None:
        raise OperatorError(
            f"no execution {execution_id} in {stack.names.archive_bucket}: it is archived when it"
            " has ended and is archive.afterDays old; until then leave out --archived"
        )
    record = _record(items)
    actions = [work_item(each) for each in items if each["sk"].startswith(ACTION_SK_PREFIX)]
    return execution_of(record, actions, None)


def list_archived(
    stack: Stack,
    *,
    goal_id: str | None,
    status: ExecutionStatus | None,
    since: datetime | None,
    limit: int,
) -> list[Summary]:
    """The newest archived executions that meet the criteria, up to `limit`.

    Each is an object that is read: a list by goal or status reads more than it shows.
    """
    found = (
        record
        for key in _keys(stack, since)
        if (items := _items(stack, key)) is not None
        for record in [_record(items)]
        if goal_id in (None, record.goal_id) and status in (None, record.status)
    )
    return [summary(record) for record in islice(found, limit)]


def _keys(stack: Stack, since: datetime | None) -> Iterator[str]:
    """The keys of the archive's objects, those of the newest executions first."""
    for month in _months(stack):
        if since and month < f"{since.astimezone(UTC):%Y-%m}":
            return
        pages = stack.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=stack.names.archive_bucket, Prefix=month_prefix(month))
        keys = [each["Key"] for page in found for each in page.get("Contents", [])]
        for key in sorted(keys, reverse=True):
            if since and started_at(archived_id(key)) < since:
                return
            yield key


def _months(stack: Stack) -> list[str]:
    """The months of which something is archived, the newest first."""
    pages = stack.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=stack.names.archive_bucket, Prefix=ARCHIVE_PREFIX, Delimiter="/")
    prefixes = [each["Prefix"] for page in found for each in page.get("CommonPrefixes", [])]
    months = [each.removeprefix(ARCHIVE_PREFIX).removesuffix("/") for each in prefixes]
    return sorted(months, reverse=True)


def _items(stack: Stack, key: str) -> list[Item] | None:
    """The items in an object; None if there is none."""
    try:
        found = stack.client("s3").get_object(Bucket=stack.names.archive_bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "NoSuchKey":
            raise
        return None
    try:
        return [deserialised(each) for each in items_in(found["Body"].read())]
    except (ValueError, KeyError, OSError) as error:
        raise OperatorError(
            f"s3://{stack.names.archive_bucket}/{key} is damaged ({type(error).__name__}): an"
            " older version may be whole (aws s3api list-object-versions)"
        ) from error


def _record(items: list[Item]) -> ExecutionRecord:
    return execution_record(next(each for each in items if each["sk"] == EXECUTION_SK))

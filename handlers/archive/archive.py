"""Copies ended executions to S3 and reads each copy back before it marks the record.

A run does what is due, whatever earlier runs did: a failure, a time-out or a lost invocation leaves
records unmarked, and the next run takes them up. They have until their TTL (`table.ttlDays`).
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from handlers.archive.archived_items import ArchivedItems
from handlers.archive.document import written
from handlers.contract.archive import archive_key
from handlers.contract.ids import started_at
from handlers.contract.table_keys import EXECUTION_SK
from handlers.storage.errors import TableUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LEAST_MONTHS = 13
"""Months to look through at least: `table.ttlDays` may have been longer when items were written."""

_DAYS_PER_MONTH = 28


class CopyDiffersError(Exception):
    """S3 gives back other bytes than were written."""


@dataclass
class ArchiveResult:
    """What a run did.

    archived, failed: ids. left: ids that were due and were not reached in time.
    oldest_left: the first execution that is due and not archived; None if there is none.
    """

    archived: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])

    @property
    def oldest_left(self) -> str | None:
        """The id of the oldest execution that is due and not archived."""
        return min([*self.failed, *self.left], default=None)

    def lag_seconds(self, now: datetime, after: timedelta) -> float:
        """How long the oldest one that is left has been due; 0 if none is left."""
        if self.oldest_left is None:
            return 0.0
        return max((now - after - started_at(self.oldest_left)).total_seconds(), 0.0)


class Archive:
    """The bucket, and the table whose executions are copied to it."""

    def __init__(self, items: ArchivedItems, client: "S3Client", bucket: str) -> None:
        self._items = items
        self._client = client
        self._bucket = bucket

    def run(
        self,
        now: datetime,
        *,
        after: timedelta,
        ttl: timedelta,
        has_time: Callable[[], bool],
        report: Callable[[str, Exception], None],
    ) -> ArchiveResult:
        """Copy the ended executions that were started longer ago than `after`.

        ttl: how long the table keeps items. has_time: whether one more can be copied.
        report: takes the id of an execution that could not be copied, and why.
        Raises TableUnavailableError if the due executions cannot be listed.
        """
        result = ArchiveResult()
        due = now - after
        for month in _months(now - ttl, due):
            for execution_id in self._items.unarchived(month, due):
                if not has_time():
                    result.left.append(execution_id)
                    return result
                try:
                    self._copy(execution_id, now)
                    result.archived.append(execution_id)
                except (
                    BotoCoreError,
                    ClientError,
                    CopyDiffersError,
                    TableUnavailableError,
                ) as error:
                    report(execution_id, error)
                    result.failed.append(execution_id)
        return result

    def _copy(self, execution_id: str, now: datetime) -> None:
        items = self._items.of(execution_id)
        if not any(item["sk"].get("S") == EXECUTION_SK for item in items):
            return  # the index still lists what is deleted
        body, key = written(items), archive_key(execution_id)
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=body,
            ContentType="application/gzip",
            ChecksumSHA256=base64.b64encode(hashlib.sha256(body).digest()).decode(),
        )
        if self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read() != body:
            raise CopyDiffersError(key)
        self._items.mark(execution_id, now)


def _months(oldest: datetime, newest: datetime) -> Iterator[str]:
    """The months up to the newest, oldest first: those of the TTL, and a year at least."""
    months = max(_LEAST_MONTHS, (newest - oldest).days // _DAYS_PER_MONTH + 2)
    last = newest.year * 12 + newest.month - 1
    for number in range(last - months + 1, last + 1):
        yield f"{number // 12:04}-{number % 12 + 1:02}"

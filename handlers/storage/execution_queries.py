"""Lists of executions, newest first, from the table's indexes: Query calls, never a Scan.

An index is eventually consistent: an execution may appear a moment after its start.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from handlers.contract.clock import utc_now
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.table_keys import (
    EXECUTION_SK,
    GOAL_INDEX,
    MONTH_INDEX,
    TTL_ATTRIBUTE,
    USER_INDEX,
)
from handlers.storage.execution_records import ExecutionRecord, execution_record
from handlers.storage.items import Item, deserialised, known_errors, serialised

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_QUERIES_PER_PAGE = 10
_FILTERED_PER_QUERY = 100
_BUCKET = {GOAL_INDEX: "goalId", USER_INDEX: "userId", MONTH_INDEX: "month"}


@dataclass(frozen=True)
class Criteria:
    """The conditions that the executions of a list meet.

    since, until: when they were started, both included; time zone aware.
    user_id: their owner.
    """

    status: ExecutionStatus | None = None
    since: datetime | None = None
    until: datetime | None = None
    user_id: str | None = None


@dataclass(frozen=True)
class Position:
    """Where a list continues: in a bucket of its index, after the execution `after`."""

    after: str | None = None
    bucket: str | None = None


@dataclass(frozen=True)
class Page:
    """Some executions, and where the list continues; None on the last page.

    A page can be short or even empty without being the last: a request makes at most 10 queries.
    """

    records: list[ExecutionRecord]
    next: Position | None


class ExecutionQueries:
    """The lists; every method raises TableUnavailableError.

    ttl_days: how long records are kept, and so how far back the list of all executions goes.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str, ttl_days: int) -> None:
        self._client = client
        self._table_name = table_name
        self._ttl_days = ttl_days

    def owner_of_goal(self, goal_id: str) -> str | None:
        """The user who started the goal's newest execution; None if there is none."""
        items, _ = self._query(GOAL_INDEX, goal_id, Criteria(), None, limit=1)
        return items[0]["userId"] if items else None

    def of_goal(self, goal_id: str, criteria: Criteria, limit: int, position: Position) -> Page:
        """A goal's executions."""
        return self._page(GOAL_INDEX, [goal_id], criteria, limit, position)

    def of_user(self, user_id: str, criteria: Criteria, limit: int, position: Position) -> Page:
        """A user's executions."""
        return self._page(USER_INDEX, [user_id], criteria, limit, position)

    def of_all(self, criteria: Criteria, limit: int, position: Position) -> Page:
        """All users' executions, month by month."""
        now = utc_now()
        oldest = now - timedelta(days=self._ttl_days)
        first = max(oldest, criteria.since or oldest)
        last = min(now, criteria.until or now)
        months = _months(position.bucket or _month(last), _month(first))
        return self._page(MONTH_INDEX, months, criteria, limit, position)

    def _page(
        self,
        index: str,
        buckets: Sequence[str],
        criteria: Criteria,
        limit: int,
        position: Position,
    ) -> Page:
        found: list[Item] = []
        following: Position | None = None
        reads = self._reads(index, buckets, criteria, limit, position.after)
        for items, behind in islice(reads, _QUERIES_PER_PAGE):
            found, following = found + items, behind
            if len(found) > limit:
                del found[limit:]
                following = Position(found[-1]["pk"], found[-1][_BUCKET[index]])
                break
        return Page([execution_record(item) for item in found], following)

    def _reads(
        self,
        index: str,
        buckets: Sequence[str],
        criteria: Criteria,
        limit: int,
        after: str | None,
    ) -> Iterator[tuple[list[Item], Position | None]]:
        """The executions of each query, and where the list continues after them."""
        at_once = _FILTERED_PER_QUERY if criteria.status else limit + 1
        for bucket, following in zip(buckets, [*buckets[1:], None], strict=True):
            while True:
                items, after = self._query(index, bucket, criteria, after, limit=at_once)
                if after is None:
                    yield items, Position(None, following) if following else None
                    break
                yield items, Position(after, bucket)

    def _query(
        self, index: str, bucket: str, criteria: Criteria, after: str | None, *, limit: int
    ) -> tuple[list[Item], str | None]:
        """Read up to `limit` executions: those that meet the criteria, and the last one's id."""
        names = {"#bucket": _BUCKET[index], "#ttl": TTL_ATTRIBUTE}
        # DynamoDB deletes expired items within days, not at once.
        values: Item = {":bucket": bucket, ":now": int(utc_now().timestamp())}
        key, wanted = ["#bucket = :bucket"], ["#ttl > :now"]
        if criteria.since or criteria.until:
            key.append("pk BETWEEN :first AND :last")
            values[":first"] = _first_id(criteria.since)
            values[":last"] = _last_id(criteria.until)
        if criteria.status:
            names["#status"], values[":status"] = "status", criteria.status.value
            wanted.append("#status = :status")
        if criteria.user_id:
            names["#user"], values[":user"] = "userId", criteria.user_id
            wanted.append("#user = :user")
        start: Any = {_BUCKET[index]: bucket, "pk": after, "sk": EXECUTION_SK}
        begin: Any = {"ExclusiveStartKey": serialised(start)} if after else {}
        with known_errors():
            reply = self._client.query(
                TableName=self._table_name,
                IndexName=index,
                KeyConditionExpression=" AND ".join(key),
                FilterExpression=" AND ".join(wanted),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=serialised(values),
                ScanIndexForward=False,
                Limit=limit,
                **begin,
            )
        last = deserialised(reply.get("LastEvaluatedKey", {}))
        return [deserialised(item) for item in reply["Items"]], last.get("pk")


def _first_id(since: datetime | None) -> str:
    """The smallest UUIDv7 of a time; of all times for None. As text, ids sort by time."""
    return _id_with(since, "7000-8000-000000000000") if since else "0"


def _last_id(until: datetime | None) -> str:
    return _id_with(until, "7fff-bfff-ffffffffffff") if until else "g"


def _id_with(moment: datetime, rest: str) -> str:
    milliseconds = f"{max(int(moment.timestamp() * 1000), 0):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-{rest}"


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"


def _months(newest: str, oldest: str) -> list[str]:
    """The months from the newest to the oldest; none if the newest is before the oldest."""
    months: list[str] = []
    year, month = map(int, newest.split("-"))
    while (name := f"{year:04}-{month:02}") >= oldest:
        months.append(name)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return months

"""What a page of a list reads, by the code that serves it, however many executions there are.

DynamoDB answers a query with at most `Limit` items from a position in an index: so an index of a
million executions is a number, and its items are made when they are asked for.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from handlers.contract.clock import utc_now
from handlers.contract.statuses import ExecutionStatus
from handlers.storage.execution_queries import Criteria, ExecutionQueries, Position
from handlers.storage.items import deserialised, serialised

_KEPT_DAYS = 90


@dataclass
class VirtualIndex:
    """A DynamoDB client whose every index partition has `size` executions, all SUCCEEDED.

    queries, items, read_bytes: what was read.
    """

    size: int
    queries: int = 0
    items: int = 0
    read_bytes: int = 0

    def query(self, **request: Any) -> dict[str, Any]:
        """A page of the index, newest first."""
        start = request.get("ExclusiveStartKey")
        newest = _number(deserialised(start)["pk"]) - 1 if start else self.size - 1
        numbers = range(newest, max(newest - request["Limit"], -1), -1)
        items = [serialised(_record(each)) for each in numbers]
        self.queries += 1
        self.items += len(items)
        self.read_bytes += sum(len(str(deserialised(each))) for each in items)
        wanted = request["ExpressionAttributeValues"].get(":status", {"S": "SUCCEEDED"})["S"]
        last = {"LastEvaluatedKey": {"pk": items[-1]["pk"]}} if items and numbers[-1] else {}
        return {"Items": items if wanted == "SUCCEEDED" else [], **last}


@dataclass(frozen=True)
class PageRead:
    """What one page has read."""

    queries: int
    items: int
    kilobytes: float
    records: int


def page_read(size: int, *, status: ExecutionStatus | None = None, deep: bool = False) -> PageRead:
    """One page of 20 of a user with `size` executions; `deep`: in the middle of the list."""
    index = VirtualIndex(size)
    queries = ExecutionQueries(cast("Any", index), "a-table", _KEPT_DAYS)
    position = Position(_id(size // 2), "a-user") if deep else Position()
    page = queries.of_user("a-user", Criteria(status=status), 20, position)
    return PageRead(index.queries, index.items, index.read_bytes / 1000, len(page.records))


def _record(number: int) -> dict[str, Any]:
    started = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=number)
    text = started.isoformat(timespec="milliseconds")
    execution_id = _id(number)
    return {
        "pk": execution_id,
        "sk": "execution",
        "goalId": _id(number % 1000),
        "userId": "a-user",
        "month": "2026-11",
        "status": "SUCCEEDED",
        "executionArn": f"arn:aws:states:ap-northeast-1:123456789012:execution:M:{execution_id}",
        "startedAt": text,
        "stoppedAt": text,
        "totalActions": 64,
        "succeededActions": 64,
        "failedActions": [],
        "inputTokens": 83_200,
        "outputTokens": 44_800,
        "costUsd": 0,
        "taskCount": 384,
        "ttl": int(utc_now().timestamp()) + 86_400,
    }


def _id(number: int) -> str:
    return str(UUID(int=number))


def _number(execution_id: str) -> int:
    return UUID(execution_id).int

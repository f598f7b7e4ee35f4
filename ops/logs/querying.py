"""The saved queries of CloudWatch Logs Insights, with parameters."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from components.monitoring.saved_queries import EXECUTION_ID, SavedQuery, saved_queries
from ops.problems import OperatorError
from ops.stack import Stack

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_POLL_SECONDS = 0.5
_OWN_FIELDS = ("@ptr",)
"""What Insights adds to each row for its own GetLogRecord."""


@dataclass(frozen=True)
class QueryResult:
    """rows: field -> value. scanned_bytes: what the query is charged by."""

    rows: list[dict[str, str]]
    scanned_bytes: int


def find(stack: Stack, name: str) -> SavedQuery:
    """A saved query by its name below the stack's prefix. Raises OperatorError."""
    known = {query.key: query for query in saved_queries(stack.names)}
    if name not in known:
        raise OperatorError(f"NAME {name}: there is no such query, allowed are {', '.join(known)}")
    return known[name]


def with_parameters(query: SavedQuery, execution_id: str | None, goal_id: str | None) -> str:
    """The query's text, narrowed to an execution or a goal. Raises OperatorError."""
    for option, value in (("--execution", execution_id), ("--goal", goal_id)):
        if value is not None and not _UUID.fullmatch(value):
            raise OperatorError(f"{option} {value}: give an id, a UUID in lower case")
    text = query.text
    if EXECUTION_ID in text:
        if execution_id is None:
            raise OperatorError(f"{query.key} is about one execution: give --execution ID")
        text = text.replace(EXECUTION_ID, execution_id)
    elif execution_id is not None:
        narrowed = f'executionId = "{execution_id}" or execution_arn like /{execution_id}/'
        text = f"filter {narrowed}\n| {text}"
    return f'filter goalId = "{goal_id}"\n| {text}' if goal_id is not None else text


def run(
    stack: Stack, query: SavedQuery, text: str, span: tuple[datetime, datetime], limit: int
) -> QueryResult:
    """Run a query over a span of time. Raises OperatorError if Insights does not complete it."""
    logs = stack.client("logs")
    query_id = logs.start_query(
        logGroupNames=list(query.log_groups),
        startTime=int(span[0].timestamp()),
        endTime=int(span[1].timestamp()) + 1,
        queryString=text,
        limit=limit,
    )["queryId"]
    while True:
        answer: dict[str, Any] = logs.get_query_results(queryId=query_id)
        if answer["status"] not in ("Scheduled", "Running"):
            break
        time.sleep(_POLL_SECONDS)
    if answer["status"] != "Complete":
        raise OperatorError(
            f"the query ended {answer['status']}: ask for a shorter time, --since and --until"
        )
    rows = [
        {cell["field"]: cell["value"] for cell in row if cell["field"] not in _OWN_FIELDS}
        for row in answer["results"]
    ]
    return QueryResult(rows, int(answer.get("statistics", {}).get("bytesScanned", 0)))

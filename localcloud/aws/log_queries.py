"""StartQuery with the interpreter in `logs_insights`: MiniStack's has neither stats nor parse."""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.logs_insights import LogLine, QueryError, run
from localcloud.aws.ministack import Json, Response, logs, responses


def start_query(request: Json) -> Response:
    """StartQuery; the query is complete at once."""
    groups: list[str] = logs._resolve_query_log_groups(request)
    missing = [name for name in groups if name not in logs._log_groups]
    if missing or not groups:
        return responses.error_response_json(
            "ResourceNotFoundException", f"no log group {', '.join(missing) or 'given'}", 400
        )
    lines = list(_lines(groups, request["startTime"] * 1000, request["endTime"] * 1000))
    try:
        result = run(request["queryString"], lines)
    except QueryError as error:
        return responses.error_response_json("MalformedQueryException", str(error), 400)
    rows: list[Any] = [
        [{"field": name, "value": value} for name, value in row.items()] for row in result.rows
    ]
    query_id = responses.new_uuid()
    logs._queries[query_id] = {
        **request,
        "queryId": query_id,
        "status": "Complete",
        "results": rows[: request.get("limit")],
        "statistics": {
            "recordsMatched": float(result.matched),
            "recordsScanned": float(len(lines)),
            "bytesScanned": float(sum(len(line.message.encode()) for line in lines)),
        },
    }
    return responses.json_response({"queryId": query_id})


def _lines(groups: list[str], first: int, last: int) -> Iterator[LogLine]:
    """The lines of the groups from the first to the last millisecond."""
    account = responses.get_account_id()
    for group in groups:
        for stream, held in list(logs._log_groups[group]["streams"].items()):
            for event in held["events"]:
                if first <= event["timestamp"] <= last:
                    yield LogLine(
                        event["timestamp"], event["message"], f"{account}:{group}", stream
                    )

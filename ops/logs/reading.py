"""FilterLogEvents across the stack's log groups, once or again and again."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from handlers.contract.functions import FUNCTIONS
from ops.logs.lines import LogLine, is_wanted, pattern, read_line
from ops.problems import OperatorError, is_missing
from ops.stack import Stack

_POLL_SECONDS = 2.0
_LATE_MS = 15_000
"""A line may be found this long after its time: it is ingested with a delay."""

_Identity = tuple[int, str, str]


def groups(stack: Stack) -> dict[str, str]:
    """Source (a function's name, `state-machine`, `api`) -> log group."""
    names = stack.names
    return {
        **{spec.name: names.function_log_group(spec) for spec in FUNCTIONS},
        "state-machine": names.state_machine_log_group,
        "api": names.api_log_group,
    }


def chosen(stack: Stack, sources: Sequence[str]) -> dict[str, str]:
    """The groups of these sources; of all, if none is given. Raises OperatorError."""
    known = groups(stack)
    if unknown := [source for source in sources if source not in known]:
        raise OperatorError(f"SOURCE {unknown[0]}: allowed are {', '.join(known)}")
    return {source: known[source] for source in sources} if sources else known


def read_lines(
    stack: Stack,
    sources: dict[str, str],
    first: datetime,
    last: datetime | None,
    *,
    level: str | None = None,
    execution_id: str | None = None,
) -> list[LogLine]:
    """The lines from one time to another, the oldest first."""
    span = _milliseconds(first), _milliseconds(last) if last else None
    return [line for _, line in _events(stack, sources, span, level, execution_id)]


def follow(
    stack: Stack,
    sources: dict[str, str],
    first: datetime,
    *,
    level: str | None = None,
    execution_id: str | None = None,
) -> Iterator[LogLine | None]:
    """The lines as they come, each once; None whenever there is nothing new. Endless."""
    seen: set[_Identity] = set()
    since = _milliseconds(first)
    while True:
        for event, line in _events(stack, sources, (since, None), level, execution_id):
            identity: _Identity = event["timestamp"], event["logStreamName"], event["message"]
            if identity not in seen:
                seen.add(identity)
                yield line
        since = max(since, max(seen)[0] - _LATE_MS) if seen else since
        seen = {each for each in seen if each[0] >= since}
        yield None
        time.sleep(_POLL_SECONDS)


def _events(
    stack: Stack,
    sources: dict[str, str],
    span: tuple[int, int | None],
    level: str | None,
    execution_id: str | None,
) -> list[tuple[dict[str, Any], LogLine]]:
    first, last = span
    found = list[tuple[dict[str, Any], LogLine]]()
    for source, group in sources.items():
        terms = pattern(source, level=level, execution_id=execution_id)
        given = {"filterPattern": terms} if terms else {}
        until = {"endTime": last} if last is not None else {}
        pages = stack.client("logs").get_paginator("filter_log_events")
        try:
            for page in pages.paginate(logGroupName=group, startTime=first, **given, **until):
                for event in page["events"]:
                    line = read_line(source, event["timestamp"], event["message"])
                    if is_wanted(line, level=level, execution_id=execution_id):
                        found.append((event, line))
        except ClientError as error:
            if not is_missing(error):
                raise
            raise OperatorError(
                f"there is no log group {group}: python -m ops verify shows what else is missing"
            ) from None
    return sorted(found, key=lambda each: each[0]["timestamp"])


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)

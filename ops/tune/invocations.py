"""Lambda's REPORT lines: what each invocation took. Pure, and one read of the logs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from handlers.contract.functions import FunctionSpec
from ops.stack import Stack
from ops.tune.metrics import Span

_REPORT = re.compile(
    r"REPORT RequestId: (?P<id>[0-9a-f-]{36})\s+Duration: (?P<duration>[\d.]+) ms\s+"
    r"Billed Duration: (?P<billed>\d+) ms\s+Memory Size: (?P<size>\d+) MB\s+"
    r"Max Memory Used: (?P<used>\d+) MB(?:\s+Init Duration: (?P<init>[\d.]+) ms)?"
)


@dataclass(frozen=True)
class Invocation:
    """One REPORT line: times in milliseconds, memory in MB.

    used_mb: None where it is not measured (the embedded cloud). init_ms: of a cold start.
    """

    request_id: str
    duration_ms: float
    billed_ms: int
    memory_mb: int
    used_mb: int | None
    init_ms: float | None


def invocations_in(texts: Iterable[str]) -> list[Invocation]:
    """The REPORT lines among lines of a log."""
    return [
        Invocation(
            found["id"],
            float(found["duration"]),
            int(found["billed"]),
            int(found["size"]),
            int(found["used"]) or None,
            float(found["init"]) if found["init"] else None,
        )
        for text in texts
        for found in _REPORT.finditer(text)
    ]


def read_invocations(stack: Stack, spec: FunctionSpec, span: Span) -> list[Invocation]:
    """A function's invocations of the last day of a span, which is enough for memory and starts."""
    first = max(span.first, span.last - timedelta(days=1))
    pages = (
        stack.client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=stack.names.function_log_group(spec),
            filterPattern='"REPORT RequestId"',
            startTime=int(first.timestamp() * 1000),
            endTime=int(span.last.timestamp() * 1000),
        )
    )
    return invocations_in(event["message"] for page in pages for event in page["events"])


def most_memory_used(invocations: Iterable[Invocation]) -> int | None:
    """In MB; None if it was measured nowhere."""
    return max((each.used_mb for each in invocations if each.used_mb), default=None)


def percentile(values: Iterable[float], percent: int) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]

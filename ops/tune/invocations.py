"""Lambda's REPORT lines: what each invocation took. Pure, and one read of the logs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from handlers.contract.functions import FunctionSpec
from ops.stack import Stack
from ops.tune.metrics import Span

_REPORT = re.compile(
    r"REPORT RequestId: [0-9a-f-]{36}\s+Duration: (?P<duration>[\d.]+) ms\s+"
    r"Billed Duration: (?P<billed>\d+) ms\s+Memory Size: (?P<size>\d+) MB\s+"
    r"Max Memory Used: (?P<used>\d+) MB(?:\s+Init Duration: (?P<init>[\d.]+) ms)?"
)


_VERSION = re.compile(r"\[(\$LATEST|\d+)\]")
"""In a stream's name: 2026/11/29/[12]9344a148f3374593ba5634962fde6ae3."""


@dataclass(frozen=True)
class Invocation:
    """One REPORT line: times in milliseconds, memory in MB.

    version: that ran, "" where the log's stream does not name it. used_mb: None where it is not
    measured (the embedded cloud says 0, or more than there is). init_ms: of a cold start.
    """

    version: str
    duration_ms: float
    billed_ms: int
    memory_mb: int
    used_mb: int | None
    init_ms: float | None


def invocations_in(events: Iterable[Mapping[str, Any]]) -> list[Invocation]:
    """The REPORT lines among events of a log, as FilterLogEvents returns them; in order of time."""
    return [
        _invocation(event["logStreamName"], found)
        for event in sorted(events, key=lambda event: event["timestamp"])
        for found in _REPORT.finditer(event["message"])
    ]


def _invocation(stream: str, report: re.Match[str]) -> Invocation:
    version, used, size = _VERSION.search(stream), int(report["used"]), int(report["size"])
    return Invocation(
        version[1] if version else "",
        float(report["duration"]),
        int(report["billed"]),
        size,
        used if 0 < used <= size else None,
        float(report["init"]) if report["init"] else None,
    )


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
    return invocations_in(event for page in pages for event in page["events"])


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

"""A power-tuning run: a function at several sizes of memory, on versions that nobody else calls.

A version is made for each size, invoked by its number, and deleted again. `live` stays where it
is, and $LATEST gets its own memory back, also after Ctrl-C or an error. A run that was killed
leaves versions whose description begins with MARK; the next run deletes them first.
"""

import json
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from components.names import ALIAS
from handlers.contract.functions import WORKFLOW_RECONCILE, WORKFLOW_STATUS, FunctionSpec
from ops.problems import OperatorError
from ops.stack import Stack
from ops.tune.invocations import Invocation, percentile, read_invocations
from ops.tune.metrics import Span

MARK = "ops tune memory"
SIZES = (256, 512, 1024, 1536, 2048)
LEAST_MB, MOST_MB = 128, 10_240
_USD_PER_GB_SECOND = 0.0000133334
_USD_PER_REQUEST = 0.0000002
"""Lambda on arm64, first tier, ap-northeast-1 and most other regions (AWS Lambda pricing page)."""

_POLL_SECONDS, _POLLS = 0.5, 120
_HARMLESS: dict[str, dict[str, Any]] = {
    WORKFLOW_STATUS.name: {
        "version": "2.0",
        "routeKey": "GET /health",
        "rawPath": "/health",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "requestId": MARK,
            "stage": "$default",
            "http": {"method": "GET", "path": "/health"},
        },
        "isBase64Encoded": False,
    },
    WORKFLOW_RECONCILE.name: {},
}
"""Function -> an event that changes nothing, or only what its schedule does anyway (the sweep)."""


@dataclass(frozen=True)
class Size:
    """A size of memory (MB) as it was measured.

    median_ms, p95_ms: durations of warm invocations. cold_ms: of the first one, with its init.
    usd_per_million: what a million invocations of the median cost.
    """

    memory_mb: int
    invocations: int
    median_ms: float
    p95_ms: float
    cold_ms: float
    usd_per_million: float


def event_of(spec: FunctionSpec, payload: str | None) -> bytes:
    """The event to invoke with. Raises OperatorError if the function needs one and has none."""
    if payload is None and spec.name not in _HARMLESS:
        raise OperatorError(
            f"{spec.name} has no event that changes nothing: give one, --payload FILE (allowed"
            f" without: {', '.join(_HARMLESS)}). task-generation answers an action that it has"
            " generated before without the model: record such an event"
        )
    try:
        return json.dumps(json.loads(payload) if payload else _HARMLESS[spec.name]).encode()
    except ValueError as error:
        raise OperatorError(f"--payload: must be JSON ({error})") from None


def usd_per_million(memory_mb: int, milliseconds: float) -> float:
    """What a million invocations of this length cost."""
    gigabyte_seconds = memory_mb / 1024 * milliseconds / 1000
    return 1_000_000 * (gigabyte_seconds * _USD_PER_GB_SECOND + _USD_PER_REQUEST)


def measure(
    stack: Stack,
    spec: FunctionSpec,
    sizes: Sequence[int],
    event: bytes,
    *,
    invocations: int,
    progress: Callable[[str], None],
) -> list[Size]:
    """The sizes as measured, in their order. Raises OperatorError if the function fails."""
    found = list[Size]()
    with _versions(stack, spec, progress) as version_of:
        for memory in sizes:
            version = version_of(memory)
            began = datetime.now(UTC)
            for _ in range(invocations + 1):
                _invoke(stack, spec, version, event)
            reports = _reports(stack, spec, began, version, invocations + 1)
            found.append(_size(memory, reports))
            progress(f"{memory} MB: median {found[-1].median_ms:.0f} ms")
    return found


@contextmanager
def _versions(
    stack: Stack, spec: FunctionSpec, progress: Callable[[str], None]
) -> Generator[Callable[[int], str]]:
    """Makes a version of a size, and takes everything back at the end, however it comes."""
    client, name = stack.client("lambda"), stack.names.function(spec)
    clean_up(stack, spec)
    before = client.get_function_configuration(FunctionName=name)

    def version_of(memory: int) -> str:
        _configure(client, name, memory, f"{MARK} {memory} MB")
        return client.publish_version(FunctionName=name, Description=f"{MARK} {memory} MB")[
            "Version"
        ]

    try:
        yield version_of
    finally:
        progress("taking the versions back")
        _configure(client, name, before["MemorySize"], before.get("Description", ""))
        clean_up(stack, spec)


def clean_up(stack: Stack, spec: FunctionSpec) -> list[str]:
    """Delete the versions of a run and give $LATEST the live version's memory; the versions.

    Read back: raises OperatorError if one is still there. `live` is never touched.
    """
    client, name = stack.client("lambda"), stack.names.function(spec)
    found = _marked(client, name)
    latest = client.get_function_configuration(FunctionName=name)
    if latest.get("Description", "").startswith(MARK):
        live = client.get_function_configuration(FunctionName=name, Qualifier=ALIAS)
        _configure(client, name, live["MemorySize"], live.get("Description", ""))
    for version in found:
        client.delete_function(FunctionName=name, Qualifier=version)
    if left := _marked(client, name):
        raise OperatorError(f"{name}: versions {', '.join(left)} are still there: try again")
    return found


def _marked(client: Any, name: str) -> list[str]:
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    return [
        each["Version"]
        for page in pages
        for each in page["Versions"]
        if each["Version"].isdigit() and each.get("Description", "").startswith(MARK)
    ]


def _configure(client: Any, name: str, memory: int, description: str) -> None:
    client.update_function_configuration(
        FunctionName=name, MemorySize=memory, Description=description
    )
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def _invoke(stack: Stack, spec: FunctionSpec, version: str, event: bytes) -> None:
    answer = stack.client("lambda").invoke(
        FunctionName=stack.names.function(spec), Qualifier=version, Payload=event
    )
    if "FunctionError" in answer:
        kind = json.loads(answer["Payload"].read()).get("errorType")
        raise OperatorError(f"{spec.name} failed with {kind} at version {version}: see its log")
    answer["Payload"].read()


def _reports(
    stack: Stack, spec: FunctionSpec, began: datetime, version: str, count: int
) -> list[Invocation]:
    """The version's REPORT lines, which arrive some seconds later; nobody else invokes it."""
    margin = timedelta(seconds=1)
    for _ in range(_POLLS):
        found = read_invocations(stack, spec, Span(began - margin, datetime.now(UTC) + margin))
        mine = [each for each in found if each.version == version]
        if len(mine) == count:
            return mine
        time.sleep(_POLL_SECONDS)
    raise OperatorError(f"{spec.name}: {count} invocations, not as many REPORT lines in a minute")


def _size(memory: int, reports: Sequence[Invocation]) -> Size:
    cold, *warm = reports
    times = [each.duration_ms for each in warm]
    median = percentile(times, 50)
    return Size(
        memory,
        len(warm),
        median,
        percentile(times, 95),
        cold.duration_ms + (cold.init_ms or 0),
        usd_per_million(memory, percentile([each.billed_ms for each in warm], 50)),
    )

"""Counts the state transitions and the payloads in an execution's history. Pure functions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Event = Mapping[str, Any]
"""One event as GetExecutionHistory returns it."""

_SCHEDULED = ("LambdaFunctionScheduled", "TaskScheduled", "ActivityScheduled")
_PAYLOADS = ("input", "output", "parameters")


def count_transitions(events: Iterable[Event]) -> int:
    """State transitions as AWS bills them: every step executed, retries included.

    Source: AWS Step Functions pricing, "Standard Workflows". In the history a step starts with a
    StateEntered event, and a retry is a scheduled task that does not follow such an event.
    """
    events = list(events)
    types = {event["id"]: event["type"] for event in events}
    entered = sum(type_.endswith("StateEntered") for type_ in types.values())
    retries = sum(
        event["type"] in _SCHEDULED
        and not types.get(event["previousEventId"], "").endswith("StateEntered")
        for event in events
    )
    return entered + retries


def largest_payload_bytes(events: Iterable[Event]) -> int:
    """Size of the largest input, output or parameters, in bytes of UTF-8 (AWS's limit: 256 KiB)."""
    payloads = (payload for event in events for payload in _payloads(event))
    return max((len(payload.encode()) for payload in payloads), default=0)


def _payloads(event: Event) -> Iterator[str]:
    for name, details in event.items():
        if name.endswith("EventDetails"):
            yield from (details[key] for key in _PAYLOADS if isinstance(details.get(key), str))

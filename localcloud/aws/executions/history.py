"""The history of an execution, as GetExecutionHistory shows it on AWS: names, links, limits.

Names and details follow the Step Functions API reference, HistoryEvent, and what was recorded.
"""

import json
import threading
from typing import Any

from localcloud.aws.executions import execution_logs
from localcloud.aws.executions.scopes import Scope, current
from localcloud.aws.ministack import ExecutionError, Json, responses

PAYLOAD_LIMIT_BYTES = 256 * 1024
"""Input or output of a state, task or execution, as UTF-8 (Step Functions quotas)."""

EVENT_LIMIT = 25_000
"""Events of one execution, its end included (developer guide: "the history quota")."""

NOT_TRUNCATED: Json = {"truncated": False}
"""How an event describes a payload that it shows; GetExecutionHistory shortens none."""

_lock = threading.Lock()


def compact(value: Any) -> str:
    """JSON as AWS counts it: no spaces, no escapes for what UTF-8 can say."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def check_size(value: Any, whose: str) -> None:
    """Raise States.DataLimitExceeded if `value` is too large to travel between states."""
    if len(compact(value).encode()) > PAYLOAD_LIMIT_BYTES:
        raise ExecutionError(
            "States.DataLimitExceeded",
            f"The state/task '{whose}' returned a result with a size exceeding the maximum "
            "number of bytes service limit.",
        )


def with_input(value: Any) -> Json:
    """An input, as the details of an event show it."""
    return {"input": compact(value), "inputDetails": NOT_TRUNCATED}


def with_output(value: Any) -> Json:
    """An output, as the details of an event show it."""
    return {"output": compact(value), "outputDetails": NOT_TRUNCATED}


def with_assigned(variables: Json) -> Json:
    """What a state has assigned, as the details of an event show it; empty if it is nothing."""
    if not variables:
        return {}
    written = {name: compact(value) for name, value in variables.items()}
    return {"assignedVariables": written, "assignedVariablesDetails": NOT_TRUNCATED}


def record(
    execution: Json,
    event_type: str,
    details: Json | None = None,
    *,
    previous: int | None = None,
    leads_on: bool = True,
) -> int:
    """Append an event to the present line; its id. Raises LineEndedError once the line has ended.

    previous: the event that it follows, unless it is the line's latest. leads_on: whether the
    next event of the line follows this one.
    """
    scope = current()
    with _lock:
        scope.check()
        if len(execution["events"]) >= EVENT_LIMIT - 1:
            raise ExecutionError(
                "States.Runtime",
                f"The execution reached the maximum number of history events ({EVENT_LIMIT}).",
            )
        after = scope.last_event_id if previous is None else previous
        number = _append(execution, after, event_type, details or {})
        if leads_on:
            scope.last_event_id = number
    return number


def record_end(execution: Json, event_type: str, details: Json, scope: Scope) -> None:
    """Append the event that ends the execution; nothing follows it.

    scope: the execution's, which knows where the last state ended; a stop or a time-out comes
    from outside, and follows nothing.
    """
    by_itself = event_type in ("ExecutionSucceeded", "ExecutionFailed")
    with _lock:
        _append(execution, scope.last_event_id if by_itself else 0, event_type, details)


def _append(execution: Json, previous: int, event_type: str, details: Json) -> int:
    number = len(execution["events"]) + 1
    event: Json = {
        "id": number,
        "previousEventId": previous,
        "type": event_type,
        "timestamp": responses.now_iso(),
        **details,
    }
    execution["events"].append(event)
    execution_logs.write(execution, event)
    return number

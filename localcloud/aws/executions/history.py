"""The history of an execution, as GetExecutionHistory shows it on AWS: names, links, limits.

MiniStack records no state inside a Map and calls every task's events alike. Names and details
follow the Step Functions API reference, HistoryEvent.
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


def record(execution: Json, event_type: str, details: Json | None = None) -> None:
    """Append an event, unless its line has ended (replaces MiniStack's `_add_event`)."""
    scope = current()
    named = _renamed(event_type, details or {})
    if named is None:
        return
    with _lock:
        if scope is not None and scope.ended:
            return
        if scope is not None and len(execution["events"]) >= EVENT_LIMIT - 1:
            raise ExecutionError(
                "States.Runtime",
                f"The execution reached the maximum number of history events ({EVENT_LIMIT}).",
            )
        _append(execution, scope, *named)


def record_end(execution: Json, event_type: str, details: Json) -> None:
    """Append the event that ends the execution; nothing follows it."""
    with _lock:
        _append(execution, None, event_type, details)


def record_started(
    scope: Scope, resource: str, arguments: Any, timeout_seconds: float | None
) -> None:
    """Append the events of a task's beginning: its arguments are known only where it is invoked."""
    timeout: Json = {} if timeout_seconds is None else {"timeoutInSeconds": timeout_seconds}
    if _is_function(resource):
        scheduled = {"resource": resource, "input": compact(arguments), **timeout}
        events: list[tuple[str, Json]] = [
            ("LambdaFunctionScheduled", {"lambdaFunctionScheduledEventDetails": scheduled}),
            ("LambdaFunctionStarted", {}),
        ]
    else:
        integration = _integration(resource)
        region = scope.execution["executionArn"].split(":")[3]
        scheduled = {**integration, "region": region, "parameters": compact(arguments), **timeout}
        events = [
            ("TaskScheduled", {"taskScheduledEventDetails": scheduled}),
            ("TaskStarted", {"taskStartedEventDetails": integration}),
        ]
    for event_type, details in events:
        record(scope.execution, event_type, details)


def _append(execution: Json, scope: Scope | None, event_type: str, details: Json) -> None:
    number = len(execution["events"]) + 1
    event: Json = {
        "id": number,
        "previousEventId": number - 1 if scope is None else scope.last_event_id,
        "type": event_type,
        "timestamp": responses.now_iso(),
        **details,
    }
    execution["events"].append(event)
    execution_logs.write(execution, event)
    if scope is not None:
        scope.last_event_id = number


def _renamed(event_type: str, details: Json) -> tuple[str, Json] | None:
    """MiniStack's event as AWS names it; None for what we record ourselves."""
    match event_type:
        case "TaskScheduled" if "parameters" not in details["taskScheduledEventDetails"]:
            return None
        case "TaskSucceeded":
            given = details["taskSucceededEventDetails"]
            output = {"output": compact(json.loads(given["output"]))}
            return _task_event("Succeeded", given["resource"], output)
        case "TaskFailed":
            given = details["taskFailedEventDetails"]
            outcome = "TimedOut" if given["error"] == "States.Timeout" else "Failed"
            error = {"error": given["error"], "cause": given["cause"]}
            return _task_event(outcome, given["resource"], error)
        case _:
            return event_type, details


def _task_event(outcome: str, resource: str, given: Json) -> tuple[str, Json]:
    if _is_function(resource):
        return f"LambdaFunction{outcome}", {f"lambdaFunction{outcome}EventDetails": given}
    return f"Task{outcome}", {f"task{outcome}EventDetails": {**_integration(resource), **given}}


def _is_function(resource: str) -> bool:
    return ":function:" in resource


def _integration(resource: str) -> Json:
    """The parts of arn:aws:states:::dynamodb:updateItem that events name."""
    *_, service, action = resource.split(":")
    return {"resourceType": service, "resource": action}

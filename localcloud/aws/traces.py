"""The segments that Lambda and Step Functions send to X-Ray.

An invocation starts a trace unless its caller has one. StartExecution's `traceHeader` carries the
trace to the machine, and the machine carries it to its tasks. (Lambda Developer Guide, "Visualize
Lambda function invocations using AWS X-Ray"; Step Functions Developer Guide, "Trace Step Functions
request data in AWS X-Ray".) The segments of states are left out: the machine's segment and a
subsegment for each task give the same service map.
"""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

from localcloud.aws import TRACES
from localcloud.aws.ministack import Json, states
from localcloud.aws.xray import recorder
from localcloud.aws.xray.header import TraceHeader, new_segment_id, new_trace, parse

_caller: ContextVar[TraceHeader | None] = ContextVar("caller", default=None)
_machines: dict[str, TraceHeader] = {}
"""The header for the tasks of an execution, by the execution's ARN."""


def listen() -> None:
    """Start the X-Ray daemon that functions send to. Raises OSError if the port is in use."""
    recorder.listen(_file(), int(os.environ["GATEWAY_PORT"]))


def invocation(config: Json) -> "Invocation":
    """Start the trace of an invocation."""
    called_with = _caller.get() or (new_trace() if _is_active(config) else None)
    return Invocation(config, called_with)


class Invocation:
    """The trace of one invocation; `header` is for the function."""

    def __init__(self, config: Json, called_with: TraceHeader | None) -> None:
        self._config, self._called_with = config, called_with
        self._service, self._function = new_segment_id(), new_segment_id()
        self._start = time.time()

    @property
    def header(self) -> str | None:
        """The header for the runtime, with the function's segment as the parent."""
        called_with = self._called_with
        if called_with is None:
            return None
        return str(TraceHeader(called_with.trace_id, self._function, called_with.sampled))

    def end(self, request_id: str, *, failed: bool) -> None:
        """Send the segments of the Lambda service and of the function."""
        if self._called_with is None or not self._called_with.sampled:
            return
        common: Json = {
            "trace_id": self._called_with.trace_id,
            "name": self._config["FunctionName"],
            "start_time": self._start,
            "end_time": time.time(),
            **({"fault": True} if failed else {}),
        }
        aws = {"aws": {"request_id": request_id, "resource_arn": self._config["FunctionArn"]}}
        service = {**common, "id": self._service, "origin": "AWS::Lambda", **aws}
        if self._called_with.parent:
            service["parent_id"] = self._called_with.parent
        function = {**common, "id": self._function, "parent_id": self._service}
        _record(service)
        _record({**function, "origin": "AWS::Lambda::Function", **aws})


def execution_started(execution: Json, header: str | None) -> None:
    """Start an execution's trace: the caller's, or a new one."""
    called_with = parse(header) or new_trace()
    machine = states._state_machines[execution["stateMachineArn"]]
    sampled = called_with.sampled and machine.get("tracingConfiguration", {}).get("enabled", False)
    _machines[execution["executionArn"]] = TraceHeader(
        called_with.trace_id, new_segment_id(), sampled
    )
    execution["traceHeader"] = str(called_with)


def execution_ended(execution: Json) -> None:
    """Send the machine's segment."""
    trace = _machines.pop(execution["executionArn"])
    if not trace.sampled:
        return
    called_with = parse(execution["traceHeader"])
    _record(
        {
            "trace_id": trace.trace_id,
            "id": trace.parent,
            **({"parent_id": called_with.parent} if called_with and called_with.parent else {}),
            "name": execution["stateMachineArn"].rsplit(":", 1)[-1],
            "origin": "AWS::StepFunctions::StateMachine",
            "start_time": _moment(execution["startDate"]),
            "end_time": _moment(execution["stopDate"]),
            "aws": {"execution_arn": execution["executionArn"]},
            **({"fault": True} if execution["status"] in ("FAILED", "TIMED_OUT") else {}),
        }
    )


@contextmanager
def task(execution: Json, resource: str, arguments: Any) -> Generator[None]:
    """Trace one attempt at a task, as a subsegment that is the parent of what it calls."""
    machine = _machines.get(execution["executionArn"])
    if machine is None:  # it has ended
        yield
        return
    segment_id, start, failed = new_segment_id(), time.time(), True
    token = _caller.set(TraceHeader(machine.trace_id, segment_id, machine.sampled))
    try:
        yield
        failed = False
    finally:
        _caller.reset(token)
        if machine.sampled:
            _record(
                {
                    "trace_id": machine.trace_id,
                    "id": segment_id,
                    "parent_id": machine.parent,
                    "type": "subsegment",
                    "namespace": "aws",
                    "start_time": start,
                    "end_time": time.time(),
                    **_called(resource, arguments),
                    **({"fault": True} if failed else {}),
                }
            )


def _called(resource: str, arguments: Any) -> Json:
    match resource.removeprefix("arn:aws:states:::").split(":"):
        case ["dynamodb", action]:
            aws = {"operation": action, "table_name": arguments["TableName"]}
            return {"name": "DynamoDB", "aws": aws}
        case ["sns", action]:
            return {"name": "SNS", "aws": {"operation": action, "topic_arn": arguments["TopicArn"]}}
        case _:
            return {"name": "Lambda", "aws": {"operation": "Invoke", "function_name": resource}}


def _is_active(config: Json) -> bool:
    return config.get("TracingConfig", {}).get("Mode") == "Active"


def _record(document: Json) -> None:
    recorder.record(_file(), document)


def _file() -> Path:
    return Path(os.environ["STATE_DIR"]) / TRACES


def _moment(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()

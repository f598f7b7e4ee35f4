"""The life of an execution: started once by name, run from a fixed version, ended exactly once.

What MiniStack lacks: the version that an alias names, the time-out, a stop that stops, and an end
that nothing overwrites. (Step Functions API reference: StartExecution, StopExecution; Amazon
States Language: TimeoutSeconds.)
"""

import json
import logging
import re
import threading
from contextvars import copy_context
from typing import Any

from localcloud.aws import journal, traces
from localcloud.aws.executions import execution_logs
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.history import (
    NOT_TRUNCATED,
    PAYLOAD_LIMIT_BYTES,
    record_end,
    with_output,
)
from localcloud.aws.executions.scopes import LineEndedError, Scope, entered
from localcloud.aws.executions.status_events import publish_status
from localcloud.aws.executions.walk import walk
from localcloud.aws.ministack import ExecutionError, Json, Response, iam, responses, states
from localcloud.aws.permissions.permissions import session_arn
from localcloud.aws.service_metrics import execution_changed

_describe_execution = states._describe_execution
_executions: Any = states._executions

# API reference: no white space, brackets, wildcards, control or special characters; 80 at most
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
_MORE = ("stateMachineVersionArn", "stateMachineAliasArn", "traceHeader")

_running: dict[str, Scope] = {}
_lock = threading.Lock()


def start_execution(request: Json) -> Response:
    """StartExecution."""
    requested: str = request.get("stateMachineArn", "")
    base = states._resolve_state_machine_arn(requested)
    if base is None:
        return _refusal("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{requested}'")
    name: str = request.get("name") or responses.new_uuid()
    given: str = request.get("input", "{}")
    if not _NAME.fullmatch(name):
        return _refusal("InvalidName", f"Invalid Name: '{name}'")
    if (invalid := _invalid_input(given)) is not None:
        return invalid
    arn = f"{base.replace(':stateMachine:', ':execution:')}:{name}"
    execution = _new_execution(arn, name, base, requested, given)
    trace_header: str | None = request.get("traceHeader")
    scope = Scope(execution, execution["roleArn"])
    with _lock:
        existing: Json | None = _executions.get(arn)
        if existing is None:
            _executions[arn] = execution
            traces.execution_started(execution, trace_header)
            _running[arn] = scope
            journal.execution_changed(execution)
    if existing is not None:
        # the same request again, as a retry of a lost answer would send it
        if existing["status"] != "RUNNING" or existing["input"] != given:
            return _refusal("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
        return responses.json_response({"executionArn": arn, "startDate": existing["startDate"]})
    execution_logs.write(execution, execution["events"][0])
    execution_changed(execution)
    publish_status(execution)
    _in_background(_run, scope)
    return responses.json_response({"executionArn": arn, "startDate": execution["startDate"]})


def stop_execution(request: Json) -> Response:
    """StopExecution: nothing begins after it; a function at work goes on, but nobody listens."""
    execution: Json | None = _executions.get(request.get("executionArn"))
    if execution is None:
        arn = request.get("executionArn")
        return _refusal("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    reason = {key: request[key] for key in ("error", "cause") if key in request}
    _end(execution, "ABORTED", "ExecutionAborted", reason)
    return responses.json_response({"stopDate": execution["stopDate"]})


def describe_execution(request: Json) -> Response:
    """DescribeExecution, with the version, the alias and the trace that it was started by."""
    status, headers, body = _describe_execution(request)
    if status != 200:  # noqa: PLR2004
        return status, headers, body
    execution = _executions[request["executionArn"]]
    more = {key: execution[key] for key in _MORE if key in execution}
    return responses.json_response({**json.loads(body), **more})


def _invalid_input(given: str) -> Response | None:
    if len(given.encode()) > PAYLOAD_LIMIT_BYTES:
        return _refusal(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {PAYLOAD_LIMIT_BYTES}",
        )
    try:
        json.loads(given)
    except ValueError as error:
        return _refusal(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'"
        )
    return None


def _new_execution(arn: str, name: str, base: str, requested: str, given: str) -> Json:
    """MiniStack's record, and in it what will run, whatever is published or updated later."""
    version_arn = states._execution_version_arn(requested)
    version = states._state_machine_versions.get(version_arn)
    machine = version or states._state_machines[base]
    qualifiers = {"stateMachineVersionArn": version_arn} if version else {}
    if requested not in (base, version_arn):
        qualifiers["stateMachineAliasArn"] = requested
    started_at = responses.now_iso()
    details = {
        "input": given,
        "inputDetails": NOT_TRUNCATED,
        "roleArn": machine["roleArn"],
        **qualifiers,
    }
    started: Json = {
        "id": 1,
        "previousEventId": 0,
        "type": "ExecutionStarted",
        "timestamp": started_at,
    }
    return {
        "executionArn": arn,
        "stateMachineArn": base,
        **qualifiers,
        "name": name,
        "status": "RUNNING",
        "startDate": started_at,
        "stopDate": None,
        "input": given,
        "output": None,
        "definition": machine["definition"],
        "roleArn": machine["roleArn"],
        "logging": execution_logs.configuration(machine),
        "events": [{**started, "executionStartedEventDetails": details}],
    }


def _run(scope: Scope) -> None:
    execution = scope.execution
    definition = json.loads(execution["definition"])
    given = json.loads(execution["input"])
    # whatever asks for the caller from here on, a topic's policy for one, meets the machine's role
    iam._request_caller_arn.set(session_arn(scope.role_arn))
    # what calls from inside AWS goes over TLS; a policy may ask for that
    iam.pin_request_origin("127.0.0.1", True)
    timer = _time_out_after(definition.get("TimeoutSeconds"), execution)
    context: Json = {
        "Execution": {
            "Id": execution["executionArn"],
            "Input": given,
            "Name": execution["name"],
            "RedriveCount": 0,
            "RoleArn": scope.role_arn,
            "StartTime": execution["startDate"],
        },
        "StateMachine": {
            "Id": execution["stateMachineArn"],
            "Name": execution["stateMachineArn"].rsplit(":", 1)[-1],
        },
    }
    frame = Frame(execution, context, definition.get("QueryLanguage", "JSONPath"))
    try:
        with entered(scope):
            output = walk(definition, given, frame)
    except LineEndedError:
        pass
    except ExecutionError as error:
        _fail(execution, error.error, error.cause)
    except Exception as error:
        logging.getLogger("states").exception("Execution %s", execution["executionArn"])
        _fail(execution, "States.Runtime", str(error))
    else:
        _end(execution, "SUCCEEDED", "ExecutionSucceeded", with_output(output))
    finally:
        timer.cancel()


def _time_out_after(seconds: float | None, execution: Json) -> threading.Timer:
    timer = threading.Timer(seconds or 0, copy_context().run, (_time_out, execution))
    timer.daemon = True
    if seconds is not None:
        timer.start()
    return timer


def _time_out(execution: Json) -> None:
    _end(execution, "TIMED_OUT", "ExecutionTimedOut", {"error": "States.Timeout"})


def _fail(execution: Json, error: str | None, cause: str | None) -> None:
    reason = {"error": error, "cause": cause}
    given = {name: text for name, text in reason.items() if text is not None}
    _end(execution, "FAILED", "ExecutionFailed", given)


def _end(execution: Json, status: str, event_type: str, details: Json) -> None:
    """End an execution, unless it has ended: the first end counts."""
    with _lock:
        if execution["status"] != "RUNNING":
            return
        # on AWS only the event names the error of a time-out
        kept = () if status == "TIMED_OUT" else ("output", "error", "cause")
        execution.update({key: details[key] for key in kept if key in details})
        execution.update(status=status, stopDate=responses.now_iso())
        scope = _running.pop(execution["executionArn"])
        scope.end()
        name = event_type[0].lower() + event_type[1:]
        record_end(execution, event_type, {f"{name}EventDetails": details}, scope)
        traces.execution_ended(execution)
        journal.execution_changed(execution)
    execution_changed(execution)
    publish_status(execution)


def _in_background(function: Any, *arguments: Any) -> None:
    # MiniStack keeps the account and region of a request in the context
    target = copy_context().run
    threading.Thread(target=target, args=(function, *arguments), daemon=True).start()


def _refusal(code: str, message: str) -> Response:
    return responses.error_response_json(code, message, 400)

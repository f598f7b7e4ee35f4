"""The events of one attempt at a task, under the names that AWS gives those of its kind."""

from typing import Any

from localcloud.aws.executions.history import compact, record, with_input, with_output
from localcloud.aws.executions.scopes import current
from localcloud.aws.ministack import Json


def scheduled(resource: str, arguments: Any, limits: Json, credentials: Json) -> None:
    """Append the events of an attempt's beginning.

    limits: timeoutInSeconds and heartbeatInSeconds, where the state sets them. credentials: the
    role of another account, where the state names one.
    """
    execution = current().execution
    if (family := _family(resource)) != "Task":
        details = {"resource": resource, **with_input(arguments), **limits}
        _record(f"{family}Scheduled", details)
        # recorded: a function's start has no details
        record(execution, f"{family}Started")
        return
    integration = _integration(resource)
    region = execution["executionArn"].split(":")[3]
    parameters = {"region": region, "parameters": compact(arguments)}
    _record("TaskScheduled", {**integration, **parameters, **limits, **credentials})
    _record("TaskStarted", integration)


def succeeded(resource: str, result: Any) -> None:
    """Append the event of an attempt's result."""
    _record(f"{_family(resource)}Succeeded", {**_integration(resource), **with_output(result)})


def failed(resource: str, error: str | None, cause: str | None) -> None:
    """Append the event of an attempt's failure."""
    outcome = "TimedOut" if error == "States.Timeout" else "Failed"
    reason = {"error": error, "cause": cause}
    given = {name: text for name, text in reason.items() if text is not None}
    _record(f"{_family(resource)}{outcome}", {**_integration(resource), **given})


def label(resource: str) -> str:
    """What a cause calls the task: its service, or the function."""
    return _integration(resource).get("resourceType", resource)


def _record(event_type: str, details: Json) -> None:
    name = event_type[0].lower() + event_type[1:]
    record(current().execution, event_type, {f"{name}EventDetails": details})


def _family(resource: str) -> str:
    if ":function:" in resource:
        return "LambdaFunction"
    return "Activity" if ":activity:" in resource else "Task"


def _integration(resource: str) -> Json:
    """The parts of arn:aws:states:::dynamodb:updateItem that events name; none of a function."""
    if _family(resource) != "Task":
        return {}
    service, action = _parts(resource)
    return {"resourceType": service, "resource": action}


def _parts(resource: str) -> tuple[str, str]:
    rest = resource.split(":")[5:]
    # startExecution.sync:2 is an action, aws-sdk:dynamodb a service
    size = 2 if rest[0] == "aws-sdk" else 1
    return ":".join(rest[:size]), ":".join(rest[size:])

"""One attempt at a task: permission, call, limits, with the events and error names of AWS."""

import copy
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud.aws import traces
from localcloud.aws.executions import task_events
from localcloud.aws.executions.errors import StatesRuntimeError
from localcloud.aws.executions.history import check_size
from localcloud.aws.executions.scopes import current
from localcloud.aws.ministack import ExecutionError, Json, states
from localcloud.aws.permissions import permissions

_TOKEN_SUFFIX = ".waitForTaskToken"  # noqa: S105 - no secret


@dataclass(frozen=True)
class Task:
    """What a Task state asks for, its fields worked out.

    timeout_seconds, heartbeat_seconds: None where the state sets none. role_arn: the role of
    another account that it wants to be, if any. token: what it waits for, if it waits.
    """

    resource: str
    arguments: Any
    timeout_seconds: float | None = None
    heartbeat_seconds: float | None = None
    role_arn: str | None = None
    token: str | None = None

    @property
    def limits(self) -> Json:
        """The limits as events show them."""
        limits = {
            "timeoutInSeconds": self.timeout_seconds,
            "heartbeatInSeconds": self.heartbeat_seconds,
        }
        return {name: seconds for name, seconds in limits.items() if seconds is not None}

    @property
    def credentials(self) -> Json:
        """The role as events show it."""
        return {"taskCredentials": {"roleArn": self.role_arn}} if self.role_arn else {}


def run(task: Task) -> Any:
    """One attempt, with its events; its result, ExecutionError if it fails."""
    current().check()
    if ":activity:" in task.resource and task.resource not in states._activities:
        raise StatesRuntimeError(f"The activity {task.resource} does not exist.")
    check_size(task.arguments, task_events.label(task.resource))
    task_events.scheduled(task.resource, task.arguments, task.limits, task.credentials)
    try:
        result = perform(task)
        check_size(result, task_events.label(task.resource))
    except ExecutionError as error:
        task_events.failed(task.resource, error.error, error.cause)
        raise
    task_events.succeeded(task.resource, result)
    return result


def perform(task: Task) -> Any:
    """Do a task's work as the machine's role."""
    # MiniStack's services may change what they are given
    scope, arguments = current(), copy.deepcopy(task.arguments)
    resource = task.resource.removesuffix(_TOKEN_SUFFIX)
    permissions.check(scope.role_arn, resource, arguments)
    sent = _flattened(arguments) if resource.endswith(":sns:publish") else arguments

    def call() -> Any:
        if task.token is None:
            return states._invoke_resource(resource, sent)
        return states._invoke_with_callback(task.resource, sent, task.token, {})

    try:
        with traces.task(scope.execution, resource, arguments):
            return scope.run(call, task.timeout_seconds)
    except ExecutionError as error:
        raise _named_as_aws(error) from error


def delay_seconds(retrier: Json, retries_so_far: int) -> float:
    """The wait before the next retry: exponential, capped, anywhere below that with FULL jitter."""
    delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries_so_far
    delay = min(delay, retrier.get("MaxDelaySeconds", delay))
    return random.uniform(0, delay) if retrier.get("JitterStrategy") == "FULL" else delay  # noqa: S311


def sleep(seconds: float) -> None:
    """Wait between retries or in a Wait state; MiniStack's SFN_WAIT_SCALE shortens it."""
    current().sleep(seconds * states._SFN_WAIT_SCALE)


def _named_as_aws(error: ExecutionError) -> ExecutionError:
    """MiniStack's error under the name that AWS gives it."""
    cause = error.cause or ""
    if error.error == "Lambda.Unknown" and "TooManyRequestsException" in cause:
        return ExecutionError("Lambda.TooManyRequestsException", json.loads(cause)["message"])
    if error.error == "SNS.PublishFailed" and (code := re.search("<Code>(.+?)</Code>", cause)):
        # as the Java SDK's exceptions are called: NotFound -> NotFoundException
        return ExecutionError(f"SNS.{code[1].removesuffix('Exception')}Exception", cause)
    return error


def _flattened(arguments: Json) -> Json:
    """Publish's arguments as MiniStack's SNS reads them: it would not see a map of attributes."""
    flat = {name: value for name, value in arguments.items() if name != "MessageAttributes"}
    return flat | dict(_attribute_entries(arguments.get("MessageAttributes", {})))


def _attribute_entries(attributes: Json) -> Iterator[tuple[str, str]]:
    for number, (name, attribute) in enumerate(attributes.items(), start=1):
        entry = f"MessageAttributes.entry.{number}"
        yield f"{entry}.Name", name
        for part, value in attribute.items():
            yield f"{entry}.Value.{part}", value

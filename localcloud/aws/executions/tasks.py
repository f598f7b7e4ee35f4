"""One task of a state machine: permission, call and retries, with the error names of AWS."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws import traces
from localcloud.aws.executions.history import check_size, record_started
from localcloud.aws.executions.scopes import current
from localcloud.aws.ministack import ExecutionError, Json, states
from localcloud.aws.permissions import permissions

_invoke_resource = states._invoke_resource
_find_matching_retrier = states._find_matching_retrier
_error_matches = states._error_matches

UNCATCHABLE = ("States.Runtime", "States.DataLimitExceeded")
"""Terminal errors: States.ALL and States.TaskFailed do not match them (guide: error names)."""


def invoke(resource: str, arguments: Any, timeout_seconds: float | None = None) -> Any:
    """Do a task's work as the machine's role (replaces MiniStack's `_invoke_resource`)."""
    scope = current()
    if scope is None:
        return _invoke_resource(resource, arguments)
    scope.check()
    check_size(arguments, resource)
    record_started(scope, resource, arguments, timeout_seconds)
    permissions.check(scope.role_arn, resource, arguments)
    sent = _flattened(arguments) if resource.endswith(":sns:publish") else arguments
    try:
        with traces.task(scope.execution, resource, arguments):
            result = scope.run(lambda: _invoke_resource(resource, sent), timeout_seconds)
    except ExecutionError as error:
        raise _named_as_aws(error) from error
    check_size(result, resource)
    return result


def find_retrier(
    retriers: list[Json], error: str, counts: dict[int, int]
) -> tuple[Json | None, int]:
    """The retrier for an error, its next delay worked out (MiniStack knows no cap, no jitter)."""
    retrier, index = _find_matching_retrier(retriers, error, counts)
    if retrier is None:
        return None, -1
    delay = delay_seconds(retrier, counts.get(index, 0))
    # MiniStack waits interval * rate ** attempts
    return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1}, index


def delay_seconds(retrier: Json, retries_so_far: int) -> float:
    """The wait before the next retry: exponential, capped, anywhere below that with FULL jitter."""
    delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries_so_far
    delay = min(delay, retrier.get("MaxDelaySeconds", delay))
    return random.uniform(0, delay) if retrier.get("JitterStrategy") == "FULL" else delay  # noqa: S311


def error_matches(names: list[str], error: str) -> bool:
    """Whether a retrier's or catcher's names cover an error (wraps MiniStack's)."""
    return error in names if error in UNCATCHABLE else _error_matches(names, error)


def sleep(seconds: float) -> None:
    """Wait between retries or in a Wait state; MiniStack's SFN_WAIT_SCALE shortens it."""
    scope = current()
    if scope is not None:
        scope.sleep(seconds * states._SFN_WAIT_SCALE)


def _named_as_aws(error: ExecutionError) -> ExecutionError:
    """MiniStack's error under the name that AWS gives it."""
    if error.error == "Lambda.Unknown" and "TooManyRequestsException" in error.cause:
        return ExecutionError("Lambda.TooManyRequestsException", json.loads(error.cause)["message"])
    if error.error == "SNS.PublishFailed" and (
        code := re.search("<Code>(.+?)</Code>", error.cause)
    ):
        # as the Java SDK's exceptions are called: NotFound -> NotFoundException
        return ExecutionError(f"SNS.{code[1].removesuffix('Exception')}Exception", error.cause)
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

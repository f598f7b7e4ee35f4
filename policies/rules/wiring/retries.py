"""Errors that pass are retried, long enough for them to pass, and a lost call is noticed soon."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.conventions import WORKFLOW
from policies.policy import resource_policy, stack_policy
from policies.rules.expected.entries import NEEDED
from policies.stack import resource_types
from policies.stack.definitions import State, tasks
from policies.stack.invocations import function_at
from policies.stack.resource_graph import Resource, ResourceGraph

THROTTLED = frozenset({"ModelThrottledError", "Lambda.TooManyRequestsException"})
"""Errors of a quota (handlers/contract/errors.py, compared by a test)."""

_OF_INVOKE = (
    *("ServiceException", "ResourceConflictException", "ResourceNotReadyException"),
    *("EC2ThrottledException", "EC2UnexpectedException", "ENINotReadyException"),
    *("CodeArtifactUserDeletedException", "CodeArtifactUserPendingException"),
    *("SnapStartNotReadyException", "SnapStartRegenerationFailureException"),
    *("SnapStartTimeoutException", "EFSMountConnectivityException", "EFSMountTimeoutException"),
    *("S3FilesMountConnectivityException", "S3FilesMountTimeoutException"),
    *("AWSLambdaException", "ClientExecutionTimeoutException", "SdkClientException", "Unknown"),
)

TRANSIENT = frozenset(
    {
        *("ModelUnavailableError", "DatabaseUnavailableError", "TableUnavailableError"),
        *("States.Timeout", "Sandbox.Timedout", "Runtime.ExitError"),
        *(f"Lambda.{name}" for name in _OF_INVOKE),
    }
)
"""Errors of the workflow's functions that pass (handlers/contract/errors.py)."""

OF_TABLE = frozenset(
    {
        "States.Timeout",
        *(
            f"DynamoDB.{name}Exception"
            for name in (
                *("InternalServerError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"),
                *("ReplicatedWriteConflict", "SdkClient", "Throttling", "TransactionConflict"),
            )
        ),
    }
)
"""Errors of DynamoDB that pass (Amazon DynamoDB Developer Guide: error handling)."""

_QUOTA_SECONDS = 120
"""Bedrock's quotas are per minute, and others may have used up the one that begins."""
_PASSING_SECONDS = 10
"""A new network interface, or a database that restarts, takes seconds."""
_FIRST_WAIT_SECONDS = 15
"""A user waits for what passes by itself within a second or two."""
_BESIDE_FUNCTION_SECONDS = 60
_SERVICE_SECONDS = (5, 60)


@resource_policy(
    "wiring-retries",
    on={resource_types.MACHINE},
    risk="One call that is throttled or lost fails an action, or the whole execution.",
    fix="Retry every error that passes (policies/rules/wiring/retries.py); let the attempts wait"
    f" {_QUOTA_SECONDS} s together where a quota is used up, {_PASSING_SECONDS} s for the rest, and"
    f" {_FIRST_WAIT_SECONDS} s at most before the first.",
    source="handlers/contract/errors.py; Amazon Bedrock User Guide: quotas; AWS Step Functions"
    " Developer Guide: error handling, transient Lambda service exceptions",
)
def retries(resource: Resource) -> Iterator[str]:
    """The workflow's functions and table are called again when an error passes."""
    if resource.project != WORKFLOW:
        return
    for state in tasks(resource):
        retriers: list[dict[str, Any]] = list(state.body.get("Retry") or ())
        retried = {error for each in retriers for error in each.get("ErrorEquals") or ()}
        for error in sorted(_needed(state) - retried):
            yield f"{state.name} does not retry {error}"
        for error in sorted(retried):
            if not _is_error(error):
                yield f"{state.name} retries {error}, which is the name of no error"
        for retrier in retriers:
            yield from (f"{state.name} {each}" for each in _waits(state, retrier))


def _is_listed(state: State) -> bool:
    return any(f"-{each}:" in f"{state.target}:" for each in NEEDED)


def _needed(state: State) -> frozenset[str]:
    if _is_listed(state):
        return THROTTLED | TRANSIENT
    return OF_TABLE if ":dynamodb:" in state.target else frozenset()


def _is_error(name: str) -> bool:
    """Whether a service may have an error of this name: they end with Exception."""
    service, _, error = name.partition(".")
    is_of_service = service in ("DynamoDB", "Lambda", "SNS", "SQS")
    return not is_of_service or error.endswith("Exception") or name == "Lambda.Unknown"


def _waits(state: State, retrier: Mapping[str, Any]) -> Iterator[str]:
    is_quota = bool(THROTTLED & {*retrier.get("ErrorEquals", ())})
    first = retrier.get("IntervalSeconds", 1)
    if not is_quota and first > _FIRST_WAIT_SECONDS:
        yield f"waits {first} s before it retries, {_FIRST_WAIT_SECONDS} at most"
    least = _QUOTA_SECONDS if is_quota else _PASSING_SECONDS
    together = sum(_seconds(retrier))
    if _is_listed(state) and together < least:
        error = next(iter(retrier.get("ErrorEquals") or ("nothing",)))
        yield f"waits {together:.0f} s in all for {error} to pass, {least} are needed"


def _seconds(retrier: Mapping[str, Any]) -> Iterator[float]:
    """The wait before each attempt, without jitter. (Amazon States Language: defaults)"""
    wait = retrier.get("IntervalSeconds", 1)
    for _ in range(int(retrier.get("MaxAttempts", 3))):
        yield min(wait, retrier.get("MaxDelaySeconds", wait))
        wait *= retrier.get("BackoffRate", 2)


@stack_policy(
    "wiring-lost-calls",
    risk="A call whose answer is lost is noticed minutes late, and the execution's time is over; or"
    " a slow answer is taken for a lost one.",
    fix=f"Set the state's TimeoutSeconds to at most {_BESIDE_FUNCTION_SECONDS} s more than the"
    f" function's time-out, for a service's call to {_SERVICE_SECONDS[0]} to {_SERVICE_SECONDS[1]}"
    " s.",
    source="AWS Step Functions Developer Guide: best practices, time-outs",
)
def lost_calls(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """States wait little longer than what they call may take."""
    for machine in graph.of(resource_types.MACHINE):
        for state in tasks(machine):
            limit = state.body.get("TimeoutSeconds")
            if not isinstance(limit, int | float):
                continue  # resilience-states-end reports it
            function = function_at(graph, state.target)
            if function:
                most = (function.read("timeout") or 3) + _BESIDE_FUNCTION_SECONDS
                if limit > most:
                    yield machine, f"{state.name} waits {limit} s for a call, {most:.0f} at most"
            elif re.match(r"arn:aws:states:::(dynamodb|sns|sqs|events):\w+$", state.target):
                low, high = _SERVICE_SECONDS
                if not low <= limit <= high:
                    yield machine, f"{state.name} waits {limit} s for a call, {low} to {high} do"

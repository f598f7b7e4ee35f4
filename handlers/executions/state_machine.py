"""The workflow's state machine: start, describe and stop an execution; its name is its id."""

import json
import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from handlers.contract.environment import env
from handlers.observability.sampling import trace_header
from handlers.runtime.clients import STEADY, client

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_SERVER_ERROR = 500
_THROTTLED = {"KmsThrottlingException", "ThrottlingException", "TooManyRequestsException"}


class StartRefusedError(Exception):
    """Step Functions refused to start the execution, which does not exist."""


class StateMachineUnavailableError(Exception):
    """Step Functions throttled or did not answer; the request may have had its effect or not."""


class StateMachine:
    """One state machine.

    arn: of the machine, or of its alias (which StartExecution then runs).
    traced_percent: of the executions whose start is traced, how many are traced to their end.
    """

    def __init__(self, client: "SFNClient", arn: str, traced_percent: float = 100) -> None:
        self._client = client
        self._arn = arn
        self._traced_percent = traced_percent

    def execution_arn(self, execution_id: str) -> str:
        """The execution's ARN, known before it starts: it names the machine, not the alias."""
        # arn:aws:states:REGION:ACCOUNT:stateMachine:NAME[:ALIAS]
        arn, partition, service, region, account, _, name, *_ = self._arn.split(":")
        return ":".join([arn, partition, service, region, account, "execution", name, execution_id])

    def start(
        self,
        execution_id: str,
        goal_id: str,
        action_ids: Sequence[str] | None = None,
        *,
        request_id: str | None = None,
    ) -> None:
        """Start an execution; if it was started before, nothing happens.

        Raises StartRefusedError if it was not started, StateMachineUnavailableError if it may have
        been.
        """
        state: dict[str, object] = {"executionId": execution_id, "goalId": goal_id}
        if action_ids is not None:
            state["actionIds"] = list(action_ids)
        if request_id is not None:
            state["requestId"] = request_id
        try:
            self._client.start_execution(
                stateMachineArn=self._arn,
                name=execution_id,
                input=json.dumps(state),
                **self._trace(execution_id),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return  # A name is used once: an earlier attempt, or botocore's first try, got through.
        except ClientError as error:
            if _status(error) >= _SERVER_ERROR:
                raise StateMachineUnavailableError(_code(error)) from error
            raise StartRefusedError(_code(error)) from error
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            raise StartRefusedError(type(error).__name__) from error  # The request never arrived.
        except BotoCoreError as error:
            raise StateMachineUnavailableError(type(error).__name__) from error

    def _trace(self, execution_id: str) -> dict[str, str]:
        header = os.environ.get("_X_AMZN_TRACE_ID")
        if not header:
            return {}
        percent = self._traced_percent
        return {"traceHeader": trace_header(header, execution_id, traced_percent=percent)}

    def status(self, execution_id: str) -> str | None:
        """Step Functions' status of the execution; None if it knows no such execution."""
        try:
            reply = self._client.describe_execution(executionArn=self.execution_arn(execution_id))
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        except ClientError as error:
            raise _translated(error) from error
        except BotoCoreError as error:
            raise StateMachineUnavailableError(type(error).__name__) from error
        return reply["status"]

    def stop(self, execution_id: str, *, error: str, cause: str) -> None:
        """Stop the execution, if there is one."""
        try:
            self._client.stop_execution(
                executionArn=self.execution_arn(execution_id), error=error, cause=cause
            )
        except self._client.exceptions.ExecutionDoesNotExist:
            return
        except ClientError as refusal:
            raise _translated(refusal) from refusal
        except BotoCoreError as failure:
            raise StateMachineUnavailableError(type(failure).__name__) from failure


def _translated(error: ClientError) -> Exception:
    is_transient = _status(error) >= _SERVER_ERROR or _code(error) in _THROTTLED
    return StateMachineUnavailableError(_code(error)) if is_transient else error


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))


@cache
def state_machine() -> StateMachine:
    """The state machine of this stack, for a function that starts no executions."""
    return _state_machine(traced_percent=0)


@cache
def startable_state_machine() -> StateMachine:
    """The state machine of this stack, for workflow-start."""
    return _state_machine(env.TRACED_PERCENT)


def _state_machine(traced_percent: float) -> StateMachine:
    return StateMachine(client("stepfunctions", STEADY), env.STATE_MACHINE_ARN, traced_percent)

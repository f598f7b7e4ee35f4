"""Lambda entry: POST /goals/{goalId}/start-activity and POST /workflows/{executionId}/retry."""

import os
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from handlers.api import errors, identifiers
from handlers.api.application import Application, answer
from handlers.api.errors import InvalidField
from handlers.api.requests import EmptyBody, NoQuery
from handlers.api.views import accepted_view
from handlers.contract.functions import WORKFLOW_START
from handlers.executions.cancel import ExecutionNotFoundError
from handlers.executions.retry import NothingFailedError, retry_request
from handlers.executions.start import (
    AlreadyRunningError,
    GoalNotFoundError,
    NoActionsError,
    StartRequest,
    start,
)
from handlers.executions.start_once import start_once
from handlers.observability.telemetry import Telemetry
from handlers.storage.idempotency_keys import scoped
from handlers.storage.wiring import state_machine, stores

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.api_gateway import Response

telemetry = Telemetry(WORKFLOW_START)
application = Application(telemetry)


@telemetry.observe(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An event of the HTTP API -> its answer (docs/openapi.yaml)."""
    return application.resolve(event, context)


@application.route("POST", "/goals/{goalId}/start-activity")
def start_activity(goalId: str) -> "Response[str]":  # noqa: N803 - the path's own name
    """Start an execution of all the goal's actions: 202 with its id."""
    goal_id = identifiers.goal_id(goalId)
    application.query(NoQuery)
    application.body(EmptyBody)
    try:
        return _start(StartRequest(goal_id, application.caller.user_id), f"start {goal_id}")
    except NoActionsError:
        allowed = "アクションが 1 つ以上ある目標"
        raise errors.invalid([InvalidField("goalId", goal_id, allowed)]) from None


@application.route("POST", "/workflows/{executionId}/retry")
def retry(executionId: str) -> "Response[str]":  # noqa: N803
    """Start an execution of only the failed actions of an execution of the caller's own."""
    reference = identifiers.execution_reference(executionId)
    application.query(NoQuery)
    application.body(EmptyBody)
    execution_id, user_id = reference.execution_id, application.caller.user_id
    if not reference.names(state_machine().execution_arn(execution_id)):
        raise errors.execution_not_found()
    try:
        return _start(
            retry_request(stores(), execution_id, user_id=user_id), f"retry {execution_id}"
        )
    except ExecutionNotFoundError:
        raise errors.execution_not_found() from None
    except AlreadyRunningError as error:
        raise errors.already_running(error.execution_id) from None
    except (NothingFailedError, NoActionsError):
        raise errors.nothing_failed() from None


def _start(request: StartRequest, purpose: str) -> "Response[str]":
    request = replace(request, request_id=application.request_id)
    telemetry.identify(goalId=request.goal_id)
    try:
        if key := application.idempotency_key:
            key = scoped(key, user_id=request.user_id, purpose=purpose)
            record = start_once(stores(), state_machine(), request, key)
        else:
            record = start(stores(), state_machine(), request)
    except GoalNotFoundError:
        raise errors.goal_not_found() from None
    except AlreadyRunningError as error:
        raise errors.already_running(error.execution_id) from None
    telemetry.identify(executionId=record.execution_id)
    telemetry.logger.info(
        "started",
        userId=request.user_id,
        parentExecutionId=request.parent_execution_id,
        totalActions=record.total_actions,
    )
    return answer(accepted_view(record), HTTPStatus.ACCEPTED)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    # in Lambda's init phase, which has more processor than the first request
    stores()
    state_machine()

"""Lambda entry: POST /goals/{goalId}/start-activity and POST /workflows/{executionId}/retry."""

from http import HTTPStatus
from typing import Any

from handlers.api import identifiers
from handlers.api.application import Application
from handlers.api.views import View, accepted_view
from handlers.contract.functions import WORKFLOW_START
from handlers.executions.retry import retry_request
from handlers.executions.start import StartRequest
from handlers.executions.start_once import start_once
from handlers.executions.state_machine import startable_state_machine
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_START)
application = Application(telemetry)


@telemetry.observe(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """An event of the HTTP API -> its answer (docs/openapi.yaml)."""
    return application.resolve(event)


@application.route("POST", "/goals/{goalId}/start-activity", HTTPStatus.ACCEPTED)
def start_activity(goalId: str) -> View:  # noqa: N803 - the path's name
    """Start an execution of all the goal's actions."""
    goal_id, user_id = identifiers.goal_id(goalId), application.caller.user_id
    application.expect_no_input()
    return _start(StartRequest(goal_id, user_id, request_id=application.request_id))


@application.route("POST", "/workflows/{executionId}/retry", HTTPStatus.ACCEPTED)
def retry(executionId: str) -> View:  # noqa: N803
    """Start an execution of the failed actions of one of the caller's executions."""
    execution_id = identifiers.execution_id(executionId, startable_state_machine().execution_arn)
    application.expect_no_input()
    user_id, request_id = application.caller.user_id, application.request_id
    return _start(retry_request(stores(), execution_id, user_id=user_id, request_id=request_id))


def _start(request: StartRequest) -> View:
    telemetry.identify(goalId=request.goal_id)
    machine, key = startable_state_machine(), application.idempotency_key
    record = start_once(stores(), machine, request, key)
    telemetry.identify(executionId=record.execution_id)
    telemetry.logger.info(
        "started",
        userId=request.user_id,
        parentExecutionId=request.parent_execution_id,
        totalActions=record.total_actions,
    )
    return accepted_view(record)


in_init_phase(WORKFLOW_START, stores, startable_state_machine)

"""Lambda entry: POST /workflows/{executionId}/cancel."""

import os
from typing import TYPE_CHECKING, Any

from handlers.api import errors
from handlers.api.application import Application, answer
from handlers.api.identifiers import execution_reference
from handlers.api.requests import CancelBody, NoQuery
from handlers.api.views import cancelled_view
from handlers.contract.functions import WORKFLOW_CANCEL
from handlers.executions.cancel import (
    ExecutionEndedError,
    ExecutionFinishingError,
    ExecutionNotFoundError,
    cancel,
)
from handlers.observability.telemetry import Telemetry
from handlers.storage.wiring import state_machine, stores

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.api_gateway import Response

telemetry = Telemetry(WORKFLOW_CANCEL)
application = Application(telemetry)


@telemetry.observe(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An event of the HTTP API -> its answer (docs/openapi.yaml)."""
    return application.resolve(event, context)


@application.route("POST", "/workflows/{executionId}/cancel")
def cancel_execution(executionId: str) -> "Response[str]":  # noqa: N803 - the path's own name
    """Cancel an execution of the caller's own: 200 when it is ABORTED."""
    reference = execution_reference(executionId)
    application.query(NoQuery)
    reason = application.body(CancelBody).reason or ""
    user_id = application.caller.user_id
    execution_id = reference.execution_id
    if not reference.names(state_machine().execution_arn(execution_id)):
        raise errors.execution_not_found()
    try:
        record = cancel(stores(), state_machine(), execution_id, user_id=user_id, reason=reason)
    except ExecutionNotFoundError:
        raise errors.execution_not_found() from None
    except ExecutionEndedError:
        raise errors.already_ended() from None
    except ExecutionFinishingError:
        raise errors.finishing() from None
    telemetry.identify(executionId=execution_id, goalId=record.goal_id)
    telemetry.logger.info("cancelled", userId=user_id, reason=reason)
    return answer(cancelled_view(record))


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    # in Lambda's init phase, which has more processor than the first request
    stores()
    state_machine()

"""Lambda entry: POST /workflows/{executionId}/cancel."""

from typing import Any

from handlers.api import identifiers
from handlers.api.application import Application
from handlers.api.requests import CancelBody, NoQuery
from handlers.api.views import View, cancelled_view
from handlers.contract.functions import WORKFLOW_CANCEL
from handlers.executions.cancel import cancel
from handlers.executions.state_machine import state_machine
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_CANCEL)
application = Application(telemetry)


@telemetry.observe(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """An event of the HTTP API -> its answer (docs/openapi.yaml)."""
    return application.resolve(event)


@application.route("POST", "/workflows/{executionId}/cancel")
def cancel_execution(executionId: str) -> View:  # noqa: N803 - the path's name
    """Cancel one of the caller's executions; it is ABORTED then."""
    machine, user_id = state_machine(), application.caller.user_id
    execution_id = identifiers.execution_id(executionId, machine.execution_arn)
    application.query(NoQuery)
    reason = application.body(CancelBody).reason or ""
    record = cancel(stores(), machine, execution_id, user_id=user_id, reason=reason)
    telemetry.identify(executionId=execution_id, goalId=record.goal_id)
    telemetry.logger.info("cancelled", userId=user_id, reason=reason)
    return cancelled_view(record)


in_init_phase(WORKFLOW_CANCEL, stores, state_machine)

"""Lambda entry workflow-start: POST /goals/{goalId}/start-activity."""

import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from handlers.api import errors, identifiers
from handlers.api.application import Application, answer
from handlers.api.errors import ApiError, ApiErrorCode, InvalidField
from handlers.api.views import accepted_view
from handlers.manifest import WORKFLOW_START
from handlers.starting import (
    AlreadyRunningError,
    GoalNotFoundError,
    NoActionsError,
    StartRequest,
    start,
)
from handlers.state_machine import StartRefusedError, StateMachineUnavailableError
from handlers.stores import state_machine, stores
from handlers.telemetry import Telemetry

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
    request = StartRequest(goal_id, application.caller.user_id)
    try:
        record = start(stores(), state_machine(), request)
    except GoalNotFoundError:
        raise errors.goal_not_found() from None
    except NoActionsError:
        raise errors.invalid(
            [InvalidField("goalId", goal_id, "アクションが 1 つ以上ある目標")]
        ) from None
    except AlreadyRunningError as error:
        raise already_running(error.execution_id) from None
    except (StartRefusedError, StateMachineUnavailableError) as error:
        telemetry.logger.warning("not started", goalId=goal_id, reason=repr(error))
        raise errors.unavailable() from None
    telemetry.logger.info(
        "started",
        executionId=record.execution_id,
        goalId=goal_id,
        totalActions=record.total_actions,
    )
    return answer(accepted_view(record), HTTPStatus.ACCEPTED)


def already_running(execution_id: str) -> ApiError:
    """409 with the id of the goal's running execution."""
    return ApiError(
        ApiErrorCode.CONFLICT,
        "この目標のタスク生成はすでに実行中です。",
        {"executionId": execution_id},
    )


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    # in Lambda's init phase, which has more processor than the first request
    stores()
    state_machine()

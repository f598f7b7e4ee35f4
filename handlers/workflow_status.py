"""Lambda entry: the GET routes of the HTTP API."""

from typing import Any

from handlers.api import identifiers, lists, records, views
from handlers.api.application import Application
from handlers.api.requests import ListQuery
from handlers.api.views import View
from handlers.contract.clock import utc_now
from handlers.contract.functions import WORKFLOW_STATUS
from handlers.observability.telemetry import Telemetry
from handlers.runtime.clients import QUICK
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.table import table

telemetry = Telemetry(WORKFLOW_STATUS)
application = Application(telemetry)


@telemetry.observe(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """An event of the HTTP API -> its answer (docs/openapi.yaml)."""
    return application.resolve(event)


@application.route("GET", "/health")
def health() -> View:
    """A fixed answer; the route is public, so it reads nothing."""
    return {"status": "ok"}


@application.route("GET", "/workflows")
def list_executions() -> View:
    """The caller's executions; for admins those of all users."""
    query = application.query(ListQuery)
    return lists.of_caller(table(QUICK).queries, query, application.caller, utc_now())


@application.route("GET", "/goals/{goalId}/workflows")
def list_executions_of_goal(goalId: str) -> View:  # noqa: N803 - the path's name
    """The executions of a goal; none of another user's."""
    goal_id, query = identifiers.goal_id(goalId), application.query(ListQuery)
    return lists.of_goal(table(QUICK).queries, goal_id, query, application.caller, utc_now())


@application.route("GET", "/workflows/{executionId}/status")
def show_status(executionId: str) -> View:  # noqa: N803
    """An execution's progress, read consistently: no older than the request."""
    record, items = records.requested(application, table(QUICK), executionId)
    return views.status_view(record, items, utc_now())


@application.route("GET", "/workflows/{executionId}/actions")
def list_actions(executionId: str) -> View:  # noqa: N803
    """The actions of an execution."""
    record, items = records.requested(application, table(QUICK), executionId)
    return views.actions_view(record, items)


in_init_phase(WORKFLOW_STATUS, lambda: table(QUICK))

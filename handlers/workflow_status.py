"""Lambda entry: everything that can be watched over the HTTP API."""

import os
from typing import TYPE_CHECKING, Any

from handlers.api.application import Application, answer
from handlers.api.cursors import InvalidCursorError, Scope, seal, unseal
from handlers.api.errors import InvalidField, execution_not_found, invalid
from handlers.api.identifiers import execution_reference, goal_id
from handlers.api.requests import ListQuery, NoQuery
from handlers.api.table_wiring import cursor_key, table
from handlers.api.views import actions_view, execution_view, status_view
from handlers.contract.clock import utc_now
from handlers.contract.functions import WORKFLOW_STATUS
from handlers.observability.telemetry import Telemetry
from handlers.storage.execution_queries import Criteria, Page, Position
from handlers.storage.execution_records import ExecutionRecord

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.api_gateway import Response

telemetry = Telemetry(WORKFLOW_STATUS)
application = Application(telemetry)


@telemetry.observe(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An event of the HTTP API -> its answer (docs/openapi.yaml)."""
    return application.resolve(event, context)


@application.route("GET", "/health")
def health() -> "Response[str]":
    """That the API answers; public, so it touches nothing."""
    return answer({"status": "ok"})


@application.route("GET", "/workflows")
def list_executions() -> "Response[str]":
    """The caller's executions; everybody's for admins."""
    query, caller = application.query(ListQuery), application.caller
    criteria = _criteria(query)
    if caller.is_admin:
        scope = _scope("/workflows of all", query)
        page = table().queries.of_all(criteria, query.limit, _position(query, scope))
    else:
        scope = _scope("/workflows", query)
        position = _position(query, scope)
        page = table().queries.of_user(caller.user_id, criteria, query.limit, position)
    return _list(page, scope)


@application.route("GET", "/goals/{goalId}/workflows")
def list_executions_of_goal(goalId: str) -> "Response[str]":  # noqa: N803 - as in the path
    """The executions of a goal; none of somebody else's."""
    goal, query, caller = goal_id(goalId), application.query(ListQuery), application.caller
    scope = _scope(f"/goals/{goal}/workflows", query)
    position = _position(query, scope)
    queries = table().queries
    owner = queries.owner_of_goal(goal)
    # Asked before anything is listed: neither a cursor nor the time taken tells of others' goals.
    if owner is None or not caller.may_watch(owner):
        return _list(Page([], None), scope)
    user_id = None if caller.is_admin else caller.user_id
    page = queries.of_goal(goal, _criteria(query, user_id), query.limit, position)
    return _list(page, scope)


@application.route("GET", "/workflows/{executionId}/status")
def show_status(executionId: str) -> "Response[str]":  # noqa: N803
    """How far an execution is, read consistently: no older than the request."""
    record = _record(executionId)
    items = table().work_items.of(record.execution_id)
    return answer(status_view(record, items, utc_now()))


@application.route("GET", "/workflows/{executionId}/actions")
def list_actions(executionId: str) -> "Response[str]":  # noqa: N803
    """Every action of an execution."""
    record = _record(executionId)
    return answer(actions_view(record, table().work_items.of(record.execution_id)))


def _record(execution_id: str) -> ExecutionRecord:
    reference = execution_reference(execution_id)
    telemetry.identify(executionId=reference.execution_id)
    application.query(NoQuery)
    record = table().records.get(reference.execution_id)
    if (
        record
        and reference.names(record.execution_arn)
        and application.caller.may_watch(record.user_id)
    ):
        return record
    raise execution_not_found()


def _list(page: Page, scope: Scope) -> "Response[str]":
    now = utc_now()
    body: dict[str, Any] = {"executions": [execution_view(record, now) for record in page.records]}
    if page.next:
        body["nextCursor"] = seal(page.next, scope, cursor_key())
    return answer(body)


def _criteria(query: ListQuery, user_id: str | None = None) -> Criteria:
    return Criteria(query.status, query.since, query.until, user_id)


def _scope(route: str, query: ListQuery) -> Scope:
    filters = query.model_dump(mode="json", include={"status", "since", "until"})
    return Scope(application.caller.user_id, route, filters)


def _position(query: ListQuery, scope: Scope) -> Position:
    if query.cursor is None:
        return Position()
    try:
        return unseal(query.cursor, scope, cursor_key())
    except InvalidCursorError:
        allowed = str(ListQuery.model_fields["cursor"].description)
        raise invalid([InvalidField("cursor", query.cursor, allowed)]) from None


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    # in Lambda's init phase, which has more processor than the first request
    table()

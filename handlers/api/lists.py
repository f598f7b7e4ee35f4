"""The lists of executions: a page for a query, and the cursor to the next one."""

from datetime import datetime

from handlers.api.caller import Caller
from handlers.api.cursors import CursorScope, InvalidCursorError, cursor_key, seal, unseal
from handlers.api.errors import InvalidField, invalid
from handlers.api.requests import ListQuery
from handlers.api.views import View, execution_view
from handlers.storage.execution_queries import Criteria, ExecutionQueries, Page, Position


def of_caller(queries: ExecutionQueries, query: ListQuery, caller: Caller, now: datetime) -> View:
    """The caller's executions; for an admin those of all users. Raises ApiError 400."""
    if caller.is_admin:
        scope = _scope("/workflows of all", query, caller)
        page = queries.of_all(_criteria(query), query.limit, _position(query, scope))
    else:
        scope = _scope("/workflows", query, caller)
        position = _position(query, scope)
        page = queries.of_user(caller.user_id, _criteria(query), query.limit, position)
    return _list(page, scope, now)


def of_goal(
    queries: ExecutionQueries, goal_id: str, query: ListQuery, caller: Caller, now: datetime
) -> View:
    """The executions of a goal; none if it is another user's. Raises ApiError 400."""
    scope = _scope(f"/goals/{goal_id}/workflows", query, caller)
    position = _position(query, scope)
    owner = queries.owner_of_goal(goal_id)
    # Checked before the list is read: neither a cursor nor the duration reveals others' goals.
    if owner is None or not caller.may_watch(owner):
        return _list(Page([], None), scope, now)
    criteria = _criteria(query, None if caller.is_admin else caller.user_id)
    return _list(queries.of_goal(goal_id, criteria, query.limit, position), scope, now)


def _list(page: Page, scope: CursorScope, now: datetime) -> View:
    body: View = {"executions": [execution_view(record, now) for record in page.records]}
    if page.next:
        body["nextCursor"] = seal(page.next, scope, cursor_key())
    return body


def _criteria(query: ListQuery, user_id: str | None = None) -> Criteria:
    return Criteria(query.status, query.since, query.until, user_id)


def _scope(route: str, query: ListQuery, caller: Caller) -> CursorScope:
    filters = {
        "status": query.status,
        "since": query.since and query.since.isoformat(),
        "until": query.until and query.until.isoformat(),
    }
    return CursorScope(caller.user_id, route, filters)


def _position(query: ListQuery, scope: CursorScope) -> Position:
    if query.cursor is None:
        return Position()
    try:
        return unseal(query.cursor, scope, cursor_key())
    except InvalidCursorError:
        allowed = ListQuery.fields["cursor"].allowed
        raise invalid([InvalidField("cursor", query.cursor, allowed)]) from None

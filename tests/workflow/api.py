"""Requests to the HTTP API, for every route and with any token."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg

from handlers.contract.routes import ROUTES, Route
from handlers.contract.table_keys import GOAL_INDEX
from localcloud.cluster.users import ADMIN, DEMO_USER, OTHER_USER, id_token
from localcloud.run.api_bodies import ExecutionStatusBody
from localcloud.run.api_client import ApiClient
from localcloud.run.http_calls import HttpResponse, exchange
from tests.workflow.stage import Stage

TIMEOUT_SECONDS = 90
PROTECTED = tuple(route for route in ROUTES if not route.public)
HEALTH = next(route for route in ROUTES if route.public)
READING = tuple(route for route in PROTECTED if route.method == "GET")


@dataclass(frozen=True)
class Users:
    """Clients of three users: the owner of the goals, another user, and an admin."""

    owner: ApiClient
    other: ApiClient
    admin: ApiClient


def sign_in_all(stage: Stage) -> Users:
    """Sign the three users in."""
    names = (DEMO_USER, OTHER_USER, ADMIN)
    return Users(*(ApiClient(stage.state.api_url, id_token(stage.state, name)) for name in names))


def ask(
    url: str,
    route: Route,
    ids: Mapping[str, str],
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Send a request to a route with these ids in its path."""
    path = route.path.format_map({name: quote(value, safe="") for name, value in ids.items()})
    return exchange(route.method, url + path, token=token, headers=headers)


def until_it_ends(client: ApiClient, execution: str) -> ExecutionStatusBody:
    """Poll an execution until it has ended; returns its last status."""
    give_up_at = time.monotonic() + TIMEOUT_SECONDS
    while (status := client.status(execution))["status"] == "RUNNING":
        assert time.monotonic() < give_up_at, status
        time.sleep(0.2)
    return status


def executions_of(stage: Stage, goal_id: str) -> dict[str, str]:
    """The status of each execution of a goal in the table, by id."""
    found = stage.state.client("dynamodb").query(
        TableName=stage.state.table_name,
        IndexName=GOAL_INDEX,
        KeyConditionExpression="goalId = :goal",
        ExpressionAttributeValues={":goal": {"S": goal_id}},
    )
    return {item["pk"]["S"]: item["status"]["S"] for item in found["Items"]}


def comparable(reply: HttpResponse) -> tuple[int, dict[str, str], bytes]:
    """A response without the request id and the date."""
    ignored = ("date", "apigw-requestid")
    headers = {name: value for name, value in reply.headers.items() if name not in ignored}
    content = re.sub(rb'"requestId":"[^"]*"', b'"requestId":""', reply.content)
    return reply.status, headers, content


def rows_of(conn: psycopg.Connection[Any], goal_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a goal in PostgreSQL, without the time of the lock's last change."""
    queries = {
        "goals": "SELECT * FROM goals WHERE id = %s",
        "sub_goals": 'SELECT * FROM sub_goals WHERE "goalId" = %s ORDER BY id',
        "actions": 'SELECT a.* FROM actions a JOIN sub_goals s ON s.id = a."subGoalId"'
        ' WHERE s."goalId" = %s ORDER BY a.id',
        "tasks": 'SELECT t.* FROM tasks t JOIN actions a ON a.id = t."actionId"'
        ' JOIN sub_goals s ON s.id = a."subGoalId" WHERE s."goalId" = %s ORDER BY t.id',
        "goal_workflows": "SELECT goal_id, state, execution_id, previous_state, phase"
        " FROM goal_workflows WHERE goal_id = %s",
    }
    return {name: conn.execute(query, (goal_id,)).fetchall() for name, query in queries.items()}  # pyright: ignore[reportArgumentType]

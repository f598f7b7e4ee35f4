"""The HTTP API as tests call it: raw, by whatever token, for every route of the manifest."""

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

LONGEST_SECONDS = 90
PROTECTED = tuple(route for route in ROUTES if not route.public)
HEALTH = next(route for route in ROUTES if route.public)
READING = tuple(route for route in PROTECTED if route.method == "GET")


@dataclass(frozen=True)
class Users:
    """Three users' clients: the goals' owner, somebody else, and one who may watch all."""

    owner: ApiClient
    stranger: ApiClient
    admin: ApiClient


def sign_in_all(stage: Stage) -> Users:
    """Sign them in."""
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
    """Call a route with these ids in its path."""
    path = route.path.format_map({name: quote(value, safe="") for name, value in ids.items()})
    return exchange(route.method, url + path, token=token, headers=headers)


def until_it_ends(client: ApiClient, execution: str) -> ExecutionStatusBody:
    """Poll an execution; its last status."""
    give_up_at = time.monotonic() + LONGEST_SECONDS
    while (status := client.status(execution))["status"] == "RUNNING":
        assert time.monotonic() < give_up_at, status
        time.sleep(0.2)
    return status


def executions_of(stage: Stage, goal_id: str) -> dict[str, str]:
    """Status of every execution that the table knows of a goal, by id."""
    found = stage.state.client("dynamodb").query(
        TableName=stage.state.table_name,
        IndexName=GOAL_INDEX,
        KeyConditionExpression="goalId = :goal",
        ExpressionAttributeValues={":goal": {"S": goal_id}},
    )
    return {item["pk"]["S"]: item["status"]["S"] for item in found["Items"]}


def told(reply: HttpResponse) -> tuple[int, dict[str, str], bytes]:
    """All that an answer tells but the request's own id and the hour."""
    own_words = reply.headers.items()
    headers = {name: value for name, value in own_words if name not in ("date", "apigw-requestid")}
    content = re.sub(rb'"requestId":"[^"]*"', b'"requestId":""', reply.content)
    return reply.status, headers, content


def rows_of(conn: psycopg.Connection[Any], goal_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that PostgreSQL holds of a goal, but for the moment of the lock's last change."""
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

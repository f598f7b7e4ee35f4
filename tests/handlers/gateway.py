"""An HTTP API in this process: the contract's routes, and events as API Gateway makes them."""

import base64
import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from handlers.contract.routes import ROUTES, Route
from tests.handlers.lambda_context import LambdaContext


@dataclass(frozen=True)
class User:
    """Whom the gateway takes the caller for, having verified the token."""

    user_id: str
    groups: tuple[str, ...] = ()

    @property
    def claims(self) -> dict[str, str]:
        claims = {"sub": self.user_id, "token_use": "id"}
        # The authorizer turns a token's list into text.
        return {**claims, "cognito:groups": f"[{' '.join(self.groups)}]"} if self.groups else claims


@dataclass(frozen=True)
class ApiAnswer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return self.body["error"]["code"]


def request(
    user: User | None,
    method: str,
    target: str,
    *,
    json_body: object = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> ApiAnswer:
    """Send a request; `target` is path and query, percent-encoded as on the wire."""
    path, query = urlsplit(target).path, urlsplit(target).query
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if json_body is not None:
        body = json.dumps(json_body).encode()
        sent.setdefault("content-type", "application/json")
    matched = _match(method, path)
    if matched is None:
        return ApiAnswer(404, {"message": "Not Found"}, {})
    route, path_parameters = matched
    if user is None and not route.public:
        return ApiAnswer(401, {"message": "Unauthorized"}, {})
    context: dict[str, Any] = {
        "http": {"method": method, "path": path, "sourceIp": "127.0.0.1", "userAgent": "test"},
        "requestId": str(uuid4()),
        "routeKey": route.key,
        "stage": "$default",
    }
    if user and not route.public:
        context["authorizer"] = {"jwt": {"claims": user.claims, "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": sent,
        "requestContext": context,
        **({"pathParameters": path_parameters} if path_parameters else {}),
        **_query(query),
        **_body(body, sent.get("content-type", "")),
    }
    module = importlib.import_module(f"handlers.{route.function.module}")
    reply = module.handler(event, LambdaContext())
    return ApiAnswer(reply["statusCode"], json.loads(reply["body"]), reply["headers"])


def _match(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in ROUTES:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)
        if method == route.method and (match := re.fullmatch(pattern, path)):
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


def _query(query: str) -> dict[str, Any]:
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    joined = {name: ",".join(several) for name, several in values.items()}
    return {"queryStringParameters": joined} if joined else {}


def _body(body: bytes | None, content_type: str) -> dict[str, Any]:
    if not body:
        return {"isBase64Encoded": False}
    if content_type.startswith(("application/json", "text/")):
        return {"body": body.decode(errors="replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}

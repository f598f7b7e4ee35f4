"""A client of the HTTP API; it does not check the answers, only types them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from localcloud.run.api_bodies import (
    AcceptedBody,
    ActionsBody,
    CancelledBody,
    ExecutionsBody,
    ExecutionStatusBody,
)
from localcloud.run.http_calls import HttpResponse, exchange


class ApiRefusedError(Exception):
    """An answer with another status than the expected one.

    code: the error code of docs/openapi.yaml; "" if API Gateway itself answered.
    details: the error's details, such as the id of the running execution.
    """

    def __init__(self, reply: HttpResponse) -> None:
        super().__init__(f"{reply.status} {reply.text}")
        self.status = reply.status
        self.code = ""
        self.details: Mapping[str, Any] = {}
        with suppress(ValueError, LookupError, TypeError, AttributeError):
            error = reply.json()["error"]
            self.code, self.details = error.get("code", ""), error.get("details", {})


@dataclass(frozen=True)
class ApiClient:
    """The API for one user; `execution` is an id or an ARN. Every method raises ApiRefusedError."""

    url: str
    token: str

    def start(self, goal_id: str, *, idempotency_key: str | None = None) -> AcceptedBody:
        """Start an execution of a goal."""
        return self._post(f"/goals/{goal_id}/start-activity", key=idempotency_key)

    def status(self, execution: str) -> ExecutionStatusBody:
        """The progress of an execution."""
        return self._get(f"{_path(execution)}/status")

    def actions(self, execution: str) -> ActionsBody:
        """Every action of an execution."""
        return self._get(f"{_path(execution)}/actions")

    def executions(self, goal_id: str | None = None, **query: str) -> ExecutionsBody:
        """A page of the user's executions, or of one goal's; `query` as in docs/openapi.yaml."""
        path = f"/goals/{goal_id}/workflows" if goal_id else "/workflows"
        return self._get(f"{path}?{urlencode(query)}")

    def cancel(self, execution: str, reason: str | None = None) -> CancelledBody:
        """Cancel an execution."""
        body = None if reason is None else {"reason": reason}
        return self._post(f"{_path(execution)}/cancel", body, expected=HTTPStatus.OK)

    def retry(self, execution: str, *, idempotency_key: str | None = None) -> AcceptedBody:
        """Start an execution of the failed actions alone."""
        return self._post(f"{_path(execution)}/retry", key=idempotency_key)

    def _get(self, path: str) -> Any:
        return _body(exchange("GET", self._url_of(path), token=self.token), HTTPStatus.OK)

    def _post(
        self,
        path: str,
        body: Any = None,
        *,
        expected: HTTPStatus = HTTPStatus.ACCEPTED,
        key: str | None = None,
    ) -> Any:
        headers = {"Idempotency-Key": key} if key else None
        reply = exchange("POST", self._url_of(path), body, token=self.token, headers=headers)
        return _body(reply, expected)

    def _url_of(self, path: str) -> str:
        return self.url.rstrip("/") + path


def _path(execution: str) -> str:
    return f"/workflows/{quote(execution, safe='')}"


def _body(reply: HttpResponse, status: HTTPStatus) -> Any:
    if reply.status != status:
        raise ApiRefusedError(reply)
    return reply.json()

"""A client of the HTTP API; answers are typed as docs/openapi.yaml has them, not checked again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NotRequired, TypedDict
from urllib.parse import quote, urlencode

from localcloud.run.http_calls import HttpResponse, exchange


class Accepted(TypedDict):
    """The answer to a start and to a retry."""

    executionId: str
    executionArn: str
    goalId: str
    parentExecutionId: NotRequired[str]
    status: str
    totalActions: int
    startDate: str


class Cancelled(TypedDict):
    """The answer to a cancel."""

    executionId: str
    executionArn: str
    goalId: str
    parentExecutionId: NotRequired[str]
    status: str
    startDate: str
    stopDate: str


class Tokens(TypedDict):
    """Of the model calls."""

    input: int
    output: int


class Cost(TypedDict):
    """Of the model calls."""

    amount: float
    currency: str


class _Told(TypedDict):
    """What is told of an execution everywhere."""

    executionId: str
    executionArn: str
    goalId: str
    parentExecutionId: NotRequired[str]
    status: str
    startDate: str
    stopDate: NotRequired[str]
    durationSeconds: float
    error: NotRequired[str]
    errorCode: NotRequired[str]
    totalActions: int
    tokens: Tokens
    cost: Cost


class ExecutionStatus(_Told):
    """How far an execution is."""

    progressPercentage: int
    processedActions: int
    failedActions: list[str]
    actionCounts: dict[str, int]
    etaSeconds: NotRequired[int]
    taskCount: int


class ActionError(TypedDict):
    """Why an action has failed."""

    code: str
    message: str


class Action(TypedDict):
    """One action of an execution."""

    actionId: str
    status: str
    taskCount: int
    attempts: int
    startDate: NotRequired[str]
    stopDate: NotRequired[str]
    durationSeconds: NotRequired[float]
    error: NotRequired[ActionError]
    tokens: Tokens
    cost: Cost


class Actions(TypedDict):
    """Every action of an execution."""

    executionId: str
    status: str
    actions: list[Action]


class Execution(_Told):
    """A line of a list."""

    failedActions: NotRequired[list[str]]
    taskCount: NotRequired[int]


class Executions(TypedDict):
    """A page of a list."""

    executions: list[Execution]
    nextCursor: NotRequired[str]


class ApiRefusedError(Exception):
    """Any answer but the one wanted.

    code: the API's own (docs/openapi.yaml), "" if the answer is the gateway's.
    details: what the API says beyond it, such as the execution that is running.
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
    """The API as one user; `execution` is an id or an ARN. Every method raises ApiRefusedError."""

    url: str
    token: str

    def start(self, goal_id: str, *, idempotency_key: str | None = None) -> Accepted:
        """Start an execution of a goal."""
        return self._post(f"/goals/{goal_id}/start-activity", key=idempotency_key)

    def status(self, execution: str) -> ExecutionStatus:
        """How far an execution is."""
        return self._get(f"{_path(execution)}/status")

    def actions(self, execution: str) -> Actions:
        """Every action of an execution."""
        return self._get(f"{_path(execution)}/actions")

    def executions(self, goal_id: str | None = None, **query: str) -> Executions:
        """A page of the user's executions, or of a goal's; `query` as in the contract."""
        path = f"/goals/{goal_id}/workflows" if goal_id else "/workflows"
        return self._get(f"{path}?{urlencode(query)}")

    def cancel(self, execution: str, reason: str | None = None) -> Cancelled:
        """Cancel an execution."""
        body = None if reason is None else {"reason": reason}
        return self._post(f"{_path(execution)}/cancel", body, wanted=HTTPStatus.OK)

    def retry(self, execution: str, *, idempotency_key: str | None = None) -> Accepted:
        """Start an execution of only the failed actions."""
        return self._post(f"{_path(execution)}/retry", key=idempotency_key)

    def _get(self, path: str) -> Any:
        return _wanted(exchange("GET", self._url_of(path), token=self.token), HTTPStatus.OK)

    def _post(
        self,
        path: str,
        body: Any = None,
        *,
        wanted: HTTPStatus = HTTPStatus.ACCEPTED,
        key: str | None = None,
    ) -> Any:
        headers = {"Idempotency-Key": key} if key else None
        reply = exchange("POST", self._url_of(path), body, token=self.token, headers=headers)
        return _wanted(reply, wanted)

    def _url_of(self, path: str) -> str:
        return self.url.rstrip("/") + path


def _path(execution: str) -> str:
    return f"/workflows/{quote(execution, safe='')}"


def _wanted(reply: HttpResponse, status: HTTPStatus) -> Any:
    if reply.status != status:
        raise ApiRefusedError(reply)
    return reply.json()

"""An HTTP API function: its routes, and the answer to every error.

The gateway has matched the route and split the path, so a function is found by the event's route
key. A library's router would match again, and be a tenth of the imports (decision 0028).
"""

import json
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.api import errors
from handlers.api.caller import Caller, caller_of
from handlers.api.errors import ApiError, ApiErrorCode
from handlers.api.refusals import REFUSALS
from handlers.api.requests import EmptyBody, Model, NoQuery, body_of, idempotency_key, query_of
from handlers.api.views import View
from handlers.contract.metric_names import MetricName
from handlers.executions.errors import StartPendingError
from handlers.executions.state_machine import StartRefusedError, StateMachineUnavailableError
from handlers.observability.emit_metrics import count
from handlers.observability.telemetry import Telemetry
from handlers.storage.errors import DatabaseUnavailableError, TableUnavailableError

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_RETRY_AFTER_SECONDS = "5"

_UNAVAILABLE = (
    BotoCoreError,  # no answer from AWS
    DatabaseUnavailableError,
    StartPendingError,
    StartRefusedError,
    StateMachineUnavailableError,
    TableUnavailableError,
)

RouteFunction = Callable[..., View]


class Application:
    """The routes of one function.

    A route's function takes the path's parameters and returns the answer's body. An ApiError that
    it raises becomes the answer, and so do the errors in `REFUSALS`. An error of a service that is
    unavailable becomes 503, any other error 500.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._routes: dict[str, tuple[RouteFunction, HTTPStatus]] = {}
        self._event: Mapping[str, Any] = {}

    def route(
        self, method: str, path: str, status: HTTPStatus = HTTPStatus.OK
    ) -> Callable[[RouteFunction], RouteFunction]:
        """Decorate the function of a route, which is answered with `status`.

        path: as in handlers/contract/routes.py.
        """

        def decorate(function: RouteFunction) -> RouteFunction:
            self._routes[f"{method} {path}"] = function, status
            return function

        return decorate

    def resolve(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer an event of an HTTP API (payload format 2.0)."""
        self._event = event
        self.identify(requestId=self.request_id)
        try:
            function, status = self._routes[event["routeKey"]]
            return _answer(function(**event.get("pathParameters") or {}), status)
        except Exception as error:
            refusal = self._refusal(error)
        headers: dict[str, str] = {}
        if refusal.code == ApiErrorCode.UNAVAILABLE:
            count(MetricName.API_UNAVAILABLE)
            headers["Retry-After"] = _RETRY_AFTER_SECONDS
        return _answer(refusal.body(self.request_id), refusal.status, headers)

    def identify(self, **ids: str) -> None:
        """Add ids to the request's log lines and trace."""
        self._telemetry.identify(**ids)

    @property
    def event(self) -> Mapping[str, Any]:
        """The present request; names of headers are in lower case."""
        return self._event

    @property
    def request_id(self) -> str:
        """The request's id: in the answer to an error and in every log line of its execution."""
        return self.event["requestContext"]["requestId"]

    @property
    def caller(self) -> Caller:
        """The user of the request's token."""
        return caller_of(self.event["requestContext"]["authorizer"]["jwt"]["claims"])

    def query(self, model: type[Model]) -> Model:
        """The request's query. Raises ApiError 400."""
        return query_of(model, self.event.get("queryStringParameters"))

    def body(self, model: type[Model]) -> Model:
        """The request's JSON body. Raises ApiError 400."""
        return body_of(
            model,
            self.event.get("body"),
            is_base64=bool(self.event.get("isBase64Encoded")),
            content_type=self._header("content-type"),
        )

    def expect_no_input(self) -> None:
        """Raises ApiError 400 for a query parameter or a field of the body."""
        self.query(NoQuery)
        self.body(EmptyBody)

    @property
    def idempotency_key(self) -> str | None:
        """The request's `Idempotency-Key`. Raises ApiError 400."""
        return idempotency_key(self._header("idempotency-key"))

    def _header(self, name: str) -> str | None:
        return self.event.get("headers", {}).get(name)

    def _refusal(self, error: Exception) -> ApiError:
        """The answer to an error; what the caller did not cause is logged."""
        if isinstance(error, ApiError):
            return error
        if refuse := REFUSALS.get(type(error)):
            return refuse(error)
        if isinstance(error, _UNAVAILABLE) or _is_transient(error):
            self._telemetry.logger.warning(
                "unavailable", error=type(error).__name__, reason=str(error)
            )
            return errors.unavailable()
        # The message only of the handlers' own errors: any other may quote users' texts.
        reason = str(error) if type(error).__module__.startswith("handlers.") else None
        frames = traceback.format_tb(error.__traceback__)
        count(MetricName.API_FAILED)
        self._telemetry.logger.error(
            "failed", error=type(error).__name__, reason=reason, stack=frames
        )
        return errors.internal_error()


def _is_transient(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttl" in code


def _answer(
    body: View, status: HTTPStatus, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A JSON answer that no cache keeps."""
    return {
        "statusCode": status.value,
        "headers": {**_HEADERS, **(headers or {})},
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "isBase64Encoded": False,
    }

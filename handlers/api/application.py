"""An HTTP API function: its routes, and the answer to every error."""

import json
import traceback
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from botocore.exceptions import BotoCoreError, ClientError

from handlers.api import errors
from handlers.api.caller import Caller, caller_of
from handlers.api.errors import ApiError, ApiErrorCode
from handlers.api.identifiers import malformed
from handlers.api.refusals import REFUSALS
from handlers.api.requests import EmptyBody, Model, NoQuery, body_of, idempotency_key, query_of
from handlers.api.views import View
from handlers.contract.metric_names import MetricName
from handlers.executions.errors import StartPendingError
from handlers.executions.state_machine import StartRefusedError, StateMachineUnavailableError
from handlers.observability.emit_metrics import count
from handlers.observability.telemetry import Telemetry
from handlers.storage.errors import DatabaseUnavailableError, TableUnavailableError

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
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
        self._resolver = APIGatewayHttpResolver()
        self._resolver.exception_handler(ApiError)(self._refuse)
        self._resolver.exception_handler(list(REFUSALS))(self._refuse_execution)
        self._resolver.exception_handler(list(_UNAVAILABLE))(self._unavailable)
        self._resolver.exception_handler(ClientError)(self._refused_by_aws)
        self._resolver.exception_handler(NotFoundError)(self._no_such_route)
        self._resolver.exception_handler(Exception)(self._fail)

    def route(
        self, method: str, path: str, status: HTTPStatus = HTTPStatus.OK
    ) -> Callable[[RouteFunction], RouteFunction]:
        """Decorate the function of a route, which is answered with `status`.

        path: as in handlers/contract/routes.py.
        """
        rule = path.replace("{", "<").replace("}", ">")

        def decorate(function: RouteFunction) -> RouteFunction:
            def answer(**parameters: str) -> "Response[str]":
                return _answer(function(**parameters), status)

            self._resolver.route(rule, method)(answer)
            return function

        return decorate

    def resolve(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer an event of an HTTP API (payload format 2.0)."""
        self.identify(requestId=event["requestContext"]["requestId"])
        return self._resolver.resolve(event, context)

    def identify(self, **ids: str) -> None:
        """Add ids to the request's log lines and trace."""
        self._telemetry.identify(**ids)

    @property
    def event(self) -> APIGatewayProxyEventV2:
        """The present request."""
        return self._resolver.current_event

    @property
    def request_id(self) -> str:
        """The request's id: in the answer to an error and in every log line of its execution."""
        return self.event.request_context.request_id

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
            content_type=self.event.headers.get("content-type"),
        )

    def expect_no_input(self) -> None:
        """Raises ApiError 400 for a query parameter or a field of the body."""
        self.query(NoQuery)
        self.body(EmptyBody)

    @property
    def idempotency_key(self) -> str | None:
        """The request's `Idempotency-Key`. Raises ApiError 400."""
        return idempotency_key(self.event.headers.get("idempotency-key"))

    def _refuse(self, error: ApiError) -> "Response[str]":
        response = _answer(error.body(self.request_id), error.status)
        if error.code == ApiErrorCode.UNAVAILABLE:
            count(MetricName.API_UNAVAILABLE)
            response.headers["Retry-After"] = _RETRY_AFTER_SECONDS
        return response

    def _refuse_execution(self, error: Exception) -> "Response[str]":
        return self._refuse(REFUSALS[type(error)](error))

    def _unavailable(self, error: Exception) -> "Response[str]":
        self._telemetry.logger.warning("unavailable", error=type(error).__name__, reason=str(error))
        return self._refuse(errors.unavailable())

    def _refused_by_aws(self, error: ClientError) -> "Response[str]":
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = error.response.get("Error", {}).get("Code", "")
        is_transient = status >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttl" in code
        return self._unavailable(error) if is_transient else self._fail(error)

    def _no_such_route(self, _: NotFoundError) -> "Response[str]":
        # The gateway passes on only known routes: one that matches no rule has a malformed id.
        for name, value in self.event.path_parameters.items():
            return self._refuse(malformed(name, value))
        return self._refuse(errors.execution_not_found())

    def _fail(self, error: Exception) -> "Response[str]":
        # The message only of the handlers' own errors: any other may quote users' texts.
        reason = str(error) if type(error).__module__.startswith("handlers.") else None
        frames = traceback.format_tb(error.__traceback__)
        count(MetricName.API_FAILED)
        self._telemetry.logger.error(
            "failed", error=type(error).__name__, reason=reason, stack=frames
        )
        return self._refuse(errors.internal_error())


def _answer(body: View, status: HTTPStatus) -> "Response[str]":
    """A JSON answer that no cache keeps."""
    return Response(
        status,
        content_type="application/json; charset=utf-8",
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        headers=dict(_HEADERS),
    )

"""The HTTP server: Converse for boto3's bedrock-runtime client, and the control API."""

import hashlib
import json
import logging
import re
import select
import socket
import sys
import threading
import time
import uuid
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from localcloud.bedrock.authorization import Authorization
from localcloud.bedrock.bedrock_api import BedrockError, check_shape
from localcloud.bedrock.call import Answerer, ConverseCall
from localcloud.bedrock.control import Control
from localcloud.bedrock.conversation import check_conversation
from localcloud.bedrock.fault_kind import FaultKind
from localcloud.bedrock.faults import faulty_answer
from localcloud.bedrock.latency import draw_latency_seconds
from localcloud.bedrock.task_writer.json_value import is_object

logger = logging.getLogger("model_server")

MAX_BODY_BYTES = 20_000_000
TIME_OUT_SECONDS = 900.0
"""How long the fault time-out keeps a connection open if the client waits."""
_POLL_MILLISECONDS = 50
_CONVERSE = re.compile(r"/model/([^/]+)/converse")
_REGION = re.compile(r"Credential=[^/,]+/\d{8}/([a-z0-9-]+)/")
# as Bedrock writes it; the client reads the part before the colon
_ERROR_TYPE_SUFFIX = ":http://internal.amazon.com/coral/com.amazon.bedrock/"


class ModelServer(ThreadingHTTPServer):
    """Serves Converse until `stop`; `answerer` answers the calls without a fault.

    upstream_validates: skip the checks of requests, because the real Bedrock does them.
    authorization: checks the callers; without it every caller is allowed.
    """

    request_queue_size = 128  # all actions of an execution may connect at once

    def __init__(
        self,
        address: tuple[str, int],
        control: Control,
        answerer: Answerer,
        *,
        upstream_validates: bool = False,
        authorization: Authorization | None = None,
    ) -> None:
        super().__init__(address, _ConverseHandler)
        self.control = control
        self.answerer = answerer
        self.upstream_validates = upstream_validates
        self.authorization = authorization
        self.stopping = threading.Event()

    def server_bind(self) -> None:
        """Bind without the DNS query for the host name that HTTPServer makes."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"http://{self.server_name}:{self.server_port}"

    def stop(self) -> None:
        """End `serve_forever` and every open call; must not be called from the serving thread."""
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Log the error, unless the client closed the connection."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            logger.exception("the request of %s failed", client_address)


class _ClientGoneError(Exception):
    """The client has closed the connection."""


class _ConverseHandler(BaseHTTPRequestHandler):
    server: ModelServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"  # boto3 reuses its connections
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == "/health":
            self._send(HTTPStatus.OK, {"status": "ok"})
        elif self.path == "/control":
            self._send(HTTPStatus.OK, self.server.control.as_json())
        else:
            self._send_unknown()

    def do_PUT(self) -> None:
        try:
            changes = self._json_body()
            if self.path != "/control":
                self._send_unknown()
                return
            self.server.control.change(changes)
        except ValidationError as error:
            problems = [
                f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
                f" (got {detail['input']!r})"
                for detail in error.errors()
            ]
            self._send(HTTPStatus.BAD_REQUEST, {"message": "; ".join(problems)})
        except BedrockError as error:
            self._send(HTTPStatus.BAD_REQUEST, {"message": error.message})
        else:
            self._send(HTTPStatus.OK, self.server.control.as_json())

    def do_POST(self) -> None:
        try:
            if self.path == "/control/reset":
                self._read_body()
                self.server.control.reset()
                self._send(HTTPStatus.OK, self.server.control.as_json())
            elif match := _CONVERSE.fullmatch(self.path.partition("?")[0]):
                self._send(HTTPStatus.OK, self._converse(unquote(match[1]), self._json_body()))
            else:
                self._read_body()
                self._send_unknown()
        except BedrockError as error:
            self._send_error(error)
        except _ClientGoneError:
            self.close_connection = True

    def _converse(self, model_id: str, request: dict[str, Any]) -> dict[str, Any]:
        action_id = _action_id(request)
        with self.server.control.call(action_id) as admission:
            call = ConverseCall(model_id, request, action_id, admission.number, admission.seed)
            latency = draw_latency_seconds(call.random("latency"), admission.latency_seconds)
            call = ConverseCall(
                model_id, request, action_id, admission.number, admission.seed, latency
            )
            outcome = admission.fault or "answered"
            try:
                if self.server.authorization:
                    header = self.headers.get("Authorization", "")
                    self.server.authorization.check(header, model_id)
                if not self.server.upstream_validates:
                    check_shape(request)
                    check_conversation(model_id, self._region(), request)
                return self._answer(call, admission.fault)
            except BedrockError as error:
                outcome = error.name
                raise
            except _ClientGoneError:
                outcome = f"{outcome}, connection closed"
                raise
            except Exception as error:
                outcome = repr(error)
                logger.exception("no answer for call %d of %s", call.number, action_id)
                raise BedrockError("InternalServerException", "See the server's log.") from error
            finally:
                logger.info("call %d of %s: %s", call.number, action_id, outcome)

    def _answer(self, call: ConverseCall, fault: FaultKind | None) -> dict[str, Any]:
        if fault == FaultKind.DISCONNECT:
            raise _ClientGoneError
        if fault == FaultKind.TIME_OUT:
            self._wait(TIME_OUT_SECONDS)
            return faulty_answer(FaultKind.MODEL_TIMEOUT, call)
        self._wait(call.latency_seconds)
        return faulty_answer(fault, call) if fault else self.server.answerer(call)

    def _wait(self, seconds: float) -> None:
        """Wait. Raises _ClientGoneError if the client closes the connection or the server stops."""
        end = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        while (left := end - time.monotonic()) > 0:
            if poll.poll(min(left * 1000, _POLL_MILLISECONDS)) and self._client_is_gone():
                raise _ClientGoneError
            if self.server.stopping.is_set():
                raise _ClientGoneError

    def _client_is_gone(self) -> bool:
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def _region(self) -> str | None:
        match = _REGION.search(self.headers.get("Authorization", ""))
        return match[1] if match else None

    def _read_body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            raise BedrockError("ValidationException", "Input is too long for requested model.")
        return self.rfile.read(length)

    def _json_body(self) -> dict[str, Any]:
        try:
            body = json.loads(self._read_body())
        except ValueError as error:
            raise BedrockError("ValidationException", f"The body is not JSON: {error}") from error
        if not is_object(body):
            raise BedrockError("ValidationException", "The body must be a JSON object.")
        return body

    def _send_unknown(self) -> None:
        message = f"No operation at {self.command} {self.path}"
        self._send_error(BedrockError("UnknownOperationException", message, HTTPStatus.NOT_FOUND))

    def _send_error(self, error: BedrockError) -> None:
        headers = {"x-amzn-ErrorType": error.name + _ERROR_TYPE_SUFFIX}
        self._send(error.status, {"message": error.message}, headers)

    def _send(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        payload = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `_converse` logs each call with its action and outcome."""


def _action_id(request: dict[str, Any]) -> str:
    metadata = request.get("requestMetadata")
    if is_object(metadata) and isinstance(metadata.get("actionId"), str):
        return metadata["actionId"]
    digest = hashlib.sha256(json.dumps(request.get("messages")).encode()).hexdigest()
    return f"text:{digest[:12]}"

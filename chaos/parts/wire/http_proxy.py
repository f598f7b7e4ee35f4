"""A proxy for one function's calls of AWS, or of the model."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chaos.parts.cells import Service, Step
from chaos.parts.wire.calls import Call, CutError, Injector, ThrottledError, execution_in, pid_of

_TIMEOUT_SECONDS = 130.0
_SERVICES = {
    "DynamoDB_20120810": Service.TABLE,
    "AWSStepFunctions": Service.MACHINE,
}
_TABLE_THROTTLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded.",
}
_MODEL_THROTTLED = {"message": "Too many requests, please wait before trying again."}


@dataclass(frozen=True)
class Answer:
    """What an upstream answered; `seconds` since the epoch, before and after."""

    status: int
    content: bytes
    began: float
    ended: float


Seen = Callable[[bytes, Answer, bool], Any]
"""Is told each request, its answer and whether the caller got it."""
Rewrite = Callable[[str, bytes], bytes]
"""Operation and the answer's content -> the content that the caller gets."""


def no_rewrite(_operation: str, content: bytes) -> bytes:
    """The content as it is."""
    return content


@contextmanager
def http_proxy(
    upstream: str,
    step: Step,
    injector: Injector,
    *,
    rewrite: Rewrite = no_rewrite,
    seen: Seen | None = None,
) -> Generator[int]:
    """Serve a proxy to `host:port`, and yield its port. With `seen` the upstream is the model."""

    class ProxyHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            target, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
            service = Service.MODEL if seen else _SERVICES.get(target, Service.OTHER)
            port = self.client_address[1]
            call = Call(step, service, lambda: pid_of(port, server.server_port))
            call.execution_id = execution_in(content)
            try:
                injector.before(call)
                answer = self.forward(content)
            except ThrottledError:
                self.refuse(service)
                return
            except (CutError, OSError, http.client.HTTPException):
                self.close_connection = True
                return
            arrives = injector.after(call)
            if seen:
                seen(content, answer, arrives)
            if not arrives:
                self.close_connection = True
                return
            self.send(answer.status, rewrite(operation, answer.content))

        def forward(self, content: bytes) -> Answer:
            began = time.time()
            connection = http.client.HTTPConnection(upstream, timeout=_TIMEOUT_SECONDS)
            try:
                # with the signed Host header
                connection.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    connection.putheader(name, value)
                connection.endheaders(content)
                reply = connection.getresponse()
                self.error_type = reply.getheader("x-amzn-ErrorType")
                return Answer(reply.status, reply.read(), began, time.time())
            finally:
                connection.close()

        def refuse(self, service: Service) -> None:
            if service is Service.MODEL:
                self.error_type = "ThrottlingException:http://internal.amazon.com/coral/"
                self.send(HTTPStatus.TOO_MANY_REQUESTS, json.dumps(_MODEL_THROTTLED).encode())
            else:
                self.error_type = None
                self.send(HTTPStatus.BAD_REQUEST, json.dumps(_TABLE_THROTTLED).encode())

        def send(self, status: int, content: bytes) -> None:
            try:
                self.send_response(status)
                kind = "application/json" if seen else "application/x-amz-json-1.0"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                if self.error_type:
                    self.send_header("x-amzn-ErrorType", self.error_type)
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # the caller has gone

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = _Server(("127.0.0.1", 0), ProxyHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: callers are killed on purpose."""

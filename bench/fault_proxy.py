"""A proxy between a function and an AWS service: records calls, refuses them, drops answers."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from localcloud.cluster.state import CloudState

_TIMEOUT_SECONDS = 60.0
_THROTTLED = json.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "The level of configured provisioned throughput for the table was exceeded.",
    }
).encode()


@dataclass(frozen=True)
class AwsCall:
    """A call through the proxy, with its answer and how long AWS took for it in seconds."""

    operation: str
    request: dict[str, Any]
    answer: dict[str, Any]
    seconds: float


@dataclass
class FaultProxy:
    """The calls of the proxy, and its faults.

    refused: operations that get 503 and do not reach AWS.
    lost: operations that reach AWS, but whose answer is dropped.
    throttles: whether a table has no capacity for a call, by its operation and request.
    """

    calls: list[AwsCall] = field(default_factory=list[AwsCall])
    refused: set[str] = field(default_factory=set[str])
    lost: set[str] = field(default_factory=set[str])
    throttles: Callable[[str, dict[str, Any]], bool] = lambda _operation, _request: False


@contextmanager
def through_fault_proxy(state: CloudState, function: str, service: str) -> Generator[FaultProxy]:
    """Send a function's calls of a service through a proxy, with new processes of the function.

    function: the name in the exports, such as workflow-start.
    service: as in `AWS_ENDPOINT_URL_{service}`, such as SFN.
    """
    fault_proxy = FaultProxy()
    with (
        _proxy(fault_proxy, state.endpoint) as url,
        _version_with(state, function, {f"AWS_ENDPOINT_URL_{service}": url}),
    ):
        yield fault_proxy


@contextmanager
def unreachable(state: CloudState, function: str, service: str) -> Generator[None]:
    """Send a function's calls of a service to a port without a server."""
    with _version_with(state, function, {f"AWS_ENDPOINT_URL_{service}": "http://127.0.0.1:1"}):
        yield


@contextmanager
def _version_with(state: CloudState, function: str, variables: dict[str, str]) -> Generator[None]:
    functions = state.client("lambda")
    arn, _, alias = state.exports["functionArns"][function].rpartition(":")
    before = functions.get_alias(FunctionName=arn, Name=alias)["FunctionVersion"]
    declared = functions.get_function_configuration(FunctionName=arn)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=arn, Environment={"Variables": {**declared, **variables}}
    )
    try:
        version = functions.publish_version(FunctionName=arn)["Version"]
        functions.update_alias(FunctionName=arn, Name=alias, FunctionVersion=version)
        yield
    finally:
        functions.update_alias(FunctionName=arn, Name=alias, FunctionVersion=before)
        functions.update_function_configuration(
            FunctionName=arn, Environment={"Variables": declared}
        )


@contextmanager
def _proxy(fault_proxy: FaultProxy, endpoint: str) -> Generator[str]:
    class ProxyHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            if operation in fault_proxy.refused:
                self.answer(HTTPStatus.SERVICE_UNAVAILABLE, b'{"__type": "ServiceUnavailable"}')
                return
            if fault_proxy.throttles(operation, json.loads(content)):
                self.answer(HTTPStatus.BAD_REQUEST, _THROTTLED)
                return
            began = time.monotonic()
            status, answer = self.forward(content)
            seconds = time.monotonic() - began
            fault_proxy.calls.append(
                AwsCall(operation, json.loads(content), json.loads(answer), seconds)
            )
            if operation in fault_proxy.lost:
                self.close_connection = True
            else:
                self.answer(status, answer)

        def forward(self, content: bytes) -> tuple[int, bytes]:
            upstream = http.client.HTTPConnection(
                urlsplit(endpoint).netloc, timeout=_TIMEOUT_SECONDS
            )
            try:
                # with the signed Host header
                upstream.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    upstream.putheader(name, value)
                upstream.endheaders(content)
                reply = upstream.getresponse()
                return reply.status, reply.read()
            finally:
                upstream.close()

        def answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), ProxyHandler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""The proxies pass every byte on, and do to a call what the injector decides."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psutil
import pytest

from chaos.parts.cells import Service, Step
from chaos.parts.wire.calls import Call, CutError, ThrottledError, execution_in
from chaos.parts.wire.database_proxy import database_proxy
from chaos.parts.wire.http_proxy import Answer, http_proxy

EXECUTION = "01a227b2-16e6-7863-96e1-cd293ec736ec"
GET_ITEM = {"X-Amz-Target": "DynamoDB_20120810.GetItem"}
READY = b"Z\x00\x00\x00\x05I"


@dataclass
class Decider:
    """An injector that does as it is told, and keeps the calls and their callers."""

    calls: list[Call] = field(default_factory=list[Call])
    pids: list[int | None] = field(default_factory=list[int | None])
    error: Exception | None = None
    arrives: bool = True
    is_open: bool = True

    def before(self, call: Call) -> None:
        self.calls.append(call)
        self.pids.append(call.pid())
        if self.error:
            raise self.error

    def after(self, call: Call) -> bool:
        return self.arrives

    def connects(self, service: Service) -> bool:
        return self.is_open


@pytest.fixture
def decider() -> Decider:
    return Decider()


@pytest.fixture
def upstream() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """An HTTP server that answers with the request's content; and what it got."""
    got: list[tuple[str, bytes]] = []

    class Echo(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["Host"], content))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def post(port: int, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/", content, headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def test_a_call_of_the_table_passes_with_its_execution_and_its_process(
    decider: Decider, upstream: tuple[str, list[tuple[str, bytes]]]
) -> None:
    address, got = upstream
    content = json.dumps({"Key": {"pk": {"S": EXECUTION}}}).encode()
    with http_proxy(address, Step.SAVE, decider) as port:
        assert post(port, content, GET_ITEM) == (200, content)

    (call,) = decider.calls
    assert (call.step, call.service) == (Step.SAVE, Service.TABLE)
    assert call.execution_id == EXECUTION
    assert decider.pids == [psutil.Process().pid]
    # the signature covers the Host header
    assert got == [(f"127.0.0.1:{port}", content)]


def test_a_call_that_is_cut_does_not_arrive_and_one_whose_answer_is_lost_does(
    decider: Decider, upstream: tuple[str, list[tuple[str, bytes]]]
) -> None:
    address, got = upstream
    with http_proxy(address, Step.SAVE, decider) as port:
        decider.error = CutError()
        with pytest.raises(http.client.RemoteDisconnected):
            post(port, b"{}", GET_ITEM)
        assert got == []
        decider.error, decider.arrives = None, False
        with pytest.raises(http.client.RemoteDisconnected):
            post(port, b"{}", GET_ITEM)
        assert len(got) == 1


def test_a_throttled_call_is_refused_as_the_service_does(
    decider: Decider, upstream: tuple[str, list[tuple[str, bytes]]]
) -> None:
    decider.error = ThrottledError()
    with http_proxy(upstream[0], Step.SAVE, decider) as port:
        status, content = post(port, b"{}", GET_ITEM)
    assert status == 400
    assert b"ProvisionedThroughputExceededException" in content
    seen: list[Answer] = []
    with http_proxy(
        upstream[0],
        Step.GENERATE,
        decider,
        seen=lambda _request, answer, _arrived: seen.append(answer),
    ) as port:
        assert post(port, b"{}", {})[0] == 429
    assert seen == []


def test_a_model_call_is_seen_with_whether_its_answer_arrives(
    decider: Decider, upstream: tuple[str, list[tuple[str, bytes]]]
) -> None:
    seen: list[tuple[bytes, int, bool]] = []

    def note(request: bytes, answer: Answer, arrived: bool) -> None:
        seen.append((request, answer.status, arrived))

    with http_proxy(upstream[0], Step.GENERATE, decider, seen=note) as port:
        post(port, b'{"a": 1}', {})
    assert seen == [(b'{"a": 1}', 200, True)]
    assert decider.calls[0].service is Service.MODEL


def test_the_address_in_an_answer_is_rewritten(
    decider: Decider, upstream: tuple[str, list[tuple[str, bytes]]]
) -> None:
    def rewrite(operation: str, content: bytes) -> bytes:
        return content.replace(b"5432", b"1") if operation == "GetSecretValue" else content

    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue"}
    with http_proxy(upstream[0], Step.SAVE, decider, rewrite=rewrite) as port:
        assert post(port, b"url:5432", headers) == (200, b"url:1")
        assert post(port, b"url:5432", GET_ITEM) == (200, b"url:5432")
    assert decider.calls[0].service is Service.OTHER


@pytest.fixture
def database() -> Iterator[tuple[int, Callable[[], socket.socket]]]:
    """A server that answers each chunk with ReadyForQuery; its port, and its newest connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[socket.socket] = []
    over = ExitStack()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            accepted.append(over.enter_context(connection))
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        try:
            while connection.recv(1000):
                connection.sendall(READY)
        except OSError:
            return

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1], lambda: accepted[-1]
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    listener.close()
    over.close()


def test_statements_are_calls_but_opening_a_connection_is_none(
    decider: Decider, database: tuple[int, Callable[[], socket.socket]]
) -> None:
    port, newest = database
    with (
        database_proxy(port, Step.FINISH, decider) as proxied,
        socket.create_connection(("127.0.0.1", proxied), timeout=10) as client,
    ):
        client.sendall(b"startup")
        assert client.recv(1000) == READY
        assert decider.calls == []
        client.sendall(b"SELECT 1")
        assert client.recv(1000) == READY
        (call,) = decider.calls
        assert (call.step, call.service) == (Step.FINISH, Service.DATABASE)
        # by this port the database knows the connection's backend
        assert call.backend_port == newest().getpeername()[1]


def test_a_statement_that_is_cut_closes_the_connection(
    decider: Decider, database: tuple[int, Callable[[], socket.socket]]
) -> None:
    port, _ = database
    with (
        database_proxy(port, Step.FINISH, decider) as proxied,
        socket.create_connection(("127.0.0.1", proxied), timeout=10) as client,
    ):
        client.sendall(b"startup")
        client.recv(1000)
        decider.error = CutError()
        client.sendall(b"COMMIT")
        assert _received(client) == b""


def test_while_the_database_is_cut_off_no_connection_is_possible(
    decider: Decider, database: tuple[int, Callable[[], socket.socket]]
) -> None:
    port, _ = database
    decider.is_open = False
    with (
        database_proxy(port, Step.FINISH, decider) as proxied,
        socket.create_connection(("127.0.0.1", proxied), timeout=10) as client,
    ):
        assert _received(client) == b""


def _received(client: socket.socket) -> bytes:
    try:
        return client.recv(1000)
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    "content",
    [
        f'{{"Key": {{"pk": {{"S": "{EXECUTION}"}}}}}}',
        f'{{"ExpressionAttributeValues": {{":pk": {{"S": "{EXECUTION}"}}}}}}',
        f'{{"Item":{{"goalId":{{"S":"x"}},"pk":{{"S":"{EXECUTION}"}}}}}}',
        f'{{"requestMetadata": {{"executionId": "{EXECUTION}"}}}}',
        f'{{"name": "{EXECUTION}", "input": "{{}}"}}',
        f'{{"executionArn": "arn:aws:states:r:1:execution:M:{EXECUTION}"}}',
    ],
)
def test_an_execution_is_found_in_a_request(content: str) -> None:
    assert execution_in(content.encode()) == EXECUTION


def test_no_execution_is_found_where_none_is_named() -> None:
    assert execution_in(b'{"Key": {"pk": {"S": "idempotency#abc"}}}') is None

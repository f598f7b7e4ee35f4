"""The requests of a run, against a stub HTTP server."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from localcloud.errors import LocalCloudError
from localcloud.run.calls import Started, set_model, start_activity


@dataclass
class StubModelServer:
    """Answers every request with `status` and `body`, and records it."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    requests: list[tuple[str, str, str | None, bytes]] = field(
        default_factory=list[tuple[str, str, str | None, bytes]]
    )


@pytest.fixture
def server() -> Iterator[StubModelServer]:
    stub = StubModelServer()

    class StubModelHandler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token = self.headers.get("Authorization")
            stub.requests.append((self.command, self.path, token, content))
            self.send_response(stub.status)
            self.send_header("Content-Length", str(len(stub.body)))
            self.end_headers()
            self.wfile.write(stub.body)

        do_POST = do_PUT = answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), StubModelHandler)
    stub.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield stub
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_goal_is_started_with_its_owners_token(server: StubModelServer) -> None:
    server.status = 202
    server.body = json.dumps({"executionId": "e", "executionArn": "arn"}).encode()

    assert start_activity(server.url + "/", "token", "g") == Started("e", "arn")
    assert server.requests == [("POST", "/goals/g/start-activity", "Bearer token", b"")]


def test_the_error_names_the_execution_that_is_running(server: StubModelServer) -> None:
    server.status = 409
    server.body = json.dumps({"error": {"details": {"executionId": "0199"}}}).encode()

    with pytest.raises(LocalCloudError, match="Execution 0199 of this goal is still running"):
        start_activity(server.url, "token", "g")


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, b'{"message": "Service Unavailable"}'), (409, b"[]"), (409, b"<xml>"), (401, b"\xff")],
)
def test_any_other_refusal_is_shown_unchanged(
    server: StubModelServer, status: int, body: bytes
) -> None:
    server.status, server.body = status, body

    with pytest.raises(LocalCloudError, match=f"did not start the goal: {status} "):
        start_activity(server.url, "token", "g")


def test_set_model_resets_the_model_server_and_sends_the_settings(server: StubModelServer) -> None:
    set_model(server.url, {"seed": 1, "faults": {}})

    assert server.requests == [
        ("POST", "/control/reset", None, b""),
        ("PUT", "/control", None, b'{"seed": 1, "faults": {}}'),
    ]


def test_requests_use_no_proxy(server: StubModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    set_model(server.url, {})

    assert server.requests

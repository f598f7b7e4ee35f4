"""The model server asks an authorizer about each caller."""

import json
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.bedrock.authorization import Authorization
from localcloud.bedrock.server import ModelServer

RequestFor = Callable[..., dict[str, Any]]


class Authorizer(HTTPServer):
    """Gives every caller the same answer, and records the questions."""

    denied: str | None = None
    questions: list[dict[str, str]]


class _PermissionHandler(BaseHTTPRequestHandler):
    server: Authorizer  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        self.server.questions.append(
            json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"denied": self.server.denied}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def authorizer(server: ModelServer) -> Iterator[Authorizer]:
    """The authorizer that the model server asks."""
    authorizer = Authorizer(("127.0.0.1", 0), _PermissionHandler)
    authorizer.questions = []
    thread = threading.Thread(target=authorizer.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.authorization = Authorization(f"http://127.0.0.1:{authorizer.server_port}/permission")
    try:
        yield authorizer
    finally:
        authorizer.shutdown()
        thread.join(5)
        authorizer.server_close()


def test_the_authorizer_gets_the_signers_key_the_region_and_the_model(
    authorizer: Authorizer, client: Any, request_for: RequestFor
) -> None:
    request = request_for()
    client.converse(**request)
    about = {"region": "ap-northeast-1", "modelId": request["modelId"]}
    assert authorizer.questions == [{"accessKeyId": "test", **about}]


def test_a_denied_caller_gets_the_authorizers_message(
    authorizer: Authorizer, client: Any, request_for: RequestFor
) -> None:
    authorizer.denied = "User: taro is not authorized"
    with pytest.raises(ClientError, match=authorizer.denied) as denial:
        client.converse(**request_for())
    response: Any = denial.value.response
    assert response["Error"]["Code"] == "AccessDeniedException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_unsigned_request_is_denied_without_a_question(
    authorizer: Authorizer, server: ModelServer
) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request("POST", "/model/any/converse", "{}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 403
    assert authorizer.questions == []


def test_without_an_answer_of_the_authorizer_every_call_fails(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    server.authorization = Authorization("http://127.0.0.1:9/permission")
    with pytest.raises(ClientError, match="InternalServerException"):
        client.converse(**request_for())

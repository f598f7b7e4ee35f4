"""Who may call the model is another server's word."""

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


class Word(HTTPServer):
    """Says the same of everybody, and keeps what it was asked."""

    denied: str | None = None
    asked: list[dict[str, str]]


class _PermissionHandler(BaseHTTPRequestHandler):
    server: Word  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"denied": self.server.denied}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def word(server: ModelServer) -> Iterator[Word]:
    """The word that the model server asks for."""
    asked = Word(("127.0.0.1", 0), _PermissionHandler)
    asked.asked = []
    thread = threading.Thread(target=asked.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.authorization = Authorization(f"http://127.0.0.1:{asked.server_port}/word")
    try:
        yield asked
    finally:
        asked.shutdown()
        thread.join(5)
        asked.server_close()


def test_the_signers_key_region_and_model_are_asked_about(
    word: Word, client: Any, request_for: RequestFor
) -> None:
    request = request_for()
    client.converse(**request)
    about = {"region": "ap-northeast-1", "modelId": request["modelId"]}
    assert word.asked == [{"accessKeyId": "test", **about}]


def test_who_may_not_is_denied_in_the_words_that_were_said(
    word: Word, client: Any, request_for: RequestFor
) -> None:
    word.denied = "User: nobody is not authorized"
    with pytest.raises(ClientError, match=word.denied) as denial:
        client.converse(**request_for())
    response: Any = denial.value.response
    assert response["Error"]["Code"] == "AccessDeniedException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_unsigned_request_is_denied_unasked(word: Word, server: ModelServer) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request("POST", "/model/any/converse", "{}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 403
    assert word.asked == []


def test_without_an_answer_nobody_may(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    server.authorization = Authorization("http://127.0.0.1:9/nobody-listens")
    with pytest.raises(ClientError, match="InternalServerException"):
        client.converse(**request_for())

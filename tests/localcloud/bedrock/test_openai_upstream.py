"""An OpenAI-compatible upstream; a small server of canned replies takes its place."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers.generation.answer import read_tasks
from handlers.generation.repair import repair_messages
from handlers.generation.rules import RULES
from localcloud.bedrock.bedrock_api import BedrockError
from localcloud.bedrock.call import ConverseCall, UpstreamError
from localcloud.bedrock.upstreams import openai_upstream
from localcloud.bedrock.upstreams.chat_completions import converse_response
from localcloud.bedrock.upstreams.openai_upstream import openai_answerer

RequestFor = Callable[..., dict[str, Any]]
TASK = {
    "title": "料金表を集める",
    "description": "3社の料金表を保存する。",
    "type": "EXECUTION",
    "estimatedMinutes": 40,
}
TASKS = {"tasks": [{**TASK, "title": f"{TASK['title']}{number}"} for number in range(3)]}


class FakeOllama(ThreadingHTTPServer):
    """Replies to every completion with `status` and `reply`, and records the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ChatHandler)
        self.status = 200
        self.reply: Any = {}
        self.models: list[dict[str, str]] = [{"id": "qwen3:8b"}]
        self.request: dict[str, Any] = {}
        self.authorization: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def replies(self, finish_reason: str = "stop", **message: Any) -> None:
        self.reply = {
            "choices": [{"finish_reason": finish_reason, "message": message}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7},
        }


class _ChatHandler(BaseHTTPRequestHandler):
    server: FakeOllama  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self._send(200, {"data": self.server.models})

    def do_POST(self) -> None:
        assert self.path == "/v1/chat/completions"
        self.server.request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.authorization = self.headers["Authorization"]
        self._send(self.server.status, self.server.reply)

    def _send(self, status: int, body: Any) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode() if not isinstance(body, bytes) else body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    server = FakeOllama()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def client(ollama: FakeOllama, running: Any, client_for: Callable[..., Any]) -> Iterator[Any]:
    with running(openai_answerer(ollama.url, "secret")) as server:
        client = client_for(server.url)
        yield client
        client.close()


def _call(arguments: Any, **changes: Any) -> dict[str, Any]:
    return {"function": {"name": "save_tasks", "arguments": arguments}, **changes}


def test_a_request_becomes_a_chat_completion(
    ollama: FakeOllama, client: Any, request_for: RequestFor
) -> None:
    ollama.replies(content="はい")
    request = request_for()

    client.converse(**request)

    request_sent = ollama.request
    assert ollama.authorization == "Bearer secret"
    assert request_sent["model"] == "qwen3:8b"
    assert request_sent["messages"] == [
        {"role": "system", "content": request["system"][0]["text"]},
        {"role": "user", "content": request["messages"][0]["content"][0]["text"]},
    ]
    assert request_sent["max_tokens"] == request["inferenceConfig"]["maxTokens"]
    assert request_sent["temperature"] == 0
    assert request_sent["tool_choice"] == "required"
    spec = request["toolConfig"]["tools"][0]["toolSpec"]
    assert request_sent["tools"] == [
        {
            "type": "function",
            "function": {
                "name": spec["name"],
                "description": spec["description"],
                "parameters": spec["inputSchema"]["json"],
            },
        }
    ]


def test_a_repair_turn_keeps_the_call_and_its_result_together(
    ollama: FakeOllama, client: Any, request_for: RequestFor
) -> None:
    request = request_for()
    use: dict[str, Any] = {"toolUseId": "use-1", "name": "save_tasks", "input": {"tasks": []}}
    request["messages"] = repair_messages(
        request["messages"][0], [{"toolUse": use}], ["tasks: at least 3"]
    )
    ollama.replies(content="はい")

    client.converse(**request)

    assistant, tool = ollama.request["messages"][-2:]
    assert assistant["tool_calls"][0]["id"] == tool["tool_call_id"] == "use-1"
    assert json.loads(assistant["tool_calls"][0]["function"]["arguments"]) == {"tasks": []}
    assert tool["role"] == "tool"
    assert tool["content"].startswith("ERROR: ")
    assert "tasks: at least 3" in tool["content"]


@pytest.mark.parametrize(
    "message",
    [
        {"tool_calls": [_call(json.dumps(TASKS), id="call_1")], "content": None},
        {"tool_calls": [_call(TASKS)]},
        {"content": f"<think>どう{{分け}}よう</think>```json\n{json.dumps(TASKS)}\n```"},
        {"content": json.dumps({"name": "save_tasks", "arguments": TASKS})},
    ],
    ids=["arguments as text", "arguments as an object", "JSON as text", "a call as text"],
)
def test_a_tool_call_is_read_in_each_form(
    message: dict[str, Any], ollama: FakeOllama, client: Any, request_for: RequestFor
) -> None:
    ollama.replies("stop", **message)

    answer = client.converse(**request_for())

    assert answer["stopReason"] == "tool_use"
    assert answer["usage"] == {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
    content = answer["output"]["message"]["content"]
    assert len(read_tasks("tool_use", content, RULES["EXECUTION"]).tasks) == 3


@pytest.mark.parametrize(
    ("finish_reason", "message", "stop_reason"),
    [
        ("stop", {"content": "まず始めましょう。"}, "end_turn"),
        ("length", {"content": "まず"}, "max_tokens"),
        ("length", {"tool_calls": [_call(json.dumps(TASKS))]}, "max_tokens"),
        ("content_filter", {"content": ""}, "content_filtered"),
        ("tool_calls", {"tool_calls": [_call('{"tasks": [')]}, "malformed_tool_use"),
        ("tool_calls", {"tool_calls": [_call("[1]")]}, "malformed_tool_use"),
    ],
)
def test_a_finish_reason_becomes_a_stop_reason(
    finish_reason: str, message: dict[str, Any], stop_reason: str, request_for: RequestFor
) -> None:
    completion = {"choices": [{"finish_reason": finish_reason, "message": message}]}

    answer = converse_response(ConverseCall("nova", request_for(), "action-1"), completion)

    assert answer["stopReason"] == stop_reason
    assert answer["usage"]["inputTokens"] > 0


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "ValidationException"),
        (401, "AccessDeniedException"),
        (404, "ResourceNotFoundException"),
        (429, "ThrottlingException"),
        (500, "ModelErrorException"),
        (503, "ModelNotReadyException"),
        (599, "ServiceUnavailableException"),
    ],
)
def test_an_http_error_becomes_an_error_of_bedrock(
    status: int, name: str, ollama: FakeOllama, client: Any, request_for: RequestFor
) -> None:
    ollama.status, ollama.reply = status, {"error": {"message": "model 'x' not found"}}

    with pytest.raises(ClientError, match="model 'x' not found") as failed:
        client.converse(**request_for())

    response: Any = failed.value.response
    assert response["Error"]["Code"] == name


@pytest.mark.parametrize(
    ("reply", "name"),
    [(b"<html>", "ServiceUnavailableException"), ({"choices": []}, "ModelErrorException")],
)
def test_an_invalid_reply_is_an_error(
    reply: Any, name: str, ollama: FakeOllama, client: Any, request_for: RequestFor
) -> None:
    ollama.reply = reply

    with pytest.raises(ClientError, match=name):
        client.converse(**request_for())


def test_a_server_that_is_gone_is_unavailable(
    running: Any, client_for: Callable[..., Any], request_for: RequestFor
) -> None:
    with running(openai_answerer("http://127.0.0.1:9/v1#llama3")) as server:
        client = client_for(server.url)
        with pytest.raises(ClientError, match="ServiceUnavailableException"):
            client.converse(**request_for())
        client.close()


def test_a_server_that_does_not_answer_is_a_model_timeout(
    request_for: RequestFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_upstream, "TIMEOUT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        answerer = openai_answerer(f"http://127.0.0.1:{silent.getsockname()[1]}/v1#llama3")

        with pytest.raises(BedrockError, match="ModelTimeoutException"):
            answerer(ConverseCall("nova", request_for(), "action-1"))


def test_the_url_can_name_the_model(
    ollama: FakeOllama, running: Any, client_for: Callable[..., Any], request_for: RequestFor
) -> None:
    ollama.models = []
    ollama.replies(content="はい")

    with running(openai_answerer(f"{ollama.url}/#gemma3:4b")) as server:
        client = client_for(server.url)
        client.converse(**request_for())
        client.close()

    assert ollama.request["model"] == "gemma3:4b"
    assert ollama.authorization is None


def test_an_upstream_without_a_model_or_server_is_refused_at_the_start(
    ollama: FakeOllama,
) -> None:
    ollama.models = []

    with pytest.raises(UpstreamError, match="lists no model"):
        openai_answerer(ollama.url)
    with pytest.raises(UpstreamError, match="does not answer"):
        openai_answerer("http://127.0.0.1:9/v1")

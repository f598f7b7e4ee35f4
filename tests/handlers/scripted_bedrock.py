"""A Converse endpoint over HTTP that gives scripted answers, one for each call."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TASK = {
    "title": "走る服を玄関に置く",
    "description": "前の晩に用意する。靴もそろえたら完了。",
    "type": "HABIT",
    "estimatedMinutes": 30,
}


@dataclass(frozen=True)
class ScriptedAnswer:
    """One answer; error is the value of the error header, if it is one."""

    status: int
    body: bytes
    error: str | None = None


def saves(*tasks: Any, stop_reason: str = "tool_use") -> ScriptedAnswer:
    """A call of the tool with these tasks."""
    return calls({"tasks": list(tasks)}, stop_reason)


def calls(tool_input: Any, stop_reason: str = "tool_use") -> ScriptedAnswer:
    """A call of the tool with this input."""
    block = {"toolUse": {"toolUseId": "t-1", "name": "save_tasks", "input": tool_input}}
    return says([block], stop_reason)


def says(content: list[Any], stop_reason: str) -> ScriptedAnswer:
    """These content blocks; each answer costs 1,000 tokens in and 100 out."""
    body = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": 1_000, "outputTokens": 100, "totalTokens": 1_100},
        "metrics": {"latencyMs": 1},
    }
    return ScriptedAnswer(200, json.dumps(body).encode())


def fails(name: str, status: int, message: str = "no") -> ScriptedAnswer:
    """An error of Bedrock's."""
    return ScriptedAnswer(status, json.dumps({"message": message}).encode(), name)


SILENCE = ScriptedAnswer(0, b"")
"""No answer at all: the client's read time-out ends the call."""

HANG_UP = ScriptedAnswer(-1, b"")
"""The connection is closed without an answer."""


@dataclass
class ScriptedBedrock:
    """The server as a test sees it.

    answers: what is still to be answered, in order.
    requests: the bodies received.
    """

    url: str
    answers: list[ScriptedAnswer] = field(default_factory=list[ScriptedAnswer])
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    paths: list[str] = field(default_factory=list[str])
    over: threading.Event = field(default_factory=threading.Event)

    def will(self, *answers: ScriptedAnswer) -> None:
        """Give these answers next."""
        self.answers += answers


@contextmanager
def scripted_bedrock() -> Generator[ScriptedBedrock]:
    """A server of its own on a free port."""

    class ConverseHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bedrock.paths.append(self.path)
            length = int(self.headers["Content-Length"])
            bedrock.requests.append(json.loads(self.rfile.read(length)))
            answer = bedrock.answers.pop(0)
            if answer is SILENCE:
                bedrock.over.wait()
            if answer in (SILENCE, HANG_UP):
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.error:
                self.send_header("x-amzn-errortype", answer.error)
            self.send_header("x-amzn-requestid", "request-7")
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Standard error is for the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), ConverseHandler)
    bedrock = ScriptedBedrock(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield bedrock
    finally:
        bedrock.over.set()
        server.shutdown()
        thread.join()
        server.server_close()

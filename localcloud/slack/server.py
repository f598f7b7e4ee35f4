"""The HTTP server: POST a message, GET / shows all, GET /messages lists them as JSON."""

import json
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from localcloud.slack import WEBHOOK_PATH
from localcloud.slack.rendering import page
from localcloud.slack.rules import refusal

_KEPT = 200
_MAX_BODY_BYTES = 1_000_000


@dataclass(frozen=True)
class WebhookError:
    """An error answer to a message; `retry_after` in seconds, for status 429."""

    status: int
    code: str = "server_error"
    retry_after: float | None = None


@dataclass
class SlackSink:
    """A server on a port of this machine (0: any free one); `with` runs it in the background.

    messages: the last 200 accepted messages, the oldest first.
    refused: the codes of refused messages, in the order of the requests.
    faults: simulated errors, one for each of the next messages (PUT /faults adds to them).
    """

    port: int = 0
    messages: deque[dict[str, Any]] = field(
        default_factory=lambda: deque[dict[str, Any]](maxlen=_KEPT)
    )
    refused: list[str] = field(default_factory=list[str])
    faults: deque[WebhookError] = field(default_factory=deque[WebhookError])

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler_of(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port

    @property
    def webhook(self) -> str:
        """The URL for messages."""
        return f"http://127.0.0.1:{self.port}{WEBHOOK_PATH}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self) -> None:
        """Serve until `stop` is called."""
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Stop the server; must not be called from the serving thread."""
        self._server.shutdown()
        self._server.server_close()

    def accept(self, body: bytes) -> WebhookError | None:
        """Store a message as Slack would; returns the error instead if it is refused."""
        if self.faults:
            return self._refused(self.faults.popleft())
        message: Any = None
        with suppress(ValueError):
            message = json.loads(body)
        code = refusal(message)
        if code:
            return self._refused(WebhookError(HTTPStatus.BAD_REQUEST, code))
        self.messages.append(message)
        return None

    def _refused(self, error: WebhookError) -> WebhookError:
        self.refused.append(error.code)
        return error


def _handler_of(sink: SlackSink) -> type[BaseHTTPRequestHandler]:
    class WebhookHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers["Content-Length"]), _MAX_BODY_BYTES))
            if self.path.partition("?")[0] != WEBHOOK_PATH:
                error: WebhookError | None = WebhookError(HTTPStatus.NOT_FOUND, "no_service")
            else:
                error = sink.accept(body)
            if error is None:
                self._answer(HTTPStatus.OK, "text/html", b"ok")
            else:
                self._answer(error.status, "text/html", error.code.encode(), error.retry_after)

        def do_PUT(self) -> None:
            faults = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sink.faults.extend(WebhookError(**fault) for fault in faults)
            self._answer(HTTPStatus.OK, "application/json", b"{}")

        def do_GET(self) -> None:
            match self.path:
                case "/":
                    shown = page(list(sink.messages)).encode()
                    self._answer(HTTPStatus.OK, "text/html; charset=utf-8", shown)
                case "/messages":
                    listed = json.dumps(list(sink.messages)).encode()
                    self._answer(HTTPStatus.OK, "application/json", listed)
                case "/health":
                    self._answer(HTTPStatus.OK, "application/json", b"{}")
                case _:
                    self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"not found")

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _answer(
            self, status: int, content: str, body: bytes, retry_after: float | None = None
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content)
            self.send_header("Content-Length", str(len(body)))
            if retry_after is not None:
                self.send_header("Retry-After", f"{retry_after:g}")
            self.end_headers()
            self.wfile.write(body)

    return WebhookHandler

"""Plain HTTP requests: no status is an error, and no proxy is used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

_TIMEOUT_SECONDS = 40.0
"""API Gateway ends an integration after 30 seconds."""


@dataclass(frozen=True)
class HttpResponse:
    """The response to a request; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text; bytes that are not UTF-8 are replaced."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The content as JSON, None if there is none. Raises ValueError."""
        return json.loads(self.content or b"null")


def exchange(
    method: str,
    url: str,
    body: Any = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Send a request; `body` becomes JSON unless it is bytes or None. Raises OSError."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = Request(url, data, sent, method=method)  # noqa: S310 - a URL of this cloud
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_TIMEOUT_SECONDS) as reply:
            return _read(reply.status, reply)
    except HTTPError as error:
        with error:
            return _read(error.code, error)


def _read(status: int, reply: Any) -> HttpResponse:
    names = {name.lower(): value for name, value in reply.headers.items()}
    return HttpResponse(status, names, reply.read())

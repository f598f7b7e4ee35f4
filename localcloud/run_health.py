"""Which parts of the cloud still answer."""

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

_CONNECT_SECONDS = 2.0


def dead_parts(urls: Mapping[str, str]) -> list[str]:
    """The parts, by name, that take no connection at their URL's host and port."""
    return [f"{name} ({_address(url)})" for name, url in urls.items() if not _answers(url)]


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"

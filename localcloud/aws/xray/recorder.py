"""The X-Ray daemon of the emulator: it appends each segment document to a file."""

import json
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LARGEST_DATAGRAM = 65_535
_lock = threading.Lock()


def record(file: Path, document: Mapping[str, Any]) -> None:
    """Append a segment document to the file."""
    with _lock, file.open("a") as lines:
        lines.write(json.dumps(document, ensure_ascii=False) + "\n")


def listen(file: Path, port: int) -> None:
    """Record the datagrams at a UDP port of this machine until the process ends.

    A datagram has a header line and a document (X-Ray Developer Guide, "Sending trace data to
    X-Ray"). Raises OSError if the port is taken.
    """
    daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    daemon.bind(("127.0.0.1", port))
    threading.Thread(target=_receive, args=(daemon, file), daemon=True).start()


def _receive(daemon: socket.socket, file: Path) -> None:
    while True:
        header, _, document = daemon.recv(_LARGEST_DATAGRAM).partition(b"\n")
        try:
            if json.loads(header).get("format") == "json":
                record(file, json.loads(document))
        except (ValueError, AttributeError):
            continue  # no segment

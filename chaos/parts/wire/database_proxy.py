"""A proxy for one function's connections to PostgreSQL; a chunk of its client's is one call."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from chaos.parts.cells import Service, Step
from chaos.parts.wire.calls import Call, CutError, Injector, ThrottledError, pid_of

_CHUNK = 65_536
_READY = b"Z\x00\x00\x00\x05"
"""PostgreSQL's ReadyForQuery: the connection is open, or a statement has ended."""


@dataclass
class _Link:
    client: socket.socket
    server: socket.socket
    is_open: bool = False
    waiting: list[Call] = field(default_factory=list[Call])

    def close(self) -> None:
        for each in (self.client, self.server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def database_proxy(upstream_port: int, step: Step, injector: Injector) -> Generator[int]:
    """Serve a proxy to PostgreSQL on this machine, and yield its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    port: int = listener.getsockname()[1]

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    def serve(client: socket.socket) -> None:
        if not injector.connects(Service.DATABASE):
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", upstream_port), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        link = _Link(client, server)
        threading.Thread(target=_answers, args=(link, injector), daemon=True).start()
        _calls(link, step, port, injector)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield port
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _calls(link: _Link, step: Step, proxy_port: int, injector: Injector) -> None:
    try:
        client_port = link.client.getpeername()[1]
        backend_port = link.server.getsockname()[1]
        while chunk := link.client.recv(_CHUNK):
            if link.is_open:
                call = Call(step, Service.DATABASE, lambda: pid_of(client_port, proxy_port))
                call.backend_port = backend_port
                injector.before(call)
                link.waiting.append(call)
            link.server.sendall(chunk)
    except (OSError, CutError, ThrottledError):
        pass
    finally:
        link.close()


def _answers(link: _Link, injector: Injector) -> None:
    try:
        while chunk := link.server.recv(_CHUNK):
            link.is_open = link.is_open or _READY in chunk
            if link.waiting and not injector.after(link.waiting.pop(0)):
                break
            link.client.sendall(chunk)
    except OSError:
        pass
    finally:
        link.close()

"""One call of a function, as a proxy sees it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import psutil

from chaos.parts.cells import Service, Step

_EXECUTION = re.compile(
    rb'(?:":?pk": ?\{"S": ?|"executionId": ?|"name": ?|:execution:[^:"]+:)"?'
    rb"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"
)


class CutError(Exception):
    """The connection is cut before the call arrives."""


class ThrottledError(Exception):
    """The service refuses the call for now."""


@dataclass
class Call:
    """A call of a step's function.

    execution_id: the execution that it is about, if the call names one.
    pid: looks the caller's process up; None if it is gone.
    backend_port: of a call of the database, the port of its connection there.
    is_lost: its answer does not arrive; is_last: its process is killed once it is answered.
    """

    step: Step
    service: Service
    pid: Callable[[], int | None]
    execution_id: str | None = None
    backend_port: int = 0
    is_lost: bool = False
    is_last: bool = False


class Injector(Protocol):
    """Lets a call pass, or not."""

    def before(self, call: Call) -> None:
        """Before the call arrives. Raises CutError and ThrottledError."""
        ...

    def after(self, call: Call) -> bool:
        """Once the call is answered; False if the answer is lost."""
        ...

    def connects(self, service: Service) -> bool:
        """Whether a new connection to the service is possible."""
        ...


def execution_in(content: bytes) -> str | None:
    """The id of the first execution that a request names."""
    found = _EXECUTION.search(content)
    return found[1].decode() if found else None


def pid_of(client_port: int, proxy_port: int) -> int | None:
    """The process that has connected from a port to a proxy."""
    for each in psutil.net_connections("tcp4"):
        if (
            each.laddr
            and each.raddr
            and (each.laddr[1], each.raddr[1]) == (client_port, proxy_port)
        ):
            return each.pid
    return None

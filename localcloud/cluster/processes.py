"""Starts, finds and ends the server processes of a cloud.

A process belongs to the cloud if its pid and start time were recorded, if it descends from such a
process, or if its environment has the mark. So a recycled pid is never taken for a server, and
processes that a killed command or a killed server left behind are still found.
"""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from localcloud.cluster.state import CHECKOUT, ServerRecord, read_servers, write_servers
from localcloud.errors import LocalCloudError

MARK = "GOAL_MANDALA_LOCALCLOUD"
"""An environment variable of every process of a cloud; its value is the cloud's folder."""

SERVER = "GOAL_MANDALA_LOCALCLOUD_SERVER"
"""An environment variable of every process of a server; its value is the server's name."""

_START_TOLERANCE_SECONDS = 1.0
"""Start times are computed from the boot time, which changes with the system clock."""

_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0
_ATTEMPTS = 5
_SHOWN_LOG_LINES = 15

_children: dict[int, "subprocess.Popen[bytes]"] = {}
"""The processes that this command started, so that it can reap those that end before it."""


@dataclass(frozen=True)
class ServerProcess:
    """How to run a server.

    environment: the whole environment but the mark, which is added.
    stop_signal: the signal that ends it cleanly.
    is_ready: whether it answers; may raise OSError while it does not.
    """

    name: str
    port: int
    command: Sequence[str]
    environment: Mapping[str, str]
    stop_signal: int
    is_ready: Callable[[], bool]


class _PortTakenError(Exception):
    """Another process took the port before the server could bind it."""


def free_port() -> int:
    """A port on 127.0.0.1 that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder: Path, describe: Callable[[int], ServerProcess]) -> ServerRecord:
    """Start a server on a free port and wait until it answers. Raises LocalCloudError.

    describe: returns the server for a port; called again with another port if that one is taken.
    """
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(_PortTakenError):
            return _start(folder, describe(free_port()))
    raise LocalCloudError(
        "Each free port was taken by another process before the server could listen."
    )


def start_again(folder: Path, server: ServerProcess) -> ServerRecord:
    """Start a server that has died, on the port that it had. Raises LocalCloudError.

    What it left behind is ended first: on AWS a function's process does not outlive its host.
    """
    for record in read_servers(folder):
        # a zombie keeps its pid, which PostgreSQL's lock file names
        if record.name == server.name and (child := _children.pop(record.pid, None)):
            child.kill()
            child.wait()
    left = [process for process in find(folder) if _is_of(process, server.name)]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=_STOP_SECONDS)
    return _start(folder, server)


def is_alive(record: ServerRecord) -> bool:
    """Whether the recorded process still runs; a later one with the same pid does not count."""
    return _process(record) is not None


def find(folder: Path) -> list[psutil.Process]:
    """Every process of the cloud in a folder, no matter which command started it."""
    found: dict[int, psutil.Process] = {}
    for record in read_servers(folder):
        if process := _process(record):
            with contextlib.suppress(psutil.NoSuchProcess):
                found.update({child.pid: child for child in process.children(recursive=True)})
            found[process.pid] = process
    for process in psutil.process_iter():
        # AccessDenied: a process of another user, so not of this cloud
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.environ().get(MARK) == str(folder):
                found[process.pid] = process
    found.pop(os.getpid(), None)
    return list(found.values())


def stop(folder: Path) -> int:
    """End every process of the cloud in a folder, cleanly where possible; returns their number."""
    processes = find(folder)
    for record in read_servers(folder):
        if server := _process(record):
            with contextlib.suppress(psutil.NoSuchProcess):
                server.send_signal(record.stop_signal)
    leaders = [process for record in read_servers(folder) if (process := _process(record))]
    psutil.wait_procs(leaders, timeout=_STOP_SECONDS)
    # servers that ignored the signal, and processes that servers left behind
    left = find(folder)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=_STOP_SECONDS)
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            del _children[pid]
    return len({process.pid for process in [*processes, *left]})


def _start(folder: Path, server: ServerProcess) -> ServerRecord:
    log = folder / "logs" / f"{server.name}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            server.command,
            env={**server.environment, MARK: str(folder), SERVER: server.name},
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # the cloud outlives the command, so Ctrl-C must not reach it
            start_new_session=True,
        )
    _children[process.pid] = process
    record = ServerRecord(
        name=server.name,
        pid=process.pid,
        started_at=psutil.Process(process.pid).create_time(),
        port=server.port,
        stop_signal=server.stop_signal,
    )
    others = (each for each in read_servers(folder) if each.name != server.name)
    write_servers(folder, (*others, record))
    _wait_until_ready(process, server, log)
    return record


def _wait_until_ready(process: "subprocess.Popen[bytes]", server: ServerProcess, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            text = log.read_text(errors="replace")
            if "address already in use" in text.lower():
                raise _PortTakenError
            ended = f"{server.name} ended with code {process.returncode} instead of answering."
            raise LocalCloudError(f"{ended} {_last_lines(log)}")
        with contextlib.suppress(OSError):
            if _listens(process.pid, server.port) and server.is_ready():
                return
        time.sleep(0.02)
    raise LocalCloudError(
        f"{server.name} does not answer after {_READY_SECONDS:g} seconds. {_last_lines(log)}"
    )


def _listens(pid: int, port: int) -> bool:
    """Whether this process listens on the port, and not another one that was faster."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.AccessDenied:
        return True  # it runs as another user (PostgreSQL); it either binds the port or ends
    except psutil.NoSuchProcess:
        return False
    return any(
        each.status == psutil.CONN_LISTEN and each.laddr and each.laddr[1] == port
        for each in connections
    )


def _is_of(process: psutil.Process, server: str) -> bool:
    try:
        return process.environ().get(SERVER) == server
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-_SHOWN_LOG_LINES:]
    return "Its log ends:\n" + "\n".join(f"  {line}" for line in lines or ["(it is empty)"])


def _process(record: ServerRecord) -> psutil.Process | None:
    try:
        process = psutil.Process(record.pid)
        is_it = abs(process.create_time() - record.started_at) < _START_TOLERANCE_SECONDS
        return process if is_it and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None

"""Server processes are started, found again and ended, and no others."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from localcloud.cluster import processes
from localcloud.cluster.processes import MARK, ServerProcess
from localcloud.cluster.state import ServerRecord, read_servers, write_servers
from localcloud.errors import LocalCloudError

LISTENS = """
import socket, subprocess, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
while True:
    server.accept()[0].close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A state folder; the processes that a test leaves behind are ended."""
    folder = tmp_path / ".localcloud"
    folder.mkdir()
    yield folder
    processes.stop(folder)


def server(port: int, program: str = LISTENS) -> ServerProcess:
    def is_ready() -> bool:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True

    command = [sys.executable, "-c", program, str(port)]
    return ServerProcess("echo", port, command, dict(os.environ), signal.SIGTERM, is_ready)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until_child(pid: int) -> psutil.Process:
    for _ in range(500):
        if children := psutil.Process(pid).children():
            return children[0]
        time.sleep(0.01)
    raise AssertionError("the server started no child")


def test_a_server_is_recorded_and_stopped_together_with_its_children(folder: Path) -> None:
    record = processes.start(folder, server)
    child = wait_until_child(record.pid)
    assert read_servers(folder) == (record,)
    assert processes.is_alive(record)
    assert os.getsid(record.pid) == record.pid  # a session of its own: Ctrl-C does not reach it
    processes.stop(folder)
    assert is_gone(record.pid)
    assert is_gone(child.pid)
    assert not processes.is_alive(record)


def test_the_child_of_a_killed_server_is_found_by_its_mark(folder: Path) -> None:
    record = processes.start(folder, server)
    orphan = wait_until_child(record.pid)
    os.kill(record.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(record.pid)], timeout=5)
    assert not processes.is_alive(record)
    assert [process.pid for process in processes.find(folder)] == [orphan.pid]
    processes.stop(folder)
    assert is_gone(orphan.pid)


@contextmanager
def sleeping(**environment: str) -> Generator[psutil.Process]:
    """A process that no record names."""
    command = [sys.executable, "-uc", "import time; print(); time.sleep(300)"]
    environment = {**os.environ, **environment}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            process.stdout.readline()  # only a process that runs has its environment
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def test_a_server_without_a_record_is_found_by_its_mark(folder: Path) -> None:
    with sleeping(**{MARK: str(folder)}) as process:
        assert [each.pid for each in processes.find(folder)] == [process.pid]
        processes.stop(folder)
        assert is_gone(process.pid)


def test_a_recycled_pid_is_not_taken_for_a_server(folder: Path) -> None:
    with sleeping() as stranger:
        record = ServerRecord(
            name="echo",
            pid=stranger.pid,
            started_at=stranger.create_time() - 60,
            port=1,
            stop_signal=signal.SIGTERM,
        )
        write_servers(folder, (record,))
        assert not processes.is_alive(record)
        assert processes.find(folder) == []
        assert processes.stop(folder) == 0
        assert not is_gone(stranger.pid)


def test_stop_does_not_touch_the_cloud_of_another_folder(folder: Path, tmp_path: Path) -> None:
    record = processes.start(folder, server)
    processes.stop(tmp_path / "other" / ".localcloud")
    assert processes.is_alive(record)


def test_a_server_whose_port_is_taken_starts_on_another_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken, free = stranger.getsockname()[1], processes.free_port()
        choices = iter([taken, free])
        monkeypatch.setattr(processes, "free_port", lambda: next(choices))
        # the port accepts connections, but from the stranger and not from the server
        assert processes.start(folder, server).port == free


def test_the_error_for_a_server_that_ends_shows_the_end_of_its_log(folder: Path) -> None:
    with pytest.raises(LocalCloudError, match=r"echo ended with code 3[\s\S]*no such thing"):
        processes.start(folder, lambda port: server(port, "print('no such thing'); exit(3)"))


def test_a_server_that_never_answers_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_READY_SECONDS", 0.5)
    with pytest.raises(LocalCloudError, match=r"echo does not answer[\s\S]*it is empty"):
        processes.start(folder, lambda port: server(port, "import time; time.sleep(300)"))


def test_a_server_that_ignores_its_signal_is_killed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_STOP_SECONDS", 0.5)
    record = processes.start(folder, lambda port: replace(server(port), stop_signal=signal.SIGCONT))
    processes.stop(folder)
    assert is_gone(record.pid)

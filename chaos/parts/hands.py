"""Does to the cloud what a fault is (`injector.Hands`)."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from chaos.parts.cells import NEEDS_EARLIER, Fault
from chaos.parts.people import People
from chaos.parts.scene import Scene
from localcloud.cluster import servers
from localcloud.cluster.restart import restart

_SERVER = {
    Fault.EMULATOR_KILLED: servers.EMULATOR,
    Fault.POSTGRESQL_KILLED: servers.POSTGRESQL,
}


@dataclass(frozen=True)
class Death:
    """A server was killed, and answered again some seconds later, those that it was left dead
    included."""

    fault: Fault
    at: float
    seconds: float


@dataclass
class CloudHands:
    """The hands of a scene; `people` act for users."""

    people: People
    deaths: list[Death] = field(default_factory=list[Death])
    failures: list[str] = field(default_factory=list[str])
    _busy: int = 0
    _serial: threading.Lock = field(default_factory=threading.Lock)
    _count: threading.Lock = field(default_factory=threading.Lock)

    @property
    def scene(self) -> Scene:
        """The cloud."""
        return self.people.scene

    @property
    def is_busy(self) -> bool:
        """Whether something that was begun has not ended."""
        return self._busy > 0

    def kill_worker(self, pid: int | None) -> bool:
        """Kill a function's process."""
        if pid is None or pid == os.getpid():
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def kill_server(self, fault: Fault, seconds: float) -> None:
        """Kill a server with its children, and start it again some seconds later."""
        self._begin(lambda: self._kill_server(fault, seconds))

    def freeze_backend(self, port: int, seconds: float) -> None:
        """Stop the process of PostgreSQL that serves the connection of a port."""
        with suppress(psycopg.Error, ProcessLookupError), self.scene.connect() as connection:
            row = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE client_port = %s", [port]
            ).fetchone()
            if row:
                os.kill(row[0], signal.SIGSTOP)
                self._begin(lambda: _continue(row[0], seconds))

    def fill_disk(self, seconds: float) -> None:
        """Leave the tables' disk no byte for some seconds."""
        if self.scene.disk:
            ballast = self.scene.disk / "ballast"
            _fill(ballast)
            self._begin(lambda: (time.sleep(seconds), ballast.unlink(missing_ok=True)))

    def throttle_function(self, function: str, seconds: float) -> None:
        """Leave a function no concurrency for some seconds."""
        self._begin(lambda: self._throttle(function, seconds))

    def can_interfere(self, fault: Fault, execution_id: str) -> bool:
        """Whether it is known whose the execution is; for some faults, its goal's second one."""
        try:
            goal = self.people.goal_of(execution_id)
        except psycopg.Error:
            return False  # the database is dead
        if goal is None:
            return False
        return fault not in NEEDS_EARLIER or any(each < execution_id for each in goal.accepted)

    def interfere(self, fault: Fault, execution_id: str) -> bool:
        """Do what a person or an event does to an execution."""
        with self._count:
            self._busy += 1
        try:
            return self.people.act(fault, execution_id)
        except (OSError, psycopg.Error, BotoCoreError, ClientError):
            return True  # it was tried: the cloud may be dead
        finally:
            with self._count:
                self._busy -= 1

    def _begin(self, act: Callable[[], object]) -> None:
        def run() -> None:
            try:
                act()
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            finally:
                with self._count:
                    self._busy -= 1

        with self._count:
            self._busy += 1
        threading.Thread(target=run, daemon=True).start()

    def _kill_server(self, fault: Fault, seconds: float) -> None:
        name = _SERVER[fault]
        with self._serial:
            leader = psutil.Process(self.scene.state.pids[name])
            at = time.time()
            # a function's process outlives the emulator for a moment, a backend not the postmaster
            family = leader.children(recursive=True) if name == servers.POSTGRESQL else []
            for process in (leader, *family):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(seconds)
            self.scene.state = restart(self.scene.folder, self.scene.state, name)
            self.deaths.append(Death(fault, at, time.time() - at))

    def _throttle(self, function: str, seconds: float) -> None:
        functions = self.scene.state.client("lambda")
        arn: str = self.scene.state.exports["functionArns"][function].rpartition(":")[0]
        before = _until_done(functions.get_function_concurrency, FunctionName=arn)
        reserved = before.get("ReservedConcurrentExecutions")
        put = partial(functions.put_function_concurrency, FunctionName=arn)
        _until_done(put, ReservedConcurrentExecutions=0)
        time.sleep(seconds)
        if reserved is None:
            _until_done(functions.delete_function_concurrency, FunctionName=arn)
        else:
            _until_done(put, ReservedConcurrentExecutions=reserved)


def _until_done(call: Callable[..., Any], **arguments: Any) -> Any:
    """A call that may be made twice: another goal's fault may have killed the emulator."""
    give_up_at = time.monotonic() + 30
    while True:
        try:
            return call(**arguments)
        except (BotoCoreError, ClientError):
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.3)


def _continue(pid: int, seconds: float) -> None:
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))

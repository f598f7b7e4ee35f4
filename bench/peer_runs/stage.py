"""One peer's runs on a stage: the model server, PostgreSQL and the goal that all peers share."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from bench.peer_runs.environments import PeerUnavailableError, python_of
from bench.peer_runs.job import JOB_VARIABLE, Action, Job
from bench.peer_runs.servers import Server
from declared.program import ROOT
from localcloud.run.calls import set_model
from localcloud.run.http_calls import exchange

RUN_SECONDS = 180
_POLL_SECONDS = 0.02
_ENDED_BEFORE_KILL = 20


@dataclass(frozen=True)
class Timing:
    """Seconds from the start: all generated, all saved; and CPU of the worker and its server."""

    generated: float
    saved: float
    cpu: float


@dataclass(frozen=True)
class Resumed:
    """A run whose worker was killed and started again.

    in_flight: calls at that moment. paid_twice: calls made again. seconds: from the kill to the
    end. saved_twice: tasks. failed: actions without tasks.
    """

    in_flight: int
    paid_twice: int
    seconds: float
    saved_twice: int
    failed: int


@dataclass(frozen=True)
class Stage:
    """What all peers share. model_url: of the model server; folder: for their files."""

    model_url: str
    model_id: str
    database_url: str
    folder: Path
    actions: Sequence[Action]

    def job(self, run: str, server: Server, *, dies_after_save: bool = False) -> Job:
        """The work of one run."""
        converse = f"{self.model_url}/model/{self.model_id}/converse"
        return Job(
            run,
            converse,
            self.database_url,
            self._new_database(run.partition("-")[0]),
            server.addresses,
            str(self.folder),
            dies_after_save,
            self.actions,
        )

    def _new_database(self, name: str) -> str:
        """A database beside the product's, for a peer's own state; its URL."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(asked, [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.database_url.rpartition('/')[0]}/{name}"


def timed(stage: Stage, peer: str, server: Server, run: str, model: Mapping[str, Any]) -> Timing:
    """One run without a fault."""
    forget_tasks(stage.database_url, stage.actions)
    set_model(stage.model_url, model)
    before = cpu_seconds(server.pid)
    job = stage.job(run, server)
    _wait(job, _start(job, peer, server))
    marks = {each["event"]: each for each in _marks(job)}
    began = marks["began"]
    return Timing(
        marks["generated"]["at"] - began["at"],
        marks["saved"]["at"] - began["at"],
        marks["saved"]["cpu"] - began["cpu"] + cpu_seconds(server.pid) - before,
    )


def killed_while_generating(
    stage: Stage, peer: str, server: Server, run: str, model: Mapping[str, Any]
) -> Resumed:
    """`kill -9` once twenty calls have ended, and the same command again."""
    forget_tasks(stage.database_url, stage.actions)
    set_model(stage.model_url, model)
    job = stage.job(run, server)
    process = _start(job, peer, server)
    in_flight = until_calls_have_ended(stage.model_url)
    kill(process.pid)
    process.wait()
    return _resume(stage, job, peer, server, in_flight)


def killed_after_a_save(
    stage: Stage, peer: str, server: Server, run: str, model: Mapping[str, Any]
) -> Resumed:
    """The worker dies between its first commit and the record of it, and is started again."""
    forget_tasks(stage.database_url, stage.actions)
    set_model(stage.model_url, model)
    job = stage.job(run, server, dies_after_save=True)
    process = _start(job, peer, server)
    process.wait(timeout=RUN_SECONDS)
    return _resume(stage, job, peer, server, 0)


def _resume(stage: Stage, job: Job, peer: str, server: Server, in_flight: int) -> Resumed:
    began = time.time()
    _wait(job, _start(job, peer, server))
    return Resumed(
        in_flight,
        calls_paid_twice(stage.model_url),
        time.time() - began,
        *saved_tasks(stage.database_url, stage.actions),
    )


def until_calls_have_ended(model_url: str) -> int:
    """Wait until twenty calls of the model have ended; how many are in flight then."""
    end = time.monotonic() + RUN_SECONDS
    while time.monotonic() < end:
        counters = _counters(model_url)
        if counters["calls"] - counters["in_flight"] >= _ENDED_BEFORE_KILL:
            return counters["in_flight"]
        time.sleep(_POLL_SECONDS)
    raise PeerUnavailableError("it makes no calls of the model")


def calls_paid_twice(model_url: str) -> int:
    """Calls about an action beyond its first, less those that a fault answered."""
    return sum(
        max(0, each["calls"] - 1 - sum(each["faults"].values()))
        for each in _counters(model_url)["actions"].values()
    )


def saved_tasks(database_url: str, actions: Sequence[Action]) -> tuple[int, int]:
    """Tasks beyond an action's first save, and actions without tasks."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            'SELECT "actionId"::text, "createdAt" FROM tasks WHERE "actionId" = ANY(%s::uuid[]) '
            "ORDER BY 1, 2",
            [[action.id for action in actions]],
        ).fetchall()
    twice, having = 0, 0
    for _, rows in groupby(found, key=lambda row: row[0]):
        moments = [moment for _, moment in rows]
        having += 1
        # createdAt is the transaction's time, so one save has one
        twice += sum(moment != moments[0] for moment in moments)
    return twice, len(actions) - having


def forget_tasks(database_url: str, actions: Sequence[Action]) -> None:
    """Delete what an earlier run saved."""
    ids = [action.id for action in actions]
    with psycopg.connect(database_url) as connection:
        connection.execute('DELETE FROM tasks WHERE "actionId" = ANY(%s::uuid[])', [ids])


def cpu_seconds(pid: int | None) -> float:
    """CPU of a process and its descendants, ended ones included; 0 without a process."""
    if pid is None:
        return 0.0
    total = 0.0
    process = psutil.Process(pid)
    for each in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def kill(pid: int) -> None:
    """SIGKILL to a process's group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _start(job: Job, peer: str, server: Server) -> "subprocess.Popen[bytes]":
    path = Path(job.folder) / f"{job.run}.json"
    job.write(path)
    with (Path(job.folder) / f"{job.run}.log").open("ab") as log:
        return subprocess.Popen(
            [str(python_of(peer)), "-m", f"bench.peers.{peer}"],
            env={**os.environ, **server.environment, JOB_VARIABLE: str(path)},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait(job: Job, process: "subprocess.Popen[bytes]") -> None:
    try:
        code = process.wait(timeout=RUN_SECONDS)
    except subprocess.TimeoutExpired:
        raise PeerUnavailableError(f"a run takes more than {RUN_SECONDS} s") from None
    finally:
        kill(process.pid)
    if code:
        log = (Path(job.folder) / f"{job.run}.log").read_text(errors="replace")
        last = log.strip().splitlines()[-1:] or [""]
        raise PeerUnavailableError(f"it ended with {code}: {last[0]}")


def _marks(job: Job) -> list[dict[str, Any]]:
    path = Path(job.folder) / f"{job.run}.marks"
    return [json.loads(line) for line in path.read_text().splitlines()]


def _counters(model_url: str) -> Mapping[str, Any]:
    return json.loads(exchange("GET", f"{model_url}/control").text)["counters"]

"""The servers that some peers need, each on free ports with its state in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.peer_runs.environments import (
    PeerUnavailableError,
    python_of,
    restate_server,
    temporal_server,
)
from bench.peer_runs.temporal_config import namespace_command, temporal_config
from declared.program import ROOT
from localcloud.cluster.processes import free_port

_READY_SECONDS = 180


@dataclass(frozen=True)
class Server:
    """addresses: for the job. environment: more variables of the peer. pid: None without server."""

    addresses: Mapping[str, str]
    environment: Mapping[str, str]
    pid: int | None


@contextmanager
def server_of(peer: str, folder: Path) -> Generator[Server]:
    """A peer's server while the context lasts. Raises PeerUnavailableError."""
    folder.mkdir(parents=True, exist_ok=True)
    if peer not in _SERVERS:
        yield Server({}, {}, None)
        return
    with _SERVERS[peer](folder) as server:
        yield server


@contextmanager
def model_server(folder: Path) -> Generator[str]:
    """The embedded cloud's model server, without the question whether the caller may: its URL."""
    port = free_port()
    command = [sys.executable, "-m", "localcloud.bedrock", "--port", str(port)]
    with _process(command, {}, folder / "model-server.log", [port]):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _prefect(folder: Path) -> Generator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    environment = {
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": url,
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [str(python_of("prefect")), "-m", "prefect", "server", "start", "--no-ui"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with _process(command, environment, folder / "server.log", [port]) as pid:
        yield Server({"server": url}, environment, pid)


@contextmanager
def _restate(folder: Path) -> Generator[Server]:
    ingress, admin, node, worker = (free_port() for _ in range(4))
    environment = {
        "RESTATE_INGRESS__BIND_PORT": str(ingress),
        "RESTATE_ADMIN__BIND_PORT": str(admin),
        "RESTATE_BIND_PORT": str(node),
        "RESTATE_LISTEN_MODE": "tcp",
        "DO_NOT_TRACK": "1",
    }
    command = [str(restate_server()), "--no-logo", "--base-dir", str(folder / "data")]
    command += ["--bind-ip", "127.0.0.1", "--log-filter", "warn"]
    with _process(command, environment, folder / "server.log", [ingress, admin]) as pid:
        ports = {"ingress": ingress, "admin": admin, "worker": worker}
        yield Server({name: f"http://127.0.0.1:{port}" for name, port in ports.items()}, {}, pid)


@contextmanager
def _temporal(folder: Path) -> Generator[Server]:
    binary = temporal_server()
    frontend, config = temporal_config([free_port() for _ in range(11)], folder / "temporal.db")
    (folder / "config.yaml").write_text(config)
    command = [
        str(binary),
        "--config-file",
        str(folder / "config.yaml"),
        "--allow-no-auth",
        "start",
    ]
    address = f"127.0.0.1:{frontend}"
    with _process(command, {}, folder / "server.log", [frontend]) as pid:
        _until(lambda: _succeeds(namespace_command(python_of("temporal"), address)), "temporal")
        yield Server({"server": address}, {}, pid)


@contextmanager
def _lambda_durable(folder: Path) -> Generator[Server]:
    runner, worker = free_port(), free_port()
    addresses = {"runner": f"http://127.0.0.1:{runner}", "worker": f"http://127.0.0.1:{worker}"}
    credentials = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-west-2",
    }
    command = [
        str(python_of("lambda_durable").with_name("dex-local-runner")),
        *("start-server", "--host", "127.0.0.1", "--port", str(runner)),
        *("--lambda-endpoint", addresses["worker"], "--log-level", "WARNING"),
        *("--store-type", "sqlite", "--store-path", str(folder / "executions.db")),
    ]
    with _process(command, credentials, folder / "server.log", [runner]) as pid:
        variables = {**credentials, "AWS_ENDPOINT_URL_LAMBDA": addresses["runner"]}
        yield Server(addresses, variables, pid)


_SERVERS = {
    "lambda_durable": _lambda_durable,
    "prefect": _prefect,
    "restate": _restate,
    "temporal": _temporal,
}


@contextmanager
def _process(
    command: Sequence[str], environment: Mapping[str, str], log: Path, ports: Sequence[int]
) -> Generator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        for port in ports:
            _until(lambda port=port: _listens(process, port, log), log.parent.name)
        yield process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> bool:
    if process.poll() is not None:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise PeerUnavailableError(f"its server ended with {process.returncode}: {last}")
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _until(is_ready: Callable[[], bool], name: str) -> None:
    end = time.monotonic() + _READY_SECONDS
    while not is_ready():
        if time.monotonic() > end:
            raise PeerUnavailableError(
                f"the server of {name} does not answer in {_READY_SECONDS} s"
            )
        time.sleep(0.1)

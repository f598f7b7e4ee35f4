"""The four servers of an embedded cloud: how to run them, and whether they answer."""

import ctypes
import http.client
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psycopg

from localcloud.aws import Emulator
from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.cluster.processes import ServerProcess
from localcloud.database.postgres import Postgres

POSTGRESQL = "postgresql"
EMULATOR = "emulator"
MODEL_SERVER = "model-server"
SLACK_SINK = "slack-sink"

_ANSWER_SECONDS = 5
_IPC_RMID = 0


def postgresql(folder: Path, port: int) -> ServerProcess:
    """PostgreSQL over a data folder that has been initialised."""
    server = Postgres(folder / "postgresql", port)
    # the default kind of shared memory leaves a file in /dev/shm if the server is killed
    command = [*server.command, "-c", "dynamic_shared_memory_type=mmap"]
    return ServerProcess(
        POSTGRESQL,
        port,
        command,
        _environment(folder),
        signal.SIGINT,
        lambda: database_answers(port),
    )


def release_shared_memory(folder: Path) -> None:
    """Free the System V segment that a killed PostgreSQL leaves behind."""
    try:
        key, segment = (
            (folder / "postgresql" / "postmaster.pid").read_text().splitlines()[6].split()
        )
    except (OSError, IndexError, ValueError):
        return
    libc = ctypes.CDLL(None)
    # the key must agree too: the number may belong to another segment by now
    if libc.shmget(int(key), 0, 0) == int(segment):
        libc.shmctl(int(segment), _IPC_RMID, None)


def emulator(folder: Path, port: int, *, durable: bool = False) -> ServerProcess:
    """The AWS emulator; `durable`: its state outlives a kill."""
    (folder / "emulator").mkdir(exist_ok=True)
    server = replace(emulator_of(folder, port), durable=durable)
    return ServerProcess(
        EMULATOR,
        port,
        server.command,
        server.environment,
        signal.SIGTERM,
        lambda: aws_answers(port),
    )


def model_server(folder: Path, port: int, aws_port: int, upstream: str) -> ServerProcess:
    """The model server; it asks the emulator whether a caller may invoke the model.

    With an upstream it gets the caller's whole environment, for the credentials in it.
    """
    command = [sys.executable, "-m", "localcloud.bedrock", "--port", str(port)]
    command += ["--authorizer", emulator_of(folder, aws_port).model_permission_url]
    if upstream:
        command += ["--upstream", upstream]
    environment = dict(os.environ) if upstream else _environment(folder)
    return ServerProcess(
        MODEL_SERVER, port, command, environment, signal.SIGTERM, lambda: model_answers(port)
    )


def slack_sink(folder: Path, port: int) -> ServerProcess:
    """The Slack sink."""
    command = [sys.executable, "-m", "localcloud.slack", "--port", str(port)]
    return ServerProcess(
        SLACK_SINK,
        port,
        command,
        _environment(folder),
        signal.SIGTERM,
        lambda: slack_sink_answers(port),
    )


def database_answers(port: int) -> bool:
    """Whether PostgreSQL takes a connection."""
    url = Postgres(Path(), port).url_of("postgres")
    try:
        psycopg.connect(url, connect_timeout=_ANSWER_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def aws_answers(port: int) -> bool:
    """Whether the emulator is healthy."""
    return _answers(port, "/_ministack/health")


def model_answers(port: int) -> bool:
    """Whether the model server is healthy."""
    return _answers(port, "/health")


def slack_sink_answers(port: int) -> bool:
    """Whether the Slack sink is healthy."""
    return _answers(port, "/health")


ANSWERS = {
    POSTGRESQL: database_answers,
    EMULATOR: aws_answers,
    MODEL_SERVER: model_answers,
    SLACK_SINK: slack_sink_answers,
}
"""Whether a server answers on a port, by the server's name."""


def emulator_of(folder: Path, port: int = 0) -> Emulator:
    """The emulator of a cloud's folder; without a port only for the paths of its files."""
    return Emulator(folder / "emulator", port, REGION, ACCOUNT_ID)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _environment(folder: Path) -> Mapping[str, str]:
    """A minimal environment: none of the caller's credentials and settings reach the cloud."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
    }

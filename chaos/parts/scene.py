"""A cloud with a proxy at every connection of its functions, and a small disk for its database."""

import os
import pwd
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from rich.console import Console

from chaos.parts.cells import FUNCTION_OF, Step
from chaos.parts.ledger import Ledger
from chaos.parts.wire.calls import Injector
from chaos.parts.wire.database_proxy import database_proxy
from chaos.parts.wire.http_proxy import http_proxy
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.restart import take_snapshot
from localcloud.cluster.state import CloudState, write_state
from localcloud.cluster.steps import Steps
from localcloud.database.product import Connection
from localcloud.slack.server import SlackSink

WORKFLOW_SECONDS = 240
CONFIG = {
    "workflowTimeout": str(WORKFLOW_SECONDS),
    # 7 seconds are left for a model call
    "generation": '{"timeout": 45}',
    "retry": '{"intervalSeconds": 1, "maxAttempts": 4, "backoffRate": 1.5}',
    "throttleRetry": '{"intervalSeconds": 1, "maxAttempts": 5, "backoffRate": 1.5}',
    "batchSize": "3",
    "maxBatchConcurrency": "2",
    "maxActionConcurrency": "1",
}
"""Sooner retries than a real stack's; several batches, two at a time, although goals are small."""

_DIVERTED = ("DYNAMODB", "SFN", "SECRETS_MANAGER")
"""By their names in `AWS_ENDPOINT_URL_{service}`; the secret holds the database's address."""

_DISK_BYTES = 24_000_000
_TABLES = ("tasks", "goal_workflows")


@dataclass
class Scene:
    """A running cloud.

    slack: has every message that was sent.
    disk: the folder that holds the tables that the workflow writes; None if this machine does not
    let us mount one, and the fault "disk full" cannot happen.
    """

    folder: Path
    state: CloudState
    slack: SlackSink
    disk: Path | None

    def connect(self) -> Connection:
        """A new connection to the database, past all proxies."""
        return psycopg.connect(self.state.database_url, autocommit=True, connect_timeout=5)


@contextmanager
def scene(folder: Path, console: Console, injector: Injector, ledger: Ledger) -> Generator[Scene]:
    """Bring a cloud up in a new folder; take it down and delete it at the end."""
    with ExitStack() as stack:
        slack = stack.enter_context(SlackSink())
        slack.messages = type(slack.messages)()  # without a limit
        cloud = Cloud(folder / "cloud", {**CONFIG, "slackWebhook": slack.webhook}, durable=True)
        stack.callback(cloud.down, Steps(Console(quiet=True)))
        state, _ = cloud.up(Steps(console))
        found = Scene(cloud.folder, state, slack, None)
        found.disk = stack.enter_context(_small_disk(folder / "disk"))
        if found.disk:
            with found.connect() as connection:
                _move_tables(connection, found.disk)
        _divert(found, stack, injector, ledger)
        # from now on the emulator finds all of this again
        take_snapshot(state.endpoint)
        write_state(cloud.folder, state)
        yield found


def _divert(scene: Scene, stack: ExitStack, injector: Injector, ledger: Ledger) -> None:
    """Send every call of every step through a proxy of its own."""
    endpoint = scene.state.endpoint.removeprefix("http://")
    model = scene.state.model_server_url.removeprefix("http://")
    database = str(conninfo_to_dict(scene.state.database_url)["port"])
    model_port = stack.enter_context(
        http_proxy(model, Step.GENERATE, injector, seen=ledger.model_called)
    )
    for step, function in FUNCTION_OF.items():
        own = stack.enter_context(database_proxy(int(database), step, injector))

        def diverted(operation: str, content: bytes, own: int = own) -> bytes:
            if operation != "GetSecretValue":
                return content
            return content.replace(f"127.0.0.1:{database}".encode(), f"127.0.0.1:{own}".encode())

        port = stack.enter_context(http_proxy(endpoint, step, injector, rewrite=diverted))
        _set_endpoints(scene.state, function, port, model_port)


def _set_endpoints(state: CloudState, function: str, port: int, model_port: int) -> None:
    functions = state.client("lambda")
    arn, _, alias = state.exports["functionArns"][function].rpartition(":")
    declared = functions.get_function_configuration(FunctionName=arn)["Environment"]["Variables"]
    diverted = (f"AWS_ENDPOINT_URL_{service}" for service in _DIVERTED)
    endpoints = {
        **dict.fromkeys(diverted, f"http://127.0.0.1:{port}"),
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"http://127.0.0.1:{model_port}",
    }
    functions.update_function_configuration(
        FunctionName=arn, Environment={"Variables": {**declared, **endpoints}}
    )
    version = functions.publish_version(FunctionName=arn)["Version"]
    functions.update_alias(FunctionName=arn, Name=alias, FunctionVersion=version)


@contextmanager
def _small_disk(folder: Path) -> Generator[Path | None]:
    """A file system of its own in a folder; None if that is not permitted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        is_mounted = False
    if not is_mounted:
        yield None
        return
    try:
        yield folder
    finally:
        # lazily: the database may still be ending
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)
        with suppress(OSError):
            folder.rmdir()


def _move_tables(connection: Connection, disk: Path) -> None:
    place = disk / "tables"
    place.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")  # the server's user (`localcloud.database.postgres`)
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        disk.chmod(0o755)
    connection.execute(
        sql.SQL("CREATE TABLESPACE small LOCATION {}").format(sql.Literal(str(place)))
    )
    for table in _TABLES:
        connection.execute(
            sql.SQL("ALTER TABLE {} SET TABLESPACE small").format(sql.Identifier(table))
        )

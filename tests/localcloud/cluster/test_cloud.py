"""Clouds of the real program: two at once, used, broken, interrupted and taken down."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import pytest
import yaml
from rich.console import Console

from localcloud.cluster import cloud as cloud_module
from localcloud.cluster import processes
from localcloud.cluster.cloud import Cloud, dead_servers
from localcloud.cluster.state import CHECKOUT, CloudState
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import ADMIN, DEMO_USER, OTHER_USER, id_token
from localcloud.commands.status import print_status, status_json

UP = """
import sys
from pathlib import Path
from rich.console import Console
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.steps import Steps
Cloud(Path(sys.argv[1])).up(Steps(Console()))
"""


@dataclass(frozen=True)
class Running:
    """A cloud that is up, and what its `up` printed."""

    cloud: Cloud
    state: CloudState
    printed: str


def bring_up(folder: Path) -> "subprocess.Popen[str]":
    # settings of a stack on AWS in the shell must not reach the local one
    environment = {**os.environ, "AWS_REGION": "eu-west-1", "DATABASE_URL": "postgresql://real"}
    return subprocess.Popen(
        [sys.executable, "-c", UP, str(folder)],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def silent_steps() -> Steps:
    return Steps(Console(quiet=True))


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Running]]:
    """Two clouds, brought up at the same time."""
    found = [Cloud(tmp_path_factory.mktemp(name) / ".localcloud") for name in ("one", "two")]
    commands = [bring_up(cloud.folder) for cloud in found]
    try:
        outputs = [command.communicate(timeout=200)[0] for command in commands]
        states = [cloud.state() for cloud in found]
        assert all(states), "\n".join(outputs)
        yield [
            Running(cloud, state, output)
            for cloud, state, output in zip(found, states, outputs, strict=True)
            if state
        ]
    finally:
        for command in commands:
            command.kill()
        for cloud in found:
            cloud.down(silent_steps())


@pytest.fixture
def running(clouds: list[Running]) -> Running:
    return clouds[0]


@pytest.fixture
def state(running: Running) -> CloudState:
    return running.state


def answer(url: str, token: str = "", method: str = "POST") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_two_clouds_are_up_at_once_and_healthy(clouds: list[Running]) -> None:
    assert [dead_servers(each.state) for each in clouds] == [{}, {}]
    ports = [server.port for each in clouds for server in each.state.servers]
    assert len(set(ports)) == len(ports) == 8


def test_servers_listen_on_the_loopback_only(running: Running) -> None:
    hosts = {
        connection.laddr[0]
        for process in processes.find(running.cloud.folder)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert hosts == {"127.0.0.1"}


def test_every_known_gap_is_still_open(running: Running) -> None:
    assert "known gap is closed" not in running.printed
    assert running.state.known_gaps


def test_the_exports_name_what_the_cloud_holds(state: CloudState) -> None:
    exports = state.exports
    assert exports["environment"] == "local"
    assert exports["stateMachineArn"] == state.state_machine_arn
    arns = exports["functionArns"]
    functions = state.client("lambda")
    assert [
        functions.get_alias(FunctionName=arn.rsplit(":", 1)[0], Name="live")["AliasArn"]
        for arn in arns.values()
    ] == list(arns.values())
    groups = state.client("logs").describe_log_groups()["logGroups"]
    assert set(exports["logGroupNames"].values()) <= {group["logGroupName"] for group in groups}


def test_a_second_up_returns_the_same_cloud(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the fingerprint of the first, even if a source file changes meanwhile
    def unchanged(_upstream: str) -> str:
        return running.state.fingerprint

    monkeypatch.setattr(cloud_module, "fingerprint", unchanged)
    state, is_new = running.cloud.up(silent_steps())
    assert not is_new
    assert state == running.state


def test_the_demo_users_are_users_of_the_product_and_one_owns_the_demo_goals(
    state: CloudState,
) -> None:
    with psycopg.connect(state.database_url) as conn:
        users = dict(conn.execute("SELECT id::text, email FROM users").fetchall())
        owners = conn.execute('SELECT id::text, "userId"::text FROM goals').fetchall()
        assert conn.execute("SELECT count(*) FROM goal_workflows").fetchone() == (0,)
    assert users == {user.id: user.email for user in state.users.values()}
    owner = state.users[DEMO_USER].id
    assert sorted(owners) == sorted((goal, owner) for goal in state.demo_goals.values())


def test_a_token_has_its_users_id_and_groups(state: CloudState) -> None:
    assert claims(id_token(state))["sub"] == state.users[DEMO_USER].id
    assert "cognito:groups" not in claims(id_token(state, OTHER_USER))
    assert claims(id_token(state, ADMIN))["cognito:groups"] == ["admin"]


def test_the_api_requires_a_token(state: CloudState) -> None:
    url = f"{state.api_url}/goals/{uuid4()}/start-activity"
    assert answer(url)[0] == 401
    status, body = answer(url, id_token(state))
    assert (status, body["error"]["code"]) == (404, "NOT_FOUND")


def test_passwords_are_in_the_state_file_only(running: Running) -> None:
    passwords = [user.password for user in running.state.users.values()]
    text, code = status_json(running.cloud)
    assert (code, json.loads(text)["status"]) == (0, "up")
    assert not any(password in text for password in passwords)
    for log in (running.cloud.folder / "logs").iterdir():
        assert not any(password in log.read_text() for password in passwords)


def test_the_stack_file_for_the_pulumi_cli_points_at_this_cloud(running: Running) -> None:
    path = running.cloud.folder / "Pulumi.local.yaml"
    config = yaml.safe_load(path.read_text())["config"]
    endpoints = json.loads(config["aws:endpoints"])[0]
    assert set(endpoints.values()) == {running.state.endpoint}
    assert config["goal-mandala:databaseUrl"] == running.state.database_url
    assert path.stat().st_mode & 0o077 == 0


def test_an_interrupted_up_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / ".localcloud"
    with bring_up(folder) as command:
        assert command.stdout
        assert "PostgreSQL on port" in command.stdout.readline()
        command.send_signal(signal.SIGINT)
        command.communicate(timeout=60)
    assert processes.find(folder) == []
    assert list(tmp_path.iterdir()) == []


def test_status_reports_a_killed_up_and_down_removes_it(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / ".localcloud")
    with bring_up(cloud.folder) as command:
        assert command.stdout
        command.stdout.readline()
        command.kill()
    text, code = status_json(cloud)
    assert (code, json.loads(text)["status"]) == (1, "down")
    assert "only in part" in json.loads(text)["message"]
    assert cloud.down(silent_steps()) >= 1
    assert list(tmp_path.iterdir()) == []


def test_status_does_not_wrap_addresses_in_a_narrow_terminal(clouds: list[Running]) -> None:
    console = Console(file=io.StringIO(), record=True, width=40)
    assert print_status(console, clouds[0].cloud) == 0
    printed = console.export_text()
    assert clouds[0].state.state_machine_arn in printed
    assert clouds[0].state.database_url in printed


# from here on the second cloud is broken, and at the end down


def _kill_servers(state: CloudState) -> None:
    """Kill two servers, unless an earlier test has done so."""
    for name in ("emulator", "postgresql"):
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(state.pids[name])
            process.kill()
            process.wait(10)


def test_status_names_dead_servers_and_what_to_do(clouds: list[Running]) -> None:
    broken = clouds[1]
    _kill_servers(broken.state)
    text, code = status_json(broken.cloud)
    dead = {"postgresql": "is gone", "emulator": "is gone"}
    assert (code, json.loads(text)["dead"]) == (1, dead)
    console = Console(file=io.StringIO(), record=True, width=200)
    assert print_status(console, broken.cloud) == 1
    printed = console.export_text()
    assert "postgresql is gone, emulator is gone" in printed
    assert "makes a new cloud, with new data" in printed


@pytest.mark.soak
def test_the_next_up_replaces_a_broken_cloud(clouds: list[Running]) -> None:
    broken = clouds[1]
    _kill_servers(broken.state)
    console = Console(record=True, file=io.StringIO(), width=200)
    state, is_new = broken.cloud.up(Steps(console))
    assert is_new
    assert dead_servers(state) == {}
    assert "is gone), its data included: removed it" in console.export_text()


def test_down_leaves_no_process_and_no_file_and_does_not_touch_another_cloud(
    clouds: list[Running],
) -> None:
    other, broken = clouds
    assert broken.cloud.down(silent_steps()) >= 1
    assert processes.find(broken.cloud.folder) == []
    assert list(broken.cloud.folder.parent.iterdir()) == []
    assert dead_servers(other.state) == {}

"""The emulator, the model server and the Slack sink run without the rest of the project."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from localcloud.aws import Emulator
from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.cluster.state import CHECKOUT


@dataclass(frozen=True)
class Room:
    """A room of localcloud with a server: its command line, environment and health path."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    health: str = "/health"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def room(name: str, port: int, folder: Path) -> Room:
    if name == "aws":
        environment = Emulator(folder, port, REGION, ACCOUNT_ID).environment
        return Room(name, [], environment, "/_ministack/health")
    return Room(name, ["--port", str(port)])


@pytest.mark.parametrize("name", ["aws", "bedrock", "slack"])
def test_a_copy_of_the_room_alone_serves(tmp_path: Path, name: str) -> None:
    port = free_port()
    subject = room(name, port, tmp_path)
    package = tmp_path / "localcloud"
    shutil.copytree(CHECKOUT / "localcloud" / name, package / name)
    shutil.copy(CHECKOUT / "localcloud" / "__init__.py", package)
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"localcloud.{name}", *subject.arguments],
            cwd=tmp_path,
            env=dict(subject.environment),
            stdout=log,
            stderr=log,
        )
    try:
        assert answers(f"http://127.0.0.1:{port}{subject.health}", process), (
            tmp_path / "log"
        ).read_text()
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    """Poll until the server answers; false if it ends instead."""
    while process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False

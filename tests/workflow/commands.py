"""The command `run` in another process."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from localcloud.cluster.state import CHECKOUT
from tests.workflow.stage import small_goal


@contextmanager
def slow_run(script: str, folder: Path) -> Generator["subprocess.Popen[str]"]:
    """A script that runs a small goal with slow answers, on the cloud of a folder."""
    goal = small_goal(f"割り込み {folder.name}", size=4)
    path = folder / "goal.yaml"
    path.write_text(yaml.safe_dump(goal.model_dump(mode="json"), allow_unicode=True))
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(folder), "--goal", str(path), "--latency", "4"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def started_execution(command: "subprocess.Popen[str]") -> str:
    """The id of the command's execution, once it is printed."""
    assert command.stdout
    for line in command.stdout:
        if "Started execution" in line:
            return line.split()[4]
    pytest.fail("no execution was started")

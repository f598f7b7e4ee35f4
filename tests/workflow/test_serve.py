"""`serve`: its commands work, Ctrl-C ends it, and so does the death of a server."""

import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from localcloud.cluster.state import CHECKOUT, CloudState, write_state
from localcloud.commands import serve
from localcloud.errors import LocalCloudError
from tests.workflow.stage import Stage, small_goal

SERVE = """
import sys
from pathlib import Path
from localcloud import cli
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import read_state
cloud = Cloud(Path(sys.argv[1]))
cli.Cloud = lambda: cloud
Cloud.up = lambda *_: (read_state(cloud.folder), False)
sys.exit(cli.main(["serve"]))
"""
"""The command `serve` on the cloud of a folder."""


@pytest.fixture
def state(stage: Stage) -> CloudState:
    """The state of the cloud, with demo goals of four actions instead of 64."""
    goals = {
        name: stage.place(small_goal(f"{name}を手で", size=4)).goal_id
        for name in (serve.STARTED, serve.CANCELLED)
    }
    return stage.state.model_copy(update={"demo_goals": goals})


def test_the_printed_commands_work(state: CloudState) -> None:
    serve.prepare_model(state, latency_seconds=0.5)
    shell = ["bash"]
    done = subprocess.run(
        shell, input=serve.lines(state), capture_output=True, text=True, check=False
    )

    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    started, other = re.findall(r"^[0-9a-f-]{36}$", done.stdout, re.MULTILINE)
    health, status, actions, own, goals, other_user, cancelled, retried = answers
    assert health == {"status": "ok"}
    assert status["executionId"] == actions["executionId"] == started
    for listed in (own, goals):
        assert listed["executions"][0]["executionId"] == started
    assert other_user["error"]["code"] == "NOT_FOUND"
    assert (cancelled["executionId"], cancelled["status"]) == (other, "ABORTED")
    polled = [json.loads(line) for line in done.stderr.splitlines()]
    assert polled[-1]["status"] == "PARTIALLY_SUCCEEDED"
    assert (retried["parentExecutionId"], retried["totalActions"]) == (started, 2)


def test_ctrl_c_ends_serve_with_130_and_leaves_no_folder(state: CloudState, tmp_path: Path) -> None:
    folder = tmp_path / "cloud"
    folder.mkdir()
    write_state(folder, state)
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout
        printed = ""
        for line in command.stdout:
            printed += line
            if "Ctrl-C" in line:
                command.send_signal(signal.SIGINT)
        errors = command.stderr.read() if command.stderr else ""

    # Python ends by the signal itself if Ctrl-C comes during an import; a shell shows 130 for both
    assert command.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in printed + errors
    assert state.api_url in printed
    assert len(re.findall(r"'Authorization: Bearer [\w-]+\.[\w-]+\.[\w-]+'", printed)) == 2
    assert not folder.exists()


def test_the_error_names_the_server_that_died(state: CloudState) -> None:
    gone = state.servers[0].model_copy(update={"started_at": 0.0})

    with pytest.raises(LocalCloudError, match=f"{gone.name} is gone"):
        serve.serve(state.model_copy(update={"servers": (gone,)}), Console(file=io.StringIO()))

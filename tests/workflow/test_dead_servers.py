"""A server killed during a run: the error names it, and the next command recovers."""

import os
import signal
from pathlib import Path

import pytest
from rich.console import Console

from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import read_state
from localcloud.cluster.steps import Steps
from tests.workflow.commands import slow_run, started_execution

RUN = """
import sys
from pathlib import Path
from localcloud import cli
from localcloud.cluster.cloud import Cloud
cloud = Cloud(Path(sys.argv[1]) / "cloud")
cli.Cloud = lambda: cloud
sys.exit(cli.main(["run", *sys.argv[2:]]))
"""


@pytest.mark.soak
@pytest.mark.parametrize("server", ["emulator", "postgresql", "model-server", "slack-sink"])
def test_a_server_that_dies_during_a_run_is_named_and_the_next_command_recovers(
    tmp_path: Path, server: str
) -> None:
    cloud = Cloud(tmp_path / "cloud")
    try:
        with slow_run(RUN, tmp_path) as command:
            started_execution(command)
            state = read_state(cloud.folder)
            assert state
            os.kill(state.pids[server], signal.SIGKILL)
            output, errors = command.communicate(timeout=120)
        assert command.returncode == 1
        assert f"The run is lost: {server} died." in errors
        assert "Traceback" not in output + errors

        with slow_run(RUN, tmp_path) as command:
            output, errors = command.communicate(timeout=180)
        assert (command.returncode, errors) == (0, "")
        assert "SUCCEEDED 4 of 4 actions" in output
    finally:
        cloud.down(Steps(Console(quiet=True)))

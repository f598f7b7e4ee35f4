"""Ctrl-C, a second start and killed handlers while an execution runs."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handlers.contract.statuses import ExecutionStatus
from localcloud.cluster.state import write_state
from localcloud.errors import LocalCloudError
from localcloud.run.snapshot import take_snapshot
from tests.workflow.commands import slow_run, started_execution
from tests.workflow.handler_processes import workers_of
from tests.workflow.stage import Stage, small_goal

RUN_ON_THIS_CLOUD = """
import sys
from pathlib import Path
from localcloud import cli
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import read_state
folder = Path(sys.argv[1])
Cloud.up = lambda *_: (read_state(folder), False)
sys.exit(cli.main(["run", *sys.argv[2:]]))
"""


@pytest.fixture
def command(stage: Stage, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The command `run` with a small goal and slow answers."""
    write_state(tmp_path, stage.state)
    with slow_run(RUN_ON_THIS_CLOUD, tmp_path) as process:
        yield process


def test_ctrl_c_stops_the_execution_and_unlocks_the_goal(
    stage: Stage, command: "subprocess.Popen[str]"
) -> None:
    execution_id = started_execution(command)
    command.send_signal(signal.SIGINT)
    output, errors = command.communicate(timeout=60)

    # Python ends by the signal itself if Ctrl-C comes during an import; a shell shows 130 for both
    assert command.returncode in (130, -signal.SIGINT)
    assert "It is ABORTED" in output
    assert "Traceback" not in output + errors
    snapshot = take_snapshot(stage.state.client("dynamodb"), stage.state.table_name, execution_id)
    assert snapshot.status == ExecutionStatus.ABORTED
    assert eventually(lambda: locks_held(stage, execution_id) == 0)


def test_the_error_of_a_second_start_names_the_running_execution(stage: Stage) -> None:
    mandala = stage.place(small_goal("二重の開始", size=1))
    started = stage.start(mandala, latency=2)

    with pytest.raises(LocalCloudError, match=f"Execution {started.execution_id} of this goal"):
        stage.start(mandala)

    ended = stage.end(mandala, started)
    assert (ended.snapshot.status, ended.verified.problems) == ("SUCCEEDED", ())


def test_killed_handlers_cost_an_attempt_but_no_action(stage: Stage) -> None:
    mandala = stage.place(small_goal("殺されたハンドラー", size=4))
    started = stage.start(mandala, latency=2)
    table = stage.state.client("dynamodb")
    assert eventually(
        lambda: take_snapshot(table, stage.state.table_name, started.execution_id).in_flight > 0
    )
    for worker in workers_of(stage, "task-generation"):
        worker.kill()

    ended = stage.end(mandala, started)
    assert (ended.snapshot.status, ended.verified.problems) == ("SUCCEEDED", ())
    assert any(item.attempts > 1 for item in ended.items())


def locks_held(stage: Stage, execution_id: str) -> int:
    """The number of locks that the execution holds."""
    row = stage.conn.execute(
        "SELECT count(*) FROM goal_workflows WHERE execution_id = %s", (execution_id,)
    ).fetchone()
    assert row
    return row[0]


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether the condition holds before the timeout."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.1)
    return True

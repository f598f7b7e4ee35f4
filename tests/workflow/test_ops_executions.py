"""The operators' commands on executions: list, show, watch, stop, retry, and why a goal is busy."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.names import Names
from localcloud.aws.clients import ACCOUNT_ID, REGION
from ops import audit, cli
from ops.commands import options
from ops.stack import LOCAL, Stack
from tests.workflow.stage import Stage as Scene
from tests.workflow.stage import small_goal


@pytest.fixture
def asked(
    stage: Scene,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Runs a command with --json on the local stack: exit status and object."""
    stack = Stack(Names(LOCAL, ACCOUNT_ID, REGION), stage.state, stage.state.api_url)
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(audit, "FOLDER", tmp_path)

    def ask(*arguments: str) -> tuple[int, dict[str, Any]]:
        status = cli.main([*arguments, "--local", "--json"])
        return status, json.loads(capsys.readouterr().out)

    return ask


def test_a_running_execution_is_listed_holds_its_goal_and_is_stopped(
    stage: Scene, asked: Any
) -> None:
    mandala = stage.place(small_goal("止められる目標", 3))
    started = stage.start(mandala, latency=20)

    _, listed = asked("executions", "list", "--status", "RUNNING", "--goal", mandala.goal_id)
    assert [each["execution_id"] for each in listed["executions"]] == [started.execution_id]
    status, goal = asked("goal", mandala.goal_id)
    assert (status, goal["busy"], goal["healthy"]) == (0, True, True)
    assert started.execution_id in goal["why"]

    cause = "stopped by the drill"
    status, stopped = asked("executions", "stop", started.execution_id, "--cause", cause, "--yes")
    assert status == 0
    assert stopped["was_running"]
    # the stop waits a minute for the end, which a loaded machine may need longer for
    assert asked("executions", "watch", started.execution_id)[1]["status"] == "ABORTED"
    machine = stage.state.client("stepfunctions").describe_execution(
        executionArn=started.execution_arn
    )
    assert (machine["status"], machine["cause"]) == ("ABORTED", cause)
    assert json.loads(stopped["audit"])["reason"] == cause

    assert asked("goal", mandala.goal_id)[1]["busy"] is False
    # the same stop again changes nothing
    assert (
        asked("executions", "stop", started.execution_id, "--cause", cause)[1]["was_running"]
        is False
    )


def test_failed_actions_are_shown_and_retried_once(stage: Scene, asked: Any) -> None:
    mandala = stage.place(small_goal("再試行される目標", 3))
    failed = mandala.actions[1].action_id
    ended = stage.run(mandala, {failed: {"kind": "refused"}})

    status, watched = asked("executions", "watch", ended.execution_id)
    assert status == 1
    assert watched["failures"] == {"CONTENT_FILTERED": 1}

    stage.configure_model()
    _, first = asked("executions", "retry", ended.execution_id, "--yes")
    _, second = asked("executions", "retry", ended.execution_id, "--yes")
    assert first["execution_id"] == second["execution_id"] != ended.execution_id
    status, retried = asked("executions", "watch", first["execution_id"])
    assert status == 0
    assert (retried["retry_of"], retried["total"]) == (ended.execution_id, 1)


def test_an_unknown_execution_is_one_sentence_with_the_way_on(asked: Any) -> None:
    status, answer = asked("executions", "show", "00000000-0000-7000-8000-000000000000")
    assert status == 1
    assert "no execution 00000000-" in answer["error"]
    assert "executions list" in answer["error"]

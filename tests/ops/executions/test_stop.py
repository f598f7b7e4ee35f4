"""`executions stop` ends an execution also if its event is lost; what is refused is not audited."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.names import Names
from ops import cli
from ops.commands import executions
from ops.executions import acting
from ops.stack import LOCAL, Stack
from tests.ops.executions.test_goal import RUNNING

ID = RUNNING.execution_id


class Scene:
    """An execution that runs until it is stopped, and ends when it is reconciled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, event_comes: bool) -> None:
        self.done: list[str] = []
        self.event_comes = event_comes
        stack = Stack(Names(LOCAL, "123456789012", "ap-northeast-1"), None)

        def opened(*_: Any) -> tuple[Stack, str]:
            return stack, ID

        monkeypatch.setattr(executions, "_open", opened)
        monkeypatch.setattr(executions, "read_execution", self.read)
        monkeypatch.setattr(executions, "record", self.does("audit"))
        monkeypatch.setattr(acting, "stop", self.does("stop"))
        monkeypatch.setattr(acting, "reconcile", self.does("reconcile"))
        monkeypatch.setattr(executions, "_EVENT_SECONDS", 0)

    def does(self, what: str) -> Callable[..., str]:
        def do(*_: Any) -> str:
            self.done.append(what)
            return "line"

        return do

    def read(self, *_: Any) -> Any:
        if "stop" not in self.done:
            return RUNNING
        if self.event_comes or "reconcile" in self.done:
            return replace(RUNNING, status="ABORTED", state="ABORTED", machine_status="ABORTED")
        return replace(RUNNING, state="STOPPING", machine_status="ABORTED")


@pytest.mark.parametrize(
    ("event_comes", "done"),
    [(True, ["audit", "stop"]), (False, ["audit", "stop", "reconcile"])],
)
def test_a_stopped_execution_ends_also_if_its_event_is_lost(
    *,
    event_comes: bool,
    done: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scene = Scene(monkeypatch, event_comes=event_comes)
    assert cli.main(["executions", "stop", ID, "--local", "--cause", "c", "--yes", "--json"]) == 0
    assert scene.done == done
    assert json.loads(capsys.readouterr().out)["execution"]["state"] == "ABORTED"


@pytest.mark.parametrize("cause", ["", "  ", "x" * 201])
def test_a_cause_that_says_nothing_changes_nothing_and_leaves_no_audit_line(
    cause: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(monkeypatch, event_comes=True)
    assert cli.main(["executions", "stop", ID, "--local", "--cause", cause, "--yes"]) == 1
    assert scene.done == []
    assert "--cause: give the reason" in capsys.readouterr().err


def test_a_running_execution_is_not_retried_and_leaves_no_audit_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(monkeypatch, event_comes=True)
    assert cli.main(["executions", "retry", ID, "--local", "--yes"]) == 1
    assert scene.done == []
    assert f"execution {ID} is running" in capsys.readouterr().err

"""`python -m localcloud query`: a saved query's answer on the terminal."""

import io

import pytest
from rich.console import Console

from localcloud.commands.query import print_query
from localcloud.errors import LocalCloudError
from tests.workflow.stage import Stage, small_goal


def asked(stage: Stage, name: str, execution: str | None = None) -> str:
    console = Console(file=io.StringIO(), width=400)
    print_query(stage.state, console, name, execution)
    return console.file.getvalue()  # pyright: ignore


def test_a_saved_query_is_answered_by_its_name(stage: Stage) -> None:
    ended = stage.run(stage.place(small_goal("記録を読む", 1)))
    spent = asked(stage, "token-spend-by-goal")
    assert ended.mandala.goal_id in spent
    assert "costUsd" in spent.splitlines()[0]
    story = asked(stage, "execution-story", ended.execution_id)
    assert "tasks kept" in story
    assert asked(stage, "execution-story", "no-such-execution").strip() == "Nothing."


def test_what_cannot_be_asked_is_said(stage: Stage) -> None:
    with pytest.raises(LocalCloudError, match=r"no saved query guess; there are error-rate, .*"):
        asked(stage, "guess")
    with pytest.raises(LocalCloudError, match="--execution ID"):
        asked(stage, "execution-story")

"""`python -m localcloud query` prints the result of a saved query."""

import io

import pytest
from rich.console import Console

from localcloud.commands.query import print_query
from localcloud.errors import LocalCloudError
from tests.workflow.stage import Stage, small_goal


def printed(stage: Stage, name: str, execution: str | None = None) -> str:
    console = Console(file=io.StringIO(), width=400)
    print_query(stage.state, console, name, execution)
    return console.file.getvalue()  # pyright: ignore


def test_a_saved_query_is_run_by_its_name(stage: Stage) -> None:
    ended = stage.run(stage.place(small_goal("記録を読む", 1)))
    spent = printed(stage, "token-spend-by-goal")
    [heads, *rows] = spent.splitlines()
    assert heads.split()[:2] == ["goalId", "costUsd"]
    # The query names the 20 dearest goals, and earlier tests of this cloud may have run dearer ones
    assert ended.mandala.goal_id in spent or len(rows) == 20
    story = printed(stage, "execution-story", ended.execution_id)
    assert "tasks kept" in story
    assert printed(stage, "execution-story", "no-such-execution").strip() == "Nothing."


def test_an_unknown_query_and_a_missing_execution_are_errors(stage: Stage) -> None:
    with pytest.raises(
        LocalCloudError, match=r"no saved query guess; the saved queries are error-rate, .*"
    ):
        printed(stage, "guess")
    with pytest.raises(LocalCloudError, match="--execution ID"):
        printed(stage, "execution-story")

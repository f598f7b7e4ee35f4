"""The operators' `logs` and `query` on the lines of a real execution."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.names import Names
from localcloud.aws.clients import ACCOUNT_ID, REGION
from ops import cli
from ops.commands import options
from ops.logs.reading import chosen, follow
from ops.stack import LOCAL, Stack
from tests.workflow.stage import EndedExecution, small_goal
from tests.workflow.stage import Stage as Scene


@pytest.fixture(scope="module")
def ended(stage: Scene) -> EndedExecution:
    mandala = stage.place(small_goal("記録される目標", 3))
    return stage.run(mandala, {mandala.actions[1].action_id: {"kind": "refused"}})


@pytest.fixture
def stack(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack(Names(LOCAL, ACCOUNT_ID, REGION), stage.state)
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    return stack


@pytest.fixture
def asked(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Any:
    def ask(*arguments: str) -> dict[str, Any]:
        assert cli.main([*arguments, "--local", "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return ask


def test_the_lines_of_an_execution_come_from_all_groups_in_order(
    ended: EndedExecution, asked: Any
) -> None:
    lines = asked("logs", "--execution", ended.execution_id)["lines"]
    assert {"workflow-start", "task-generation", "workflow-finish", "state-machine"} <= {
        line["source"] for line in lines
    }
    assert lines == sorted(lines, key=lambda line: line["at"])


def test_a_level_leaves_only_what_went_wrong(ended: EndedExecution, asked: Any) -> None:
    lines = asked("logs", "task-generation", "--level", "warning")["lines"]
    assert lines
    assert {line["level"] for line in lines} <= {"WARNING", "ERROR", "CRITICAL"}
    assert any(line["fields"].get("executionId") == ended.execution_id for line in lines)
    assert asked("logs", "--until", "2026-01-01", "--since", "2025-12-31")["lines"] == []


def test_following_shows_each_line_once(ended: EndedExecution, stack: Stack) -> None:
    begin = datetime.now(UTC) - timedelta(hours=1)
    lines = follow(stack, chosen(stack, ["workflow-finish"]), begin)
    first = list(iter(lambda: next(lines), None))
    assert any(ended.execution_id in str(line) for line in first)
    assert next(lines) is None


def test_an_unknown_source_is_refused_with_those_there_are(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["logs", "task-generator", "--local"]) == 1
    assert "SOURCE task-generator: allowed are workflow-start" in capsys.readouterr().err


def test_queries_are_listed_run_and_narrowed(ended: EndedExecution, asked: Any) -> None:
    names = {query["name"] for query in asked("query")["queries"]}
    assert len(names) == 8
    story = asked("query", "execution-story", "--execution", ended.execution_id)["rows"]
    assert any(row.get("what") == "ended" for row in story)
    goal = ended.mandala.goal_id
    assert [
        row["goalId"] for row in asked("query", "token-spend-by-goal", "--goal", goal)["rows"]
    ] == [goal]
    other = "00000000-0000-7000-8000-00000000ffff"
    for name in sorted(names):
        assert asked("query", name, "--execution", other)["rows"] == []

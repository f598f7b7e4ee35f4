"""An execution of 64 actions, as in `make local`."""

import json
from typing import Any

import pytest

from localcloud.goals.goal_file import read_goal
from localcloud.run.options import DEFAULT_GOAL, RunOptions
from localcloud.run.run import run
from tests.workflow.stage import Stage

SUMMARY = {
    "status", "executionId", "totalActions", "succeededActions", "failedActions", "tasks",
    "seconds", "firstTaskSeconds", "transitions", "largestStateBytes", "inputTokens",
    "outputTokens", "costUsd",
}  # fmt: skip

BROKEN_RULES = """
SELECT t.title, t.description, t.type, t."estimatedMinutes", a.type
FROM tasks t JOIN actions a ON a.id = t."actionId" JOIN sub_goals s ON s.id = a."subGoalId"
WHERE s."goalId" = %s AND NOT (
    char_length(t.title) BETWEEN 1 AND 50 AND char_length(t.description) BETWEEN 1 AND 200
    AND t.type::text = a.type::text AND t.status = 'NOT_STARTED'
    AND t."estimatedMinutes" BETWEEN 30 AND 60)
"""

TASKS_OF_ACTIONS = """
SELECT a.id::text, a.type::text, count(t.id)
FROM actions a JOIN sub_goals s ON s.id = a."subGoalId" LEFT JOIN tasks t ON t."actionId" = a.id
WHERE s."goalId" = %s GROUP BY a.id
"""


def summary_of(stage: Stage, capsys: pytest.CaptureFixture[str], fail: int) -> tuple[Any, str]:
    """The summary for scripts, and the report for people."""
    options = RunOptions(read_goal(DEFAULT_GOAL), fail=fail, latency_seconds=0.1, as_json=True)

    assert run(stage.state, options) == 0

    printed = capsys.readouterr()
    return json.loads(printed.out.splitlines()[-1]), printed.err


def test_every_action_has_tasks(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    summary, seen = summary_of(stage, capsys, fail=0)

    assert set(summary) == SUMMARY
    assert summary["status"] == "SUCCEEDED"
    assert (summary["totalActions"], summary["succeededActions"]) == (64, 64)
    assert summary["failedActions"] == []
    assert summary["seconds"] > 0
    assert summary["firstTaskSeconds"] > 0
    assert summary["inputTokens"] > 64 * 100
    assert summary["outputTokens"] > 64 * 50
    assert 0 < summary["costUsd"] < 1
    assert "64/64" in seen

    goal_id = stage.state.demo_goals[DEFAULT_GOAL.stem]
    assert stage.conn.execute(BROKEN_RULES, (goal_id,)).fetchall() == []
    actions = stage.conn.execute(TASKS_OF_ACTIONS, (goal_id,)).fetchall()
    assert len(actions) == 64
    assert sum(count for _, _, count in actions) == summary["tasks"]
    for _, type_, count in actions:
        assert 3 <= count <= 10 if type_ == "EXECUTION" else 1 <= count <= 3

    assert summary["transitions"] / 64 <= 1.4
    assert summary["largestStateBytes"] < 100_000


def test_three_failed_actions_do_not_affect_the_others(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    summary, seen = summary_of(stage, capsys, fail=3)

    assert summary["status"] == "PARTIALLY_SUCCEEDED"
    assert summary["succeededActions"] == 61
    failed = summary["failedActions"]
    assert len(set(failed)) == 3
    assert seen.count("CONTENT_FILTERED") == 2
    assert seen.count("INVALID_ANSWER") == 1

    goal_id = stage.state.demo_goals[DEFAULT_GOAL.stem]
    state = stage.conn.execute(
        "SELECT state, execution_id FROM goal_workflows WHERE goal_id = %s", (goal_id,)
    ).fetchone()
    assert state == ("PARTIAL", None)
    counts = {
        action_id: count
        for action_id, _, count in stage.conn.execute(TASKS_OF_ACTIONS, (goal_id,)).fetchall()
    }
    assert all(count > 0 for action_id, count in counts.items() if action_id not in failed)
    assert summary["tasks"] == sum(
        count for action_id, count in counts.items() if action_id not in failed
    )

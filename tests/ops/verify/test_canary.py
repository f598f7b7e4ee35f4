"""`verify --canary` runs one action end to end, and leaves other users' goals alone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from handlers.contract.ids import new_execution_id
from localcloud.cluster.state import CloudState
from localcloud.cluster.users import DEMO_USER
from localcloud.database.mandala import place_goal
from localcloud.goals.goal import Action, Goal, SubGoal
from localcloud.run.calls import set_model
from ops import audit, cli
from ops.commands import options
from ops.stack import Canary, Stack
from ops.verify.canary import run_canary
from ops.verify.facts import Line
from tests.ops.answers import Altered

GOAL = Goal(
    title="カナリア",
    sub_goals=(
        SubGoal(title="確かめる", actions=(Action(title="一つ生成する", type="EXECUTION"),)),
    ),
)
TABLES = ("users", "goals", "sub_goals", "actions", "tasks")


@pytest.fixture
def conn(state: CloudState) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(state.database_url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def canary(state: CloudState, conn: psycopg.Connection[Any]) -> Canary:
    """A goal with one action, and its owner."""
    set_model(state.model_server_url, {"seed": 1, "latency_seconds": 0, "faults": {}})
    owner = state.users[DEMO_USER].id
    return Canary(owner, place_goal(conn, owner, GOAL).goal_id)


def failed(lines: list[Line]) -> dict[str, str]:
    return {line.check: line.found for line in lines if not line.passed}


def rows(conn: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each of the product's tables has."""
    return {
        table: conn.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in TABLES
    }


def test_a_healthy_stack_saves_the_tasks_of_one_action(
    stack: Stack, canary: Canary, conn: psycopg.Connection[Any]
) -> None:
    lines = list(run_canary(stack, canary))
    assert failed(lines) == {}
    assert [line.check for line in lines] == [
        "start",
        "execution",
        "Step Functions",
        "actions with saved tasks",
        "goal afterwards",
    ]
    once = rows(conn)
    assert failed(list(run_canary(stack, canary))) == {}
    again = rows(conn)
    assert {table: once[table] for table in TABLES[:4]} == {t: again[t] for t in TABLES[:4]}
    owned = conn.execute(
        'SELECT count(*) FROM tasks t JOIN actions a ON a.id = t."actionId"'
        ' JOIN sub_goals s ON s.id = a."subGoalId" WHERE s."goalId" <> %s',
        (canary.goal_id,),
    ).fetchall()
    assert owned == [(0,)], "another goal got tasks"


def test_a_model_that_refuses_is_found_with_its_code(
    stack: Stack, canary: Canary, state: CloudState, conn: psycopg.Connection[Any]
) -> None:
    action = place_goal(conn, canary.user_id, GOAL).actions[0].action_id
    faults = {action: {"kind": "refused"}}
    set_model(state.model_server_url, {"seed": 1, "latency_seconds": 0, "faults": faults})
    found = failed(list(run_canary(stack, canary)))
    assert found["execution"] == "FAILED, CONTENT_FILTERED 1"
    assert found["actions with saved tasks"] == "0"
    assert "goal afterwards" not in found


def test_a_goal_of_another_owner_is_not_started(stack: Stack, canary: Canary) -> None:
    found = failed(list(run_canary(stack, replace(canary, user_id=new_execution_id()))))
    assert list(found) == ["start"]
    assert found["start"].startswith("404 NOT_FOUND")


def test_a_run_that_does_not_end_is_found(stack: Stack, canary: Canary, state: CloudState) -> None:
    set_model(state.model_server_url, {"seed": 1, "latency_seconds": 8, "faults": {}})
    found = failed(list(run_canary(stack, canary, wait_seconds=1)))
    assert found["execution"] == "RUNNING"
    assert found["goal afterwards"] == "busy"
    assert failed(list(run_canary(stack, canary)))["start"].startswith("409 CONFLICT")


@pytest.fixture
def asked(
    stack: Stack,
    canary: Canary,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Path:
    """The folder of the audit lines; the local stack has this canary."""
    monkeypatch.setattr(options, "open_local_stack", lambda: replace(stack, canary=canary))
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    return tmp_path


def test_the_command_shows_the_canarys_lines_and_keeps_an_audit_line(
    asked: Path, canary: Canary, capsys: pytest.CaptureFixture[str], conn: psycopg.Connection[Any]
) -> None:
    conn.execute("DELETE FROM goal_workflows WHERE goal_id = %s", (canary.goal_id,))
    status = cli.main(["verify", "--local", "--canary", "--yes", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert [each for each in shown["checks"] if not each["passed"]] == []
    assert status == 0
    own = [each for each in shown["checks"] if each["subject"] == f"canary goal {canary.goal_id}"]
    assert len(own) == 5
    line = json.loads((asked / "audit-local.jsonl").read_text())
    assert line["what"] == f"canary: start goal {canary.goal_id}"


def test_a_stack_without_a_canary_says_how_to_keep_one(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: replace(stack, canary=None))
    assert cli.main(["verify", "--local", "--canary"]) == 1
    assert "--path goal-mandala:canary.goalId ID" in capsys.readouterr().err


def test_a_stack_whose_table_lost_the_tasks_is_found(
    stack: Stack, canary: Canary, state: CloudState, conn: psycopg.Connection[Any]
) -> None:
    def without_tasks(answer: dict[str, Any]) -> None:
        for item in answer["Items"]:
            if item["sk"]["S"].startswith("action#"):
                item.pop("taskCount", None)

    conn.execute("DELETE FROM goal_workflows WHERE goal_id = %s", (canary.goal_id,))
    altered = replace(stack, session=Altered(state, "dynamodb", "Query", without_tasks))
    found = failed(list(run_canary(altered, canary)))
    assert found == {"actions with saved tasks": "0"}

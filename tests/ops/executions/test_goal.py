"""Why a goal gets 409, and whether somebody has to act."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers.contract.statuses import ExecutionStatus
from ops import cli
from ops.executions.goal import explain, unknown
from ops.executions.reading import Execution, execution_of, state_of
from tests.ops.trace.parts import at, record

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
RUNNING = Execution(
    execution_id="0192f0c1-7a00-7000-8000-000000000001",
    goal_id="g",
    state="RUNNING",
    status="RUNNING",
    machine_status="RUNNING",
    started_at="2026-11-29T02:58:00Z",
    stopped_at=None,
    processed=12,
    total=64,
    failures={},
    retry_of=None,
    error_code=None,
    cost_usd="0",
)


def test_a_goal_without_a_running_execution_is_free() -> None:
    found = explain("g", None, None, NOW)
    assert (found.busy, found.healthy) == (False, True)


def test_a_running_execution_is_named_with_its_progress_and_the_command_that_stops_it() -> None:
    found = explain("g", RUNNING, None, NOW)
    assert (found.busy, found.healthy) == (True, True)
    assert f"{RUNNING.execution_id} is running" in found.why
    assert "12 of 64" in found.why
    assert f"executions stop {RUNNING.execution_id} --cause" in found.what_to_do


@pytest.mark.parametrize(("ago", "healthy"), [(30, True), (15 * 60, False)])
def test_an_end_that_is_not_recorded_is_healthy_only_for_a_while(ago: int, healthy: bool) -> None:
    ended = replace(RUNNING, machine_status="TIMED_OUT")
    found = explain("g", ended, NOW - timedelta(seconds=ago), NOW)
    assert found.busy
    assert found.healthy is healthy
    assert "TIMED_OUT in Step Functions" in found.why
    assert ("sweep is late" in found.what_to_do) is not healthy


def test_a_start_that_died_is_not_healthy() -> None:
    found = explain("g", replace(RUNNING, machine_status=None), None, NOW)
    assert not found.healthy
    assert "after 60 s" in found.what_to_do


@pytest.mark.parametrize(
    ("status", "machine", "state"),
    [
        ("RUNNING", "RUNNING", "RUNNING"),
        ("RUNNING", "ABORTED", "STOPPING"),
        ("RUNNING", None, "STARTING"),
        ("PARTIALLY_SUCCEEDED", "SUCCEEDED", "PARTIALLY_SUCCEEDED"),
    ],
)
def test_both_sides_make_one_state(status: str, machine: str | None, state: str) -> None:
    assert state_of(ExecutionStatus(status), machine) == state


@pytest.mark.parametrize("command", [["goal", "nope"], ["executions", "list", "--goal", "nope"]])
def test_what_is_no_goals_id_is_refused(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*command, "--local"]) == 1
    assert "goal nope: give a goal's id (a UUID)" in capsys.readouterr().err


def test_a_goal_without_any_execution_is_pointed_out() -> None:
    found = unknown("g")
    assert (found.busy, found.healthy) == (False, True)
    assert "knows no execution" in found.why


@pytest.mark.parametrize(("machine", "state"), [("RUNNING", "WAITING"), ("ABORTED", "STOPPING")])
def test_an_execution_that_waits_for_its_turn_says_so_while_it_runs(
    machine: str, state: str
) -> None:
    waiting = record(ExecutionStatus.RUNNING, turn_at=at(9).isoformat())
    assert execution_of(waiting, [], machine).state == state

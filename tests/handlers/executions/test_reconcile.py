"""Reconcile ends every execution that Step Functions reports as ended, once."""

from itertools import permutations
from typing import Any

import pytest

from handlers.contract.statuses import ExecutionStatus
from handlers.executions import reconcile as sweeping
from handlers.executions.reconcile import sweep
from handlers.executions.state_machine import StateMachine, StateMachineUnavailableError
from tests.handlers.measured import measured
from tests.handlers.world import MACHINE, ProductGoal, World, client, ignore

DEATHS = ["TIMED_OUT", "FAILED", "ABORTED"]


def sweep_late(world: World) -> list[str]:
    world.let_the_grace_pass()
    return world.sweep().ended


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("is_announced", [True, False])
def test_an_execution_that_step_functions_ended_keeps_its_generated_tasks(
    world: World, goal: ProductGoal, execution: str, death: str, is_announced: bool
) -> None:
    world.end_in_step_functions(execution, death)
    if is_announced:
        world.reconcile(execution)
    else:
        assert sweep_late(world) == [execution]
    record = world.record(execution)
    code = {
        "TIMED_OUT": "EXECUTION_TIMED_OUT",
        "FAILED": "EXECUTION_FAILED",
        "ABORTED": "EXECUTION_ABORTED",
    }[death]
    assert (record.status, record.error_code) == (death, code)
    assert (record.succeeded_actions, len(record.failed_actions)) == (1, 3)
    assert world.item(execution, goal.action_ids[1]).error_code == code
    assert len(world.tasks(goal.action_ids[0])) == 2
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)


@pytest.mark.parametrize(
    ("death", "state"), [("TIMED_OUT", "FAILED"), ("FAILED", "FAILED"), ("ABORTED", "DRAFT")]
)
def test_the_goals_state_shows_that_nothing_was_generated(
    world: World, goal: ProductGoal, death: str, state: str
) -> None:
    execution = world.start(goal)
    world.end_in_step_functions(execution, death)
    world.reconcile(execution)
    assert world.record(execution).status == death
    assert world.lock(goal.goal_id) == (state, None, None)


def test_a_sweep_looks_at_every_overdue_execution_and_at_some_that_may_still_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "LOOKS_BEFORE_DEADLINE", 1)
    executions = [world.start(world.add_goal()) for _ in range(3)]
    world.let_the_grace_pass()
    assert world.sweep(timeout_seconds=900).running == executions[:1]
    assert world.sweep(timeout_seconds=0).running == executions


def test_a_cancel_that_died_half_way_is_ended_however_many_executions_run(
    world: World, goal: ProductGoal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "LOOKS_BEFORE_DEADLINE", 0)
    execution = world.start(goal)
    world.sql("UPDATE goal_workflows SET phase = 'CANCELLED' WHERE goal_id = %s", goal.goal_id)
    world.let_the_grace_pass()
    assert world.sweep().ended == [execution]


def test_an_execution_whose_finish_was_lost_is_ended_by_the_sweep(
    world: World, goal: ProductGoal, execution: str
) -> None:
    for action_id in goal.action_ids[1:]:
        world.generate(execution, action_id)
    world.end_in_step_functions(execution, "SUCCEEDED")
    assert sweep_late(world) == [execution]
    assert world.record(execution).status == ExecutionStatus.SUCCEEDED
    assert world.lock(goal.goal_id) == ("ACTIVE", None, None)


def test_a_cancelled_execution_is_discarded_by_reconcile_too(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.sql("UPDATE goal_workflows SET phase = 'CANCELLED'")
    world.end_in_step_functions(execution, "ABORTED")
    world.reconcile(execution)
    record = world.record(execution)
    assert (record.status, record.error_code) == ("ABORTED", "CANCELLED")
    assert world.sql("SELECT 1 FROM tasks") == []
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)


def test_a_cancel_that_died_is_completed_by_the_sweep(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.sql("UPDATE goal_workflows SET phase = 'CANCELLED'")
    assert sweep_late(world) == [execution]
    assert world.record(execution).error_code == "CANCELLED"
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)


def test_a_running_execution_is_not_changed(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.reconcile(execution)
    assert sweep_late(world) == []
    assert world.record(execution).status == ExecutionStatus.RUNNING
    assert world.lock(goal.goal_id) == ("PROCESSING", execution, "GENERATING")
    assert world.statuses(execution) == ["GENERATED", "GENERATING", "PENDING", "PENDING"]


def test_the_sweep_ignores_a_start_within_its_grace(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.forget_in_step_functions(execution)
    assert world.sweep().ended == []
    assert sweep_late(world) == [execution]
    record = world.record(execution)
    assert (record.status, record.error_code) == ("FAILED", "START_FAILED")
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)


def test_an_execution_unknown_to_step_functions_keeps_its_tasks(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.forget_in_step_functions(execution)
    assert sweep_late(world) == [execution]
    assert world.record(execution).status == ExecutionStatus.FAILED
    assert len(world.tasks(goal.action_ids[0])) == 2


@pytest.mark.parametrize("order", list(permutations(["first", "second", "sweep"])))
def test_events_replayed_and_out_of_order_change_nothing(
    world: World, goal: ProductGoal, order: tuple[str, ...]
) -> None:
    """Events of two executions of one goal, the first dead and the second running."""
    executions: dict[str, str] = {}
    for name in ("first", "second"):
        executions[name] = world.start(goal)
        world.prepare(goal, executions[name])
        world.generate(executions[name], goal.action_ids[0])
        if name == "first":
            world.end_in_step_functions(executions[name], "TIMED_OUT")
            world.reconcile(executions[name])
    world.let_the_grace_pass()
    before: Any = (
        [world.record(each) for each in executions.values()],
        [world.statuses(each) for each in executions.values()],
        world.sql("SELECT * FROM tasks ORDER BY id"),
        world.sql("SELECT * FROM goal_workflows"),
    )
    for event in order * 2:
        if event == "sweep":
            world.sweep()
        else:
            world.reconcile(executions[event])
    assert before == (
        [world.record(each) for each in executions.values()],
        [world.statuses(each) for each in executions.values()],
        world.sql("SELECT * FROM tasks ORDER BY id"),
        world.sql("SELECT * FROM goal_workflows"),
    )


def test_an_execution_without_a_record_is_not_reconciled(world: World) -> None:
    assert world.reconcile("console-experiment") is None


def test_the_sweep_ends_the_others_if_one_cannot_be_checked(
    world: World, goal: ProductGoal, execution: str
) -> None:
    other = world.add_goal()
    unlucky = world.start(other)
    for each in (execution, unlucky):
        world.end_in_step_functions(each, "TIMED_OUT")
    world.let_the_grace_pass()

    class Throttled(StateMachine):
        def status(self, execution_id: str) -> str | None:
            if execution_id == unlucky:
                raise StateMachineUnavailableError("ThrottlingException")
            return super().status(execution_id)

    machine = Throttled(client("stepfunctions"), MACHINE)
    result = sweep(world.stores, machine, timeout_seconds=900, publish=ignore)
    assert (result.ended, result.unavailable) == ([execution], [unlucky])
    assert world.sweep().ended == [unlucky]


@pytest.mark.parametrize("is_announced", [True, False])
def test_an_execution_that_reconcile_ends_counts_once_as_healed(
    world: World,
    goal: ProductGoal,
    execution: str,
    is_announced: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world.end_in_step_functions(execution, "TIMED_OUT")
    capsys.readouterr()
    if is_announced:
        world.reconcile(execution)
    sweep_late(world)
    world.reconcile(execution)
    found = measured(capsys.readouterr().out)
    assert found["ExecutionsHealed"] == [1]
    assert found["ExecutionsEnded{status=TIMED_OUT}"] == [1]


def test_an_execution_that_its_workflow_ended_does_not_count_as_healed(
    world: World, goal: ProductGoal, execution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.finish(goal, execution)
    world.end_in_step_functions(execution, "SUCCEEDED")
    world.reconcile(execution)
    assert "ExecutionsHealed" not in measured(capsys.readouterr().out)


def test_a_sweep_measures_the_lag_of_the_oldest_open_execution(
    world: World, goal: ProductGoal, execution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.let_the_grace_pass()
    for timeout_seconds in (900, -30):  # the execution is some seconds old
        world.sweep(timeout_seconds=timeout_seconds)
    on_time, late = measured(capsys.readouterr().out)["ReconcileLag"]
    assert on_time == 0
    assert 30 <= late < 300


def test_an_execution_that_the_sweep_ended_adds_no_lag(
    world: World, goal: ProductGoal, execution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.end_in_step_functions(execution, "TIMED_OUT")
    world.let_the_grace_pass()
    world.sweep(timeout_seconds=-30)
    assert measured(capsys.readouterr().out)["ReconcileLag"] == [0]

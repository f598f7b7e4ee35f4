"""The invariants hold for workers, saves, finishes, cancels, events and users in any order."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,  # pyright: ignore[reportUnknownVariableType]
)

from handlers.contract.errors import ErrorCode
from handlers.contract.ids import task_id
from handlers.executions.errors import (
    AlreadyRunningError,
    ExecutionEndedError,
    ExecutionFinishingError,
)
from handlers.executions.progress import count_progress
from handlers.executions.save import save_batch
from handlers.storage.errors import FencedError
from handlers.storage.models import Usage, total_usage
from tests.handlers.world import ONE_CALL, World

RANK = {"PENDING": 0, "GENERATING": 1, "GENERATED": 2, "SAVED": 3, "FAILED": 3}
ACTIONS = 2

executions = st.integers(0, 2)
actions = st.integers(0, ACTIONS - 1)


class Interleavings(RuleBasedStateMachine):
    """One goal; up to three executions, each of which anybody may take for alive at any time."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.goal = world.add_goal(1, ACTIONS)
        self.executions: list[str] = []
        self.seen: dict[str, Any] = {}
        self.users: dict[str, Any] = {}
        self.usage: dict[str, Usage] = {}

    def execution(self, number: int) -> str:
        return self.executions[number % len(self.executions)]

    def tasks(self) -> dict[str, str]:
        """Every task of the goal, all its columns, by id."""
        return dict(
            self.world.sql(
                'SELECT id::text, tasks::text FROM tasks WHERE "actionId" = ANY(%s::uuid[])',
                self.goal.action_ids,
            )
        )

    @initialize()
    def begin(self) -> None:
        self.start()
        self.prepare(0)

    @precondition(lambda self: len(self.executions) < 3)
    @rule()
    def start(self) -> None:
        try:
            self.executions.append(self.world.start(self.goal))
        except AlreadyRunningError:
            return

    @precondition(lambda self: self.executions)
    @rule(number=executions)
    def prepare(self, number: int) -> None:
        try:
            self.world.prepare(self.goal, self.execution(number))
        except FencedError:
            return

    @precondition(lambda self: self.executions)
    @rule(number=executions, action=actions, repairs=st.integers(0, 1), dies=st.booleans())
    def work(self, number: int, action: int, repairs: int, dies: bool) -> None:
        """A worker that may be a zombie, and that may die before it keeps what it has."""
        execution, action_id = self.execution(number), self.goal.action_ids[action]
        try:
            attempts = self.world.attempts
            before = attempts.begin(execution, action_id, prompt_version="1", model="nova")
            if before.has_tasks:  # A worker answers with them, and makes no call.
                return
            call = before.calls_started + 1
            for _ in range(repairs):
                self.usage[execution] = self.usage.get(execution, Usage()) + ONE_CALL
                attempts.end_call(execution, action_id, call, ONE_CALL)
                call = attempts.begin_call(execution, action_id)
            if not dies:
                self.usage[execution] = self.usage.get(execution, Usage()) + ONE_CALL
                self.world.keep(execution, action_id, call=call)
        except (FencedError, LookupError):  # A Prepare that comes after the end adds no item.
            return

    @precondition(lambda self: self.executions)
    @rule(number=executions, action=actions)
    def give_an_action_up(self, number: int, action: int) -> None:
        action_id = self.goal.action_ids[action]
        self.world.fail(self.execution(number), action_id, ErrorCode.MODEL_UNAVAILABLE)

    @precondition(lambda self: self.executions)
    @rule(number=executions, action=actions)
    def save(self, number: int, action: int) -> None:
        execution, ids = self.execution(number), [self.goal.action_ids[action]]
        try:
            save_batch(self.world.stores, self.goal.goal_id, execution, ids)
        except FencedError:
            return

    @precondition(lambda self: self.executions)
    @rule(number=executions)
    def finish(self, number: int) -> None:
        self.world.finish(self.goal, self.execution(number))

    @precondition(lambda self: self.executions)
    @rule(number=executions)
    def cancel(self, number: int) -> None:
        try:
            self.world.cancel(self.goal, self.execution(number))
        except (ExecutionEndedError, ExecutionFinishingError):
            return

    @precondition(lambda self: self.executions)
    @rule(number=executions, status=st.sampled_from(["TIMED_OUT", "FAILED", "ABORTED"]))
    def die(self, number: int, status: str) -> None:
        if self.execution(number) in self.world.executions(self.goal.goal_id):
            self.world.end_in_step_functions(self.execution(number), status)

    @precondition(lambda self: self.executions)
    @rule(number=executions)
    def hear_of_a_death(self, number: int) -> None:
        self.world.reconcile(self.execution(number))

    @rule()
    def sweep(self) -> None:
        self.world.let_the_grace_pass()
        self.world.sweep()

    @rule(status=st.sampled_from(["IN_PROGRESS", "COMPLETED", "SKIPPED"]))
    def a_user_takes_a_task_up(self, status: str) -> None:
        rows = self.world.sql(
            "UPDATE tasks SET status = %s WHERE id = (SELECT id FROM tasks WHERE status ="
            " 'NOT_STARTED' AND \"actionId\" = ANY(%s::uuid[]) ORDER BY id LIMIT 1)"
            " RETURNING id::text, tasks::text",
            status,
            self.goal.action_ids,
        )
        self.users.update(rows)

    @rule(action=actions)
    def a_user_adds_a_task(self, action: int) -> None:
        task_id = self.world.add_task(self.goal.action_ids[action], status="IN_PROGRESS")
        [row] = self.world.sql("SELECT id::text, tasks::text FROM tasks WHERE id = %s", task_id)
        self.users.update([row])

    @invariant()
    def what_users_touched_stays(self) -> None:
        assert self.users.items() <= self.tasks().items()

    @invariant()
    def statuses_and_progress_go_forward_and_stop_at_the_end(self) -> None:
        for execution in self.executions:
            record = self.world.record(execution)
            items = self.world.stores.work_items.of(execution)
            progress = count_progress(items, expected=record.total_actions)
            statuses = {item.action_id: item.status for item in items}
            old_record, old_progress, old = self.seen.get(execution, (record, progress, {}))
            for action_id, status in old.items():
                is_final = RANK[status] == RANK["SAVED"]
                assert RANK[statuses[action_id]] >= RANK[status]
                assert statuses[action_id] == status or not is_final
            assert old_progress.processed <= progress.processed <= progress.total
            if old_record.stopped_at:
                assert replace(record, usage=old_record.usage) == old_record
                assert statuses == old
                assert all(RANK[status] == RANK["SAVED"] for status in statuses.values())
            spent = self.usage.get(execution, Usage())
            assert total_usage(items) == spent
            assert record.usage == (spent if record.stopped_at else Usage())
            self.seen[execution] = (record, progress, statuses)

    @invariant()
    def whatever_runs_has_the_lock(self) -> None:
        running = [e for e in self.executions if self.world.record(e).status == "RUNNING"]
        assert len(running) <= 1
        if self.executions:
            _, holder, _ = self.world.lock(self.goal.goal_id)
            assert running == ([holder] if holder else [])

    @invariant()
    def our_tasks_are_those_of_executions_that_nobody_cancelled(self) -> None:
        known = {
            str(task_id(execution, action_id, index))
            for execution in self.executions
            for action_id in self.goal.action_ids
            for index in range(2)
            if self.world.record(execution).error_code != "CANCELLED"
        }
        ours = {task for task in self.tasks() if UUID(task).version == 5}
        assert ours <= known

    def teardown(self) -> None:
        """Everything dies and no event is heard of: the sweep alone ends it all."""
        for execution in self.world.executions(self.goal.goal_id):
            self.world.end_in_step_functions(execution, "TIMED_OUT")
        self.sweep()
        self.statuses_and_progress_go_forward_and_stop_at_the_end()
        assert all(self.world.record(execution).stopped_at for execution in self.executions)
        if self.executions:
            assert self.world.lock(self.goal.goal_id)[1:] == (None, None)


def run(world: World, examples: int) -> None:
    run_state_machine_as_test(
        lambda: Interleavings(world),  # pyright: ignore[reportArgumentType] - any factory will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_invariants_hold_in_any_order(world: World) -> None:
    run(world, 6)


@pytest.mark.soak
def test_invariants_hold_in_very_many_orders(world: World) -> None:
    run(world, 100)

"""The real counterpart of a model's state: its processes, table, database and Step Functions."""

from collections.abc import Callable
from contextlib import ExitStack
from threading import local
from typing import Any
from unittest.mock import patch

from chaos.protocol.explore import Step
from chaos.protocol.scenarios import Model
from chaos.protocol.state import ABSENT, CANCELLED, FAILED, GENERATED, OPEN, State
from handlers.contract.errors import ErrorCode
from handlers.contract.ids import new_execution_id, task_id
from handlers.contract.statuses import ActionStatus, Phase
from handlers.executions import reconcile as reconciling
from handlers.executions import start as starting
from handlers.executions import start_once as starting_once
from handlers.executions.cancel import cancel
from handlers.executions.errors import (
    ExecutionEndedError,
    ExecutionFinishingError,
    ExecutionNotFoundError,
    NothingToRetryError,
)
from handlers.executions.finish import COMPLETED, end_execution
from handlers.executions.prepare import Limits, prepare
from handlers.executions.reconcile import reconcile, sweep
from handlers.executions.retry import retry_request
from handlers.executions.save import save_batch
from handlers.executions.start import StartRequest, start
from handlers.executions.start_once import start_once
from handlers.executions.state_machine import StateMachine
from handlers.storage import locks
from handlers.storage.idempotency_keys import scoped
from handlers.storage.items import deserialised
from handlers.storage.models import GeneratedTask
from handlers.storage.stores import Stores
from tests.chaos.protocol.stepwise import LOST_ANSWER, LOST_REQUEST, NOTHING, REFUSED, Stepwise
from tests.handlers.world import ONE_CALL, STARTED_AT, TABLE_NAME, World, ignore, kept

STEPS = {
    "abandon": "transaction",
    "add_items": "TransactWriteItems",
    "begin_attempt": "UpdateItem action",
    "begin_record": "PutItem execution",
    "claim": "transaction",
    "describe": "DescribeExecution",
    "drop": "transaction",
    "end_call": "UpdateItem action",
    "end_record": "UpdateItem execution",
    "enter_cancelled": "transaction",
    "enter_ending": "transaction",
    "fail": "UpdateItem action",
    "held_long": "transaction",
    "items": "Query action",  # of a save: BatchGetItem
    "keep": "TransactWriteItems",
    "lock_for_prepare": "transaction",
    "mark_one": "UpdateItem action",
    "mark_saved": "TransactWriteItems",
    "move_key": "PutItem key",
    "record": "GetItem execution",
    "release": "transaction",
    "release_key": "UpdateItem key",
    "save": "transaction",
    "set_total": "UpdateItem execution",
    "settle": "UpdateItem execution",
    "spent": "Query action",
    "start_machine": "StartExecution",
    "stop": "StopExecution",
    "take": "transaction",
    "take_key": "PutItem key",
    "undo_record": "UpdateItem execution",
}
"""The real step of each of the model's."""

CONTINUED = {
    "items": ("Query tasks",),
    "take_key": ("UpdateItem key",),
    "move_key": ("PutItem key", "UpdateItem key"),
    "begin_record": ("GetItem execution",),
    "add_items": ("PutItem action",),
}
"""What may follow within one of the model's steps: repetitions, reads of what does not change."""

_STATUS = {
    ActionStatus.PENDING: OPEN,
    ActionStatus.GENERATING: OPEN,
    ActionStatus.GENERATED: GENERATED,
    ActionStatus.SAVED: "saved",
    ActionStatus.FAILED: FAILED,
}
_TASKS = [GeneratedTask(title, "詳しく", "HABIT", 30) for title in ("走る", "休む")]
_CLIENTS_KEY = "8e03978e"
_NEVER, _AT_ONCE = 1e9, 0.0

_ids = local()
"""left: the ids that `new_execution_id` gives in this thread."""


class Realm:
    """The goal, its executions by number, and the functions at work."""

    def __init__(self, world: World, model: Model) -> None:
        self._world = world
        self._model = model
        self._goal = world.add_goal(1, len(model.initial.tasks))
        self._ids = [new_execution_id() for _ in model.initial.executions]
        self._request = StartRequest(self._goal.goal_id, self._goal.user_id)
        self._key = scoped(
            _CLIENTS_KEY, user_id=self._request.user_id, purpose=self._request.purpose
        )
        self._slots: list[Stepwise | None] = [None] * len(model.slots)
        self._patches = ExitStack()
        self._arrange(model.initial)

    def __enter__(self) -> "Realm":
        new_id = patch.object(starting_once, "new_execution_id", lambda: _ids.left.pop(0))
        self._patches.enter_context(new_id)
        return self

    def __exit__(self, *_: object) -> None:
        for slot in self._slots:
            if slot:
                slot.kill()
        self._patches.close()

    def take(self, step: Step, before: State, after: State) -> None:
        """Take a step of the model; fails if the function is about to take another one."""
        if step.process is None:
            self._take_in_the_surroundings(step, before, after)
            return
        function = self._slots[step.process]
        # No lock grows old here: it is older than no grace, or younger than an endless one.
        grace = _AT_ONCE if before.row.is_old else _NEVER
        with (
            patch.object(starting, "START_GRACE_SECONDS", grace),
            patch.object(reconciling, "START_GRACE_SECONDS", grace),
        ):
            if function is None:
                function = Stepwise(self._world, self._act(step.process))
                self._slots[step.process] = function
            expected = STEPS[step.name]
            assert function.at in (expected, "BatchGetItem" if step.name == "items" else expected)
            function.go(_verdict(step, before, after))
            while function.at in CONTINUED.get(step.name, ()):
                function.go()
        position = after.processes[step.process]
        assert function.answer == (position if isinstance(position, str) else None)

    def expected(self, state: State) -> Any:
        """The model's state, as far as it can be seen."""
        row = state.row
        return (
            (row.state, row.holder, row.phase, row.previous),
            [
                (each.record, each.saved, each.spent, each.is_retry, each.machine, each.items)
                for each in state.executions
            ],
            [set(tasks) for tasks in state.tasks],
            (state.key, state.is_key_shared) if state.key is not None else None,
        )

    def seen(self) -> Any:
        """The same of the table, the database and Step Functions."""
        scanned = self._world.dynamodb.scan(TableName=TABLE_NAME)["Items"]
        items = {(item["pk"], item["sk"]): item for item in map(deserialised, scanned)}
        return (
            self._row(),
            [self._execution(items, execution_id) for execution_id in self._ids],
            [self._tasks(action_id) for action_id in self._goal.action_ids],
            self._key_in(items),
        )

    def _row(self) -> Any:
        rows = self._world.sql(
            "SELECT state, execution_id::text, phase, previous_state FROM goal_workflows"
            " WHERE goal_id = %s",
            self._goal.goal_id,
        )
        if not rows:
            return ("DRAFT", None, None, None)
        [(state, holder, phase, previous)] = rows
        return state, self._number(holder) if holder else None, phase, previous

    def _execution(self, items: dict[tuple[str, str], Any], execution_id: str) -> Any:
        record = items.get((execution_id, "execution"), {})
        machine = self._world.machine.status(execution_id)
        actions = [
            items.get((execution_id, f"action#{action_id}"), {})
            for action_id in self._goal.action_ids
        ]
        return (
            _record_status(record),
            int(record.get("succeededActions", 0)),
            int(record.get("inputTokens", 0)) // ONE_CALL.input_tokens,
            "parentExecutionId" in record,
            machine if machine in (None, "RUNNING", "SUCCEEDED") else "DEAD",
            tuple(_item(item) for item in actions),
        )

    def _tasks(self, action_id: str) -> set[tuple[int, bool]]:
        rows = self._world.sql(
            'SELECT id::text, status::text FROM tasks WHERE "actionId" = %s', action_id
        )
        saved_by = {
            str(task_id(execution_id, action_id, index)): number
            for number, execution_id in enumerate(self._ids)
            for index in range(len(_TASKS))
        }
        return {(saved_by[task], status != "NOT_STARTED") for task, status in rows}

    def _key_in(self, items: dict[tuple[str, str], Any]) -> Any:
        item = items.get((self._key, "key"))
        if item is None or item["ttl"] == 0:
            return None
        return self._number(item["executionId"]), item.get("isShared", False)

    def _number(self, execution_id: str) -> int:
        return self._ids.index(execution_id)

    def _take_in_the_surroundings(self, step: Step, before: State, after: State) -> None:
        if step.name == "the grace passes":
            for slot, (was, now) in enumerate(zip(before.processes, after.processes, strict=True)):
                function = self._slots[slot]
                if was != now and function:
                    function.kill()
        elif step.name == "user takes up":
            [action] = step.arguments
            self._world.sql(
                "UPDATE tasks SET status = 'IN_PROGRESS' WHERE \"actionId\" = %s",
                self._goal.action_ids[action],
            )
        elif "gives up" in step.name:
            number, action = step.arguments
            code = ErrorCode.FUNCTION_FAILED
            self._world.fail(self._ids[number], self._goal.action_ids[action], code)
        elif step.name.endswith(("dies", "succeeds")):
            status = "TIMED_OUT" if step.name.endswith("dies") else "SUCCEEDED"
            self._world.end_in_step_functions(self._ids[step.arguments[0]], status)

    def _arrange(self, initial: State) -> None:
        row = initial.row
        if row.holder is None:
            return
        execution_id, world, goal = self._ids[row.holder], self._world, self._goal
        found = initial.executions[row.holder]
        self._start(world.stores, world.machine, execution_id)
        world.prepare(goal, execution_id, [goal.action_ids[action] for action in found.wanted])
        for action_id, item in zip(goal.action_ids, found.items, strict=True):
            if item.status == GENERATED:
                world.generate(execution_id, action_id)
            elif item.status == FAILED:
                world.fail(execution_id, action_id, ErrorCode.FUNCTION_FAILED)
        with world.stores.database.transaction() as connection:
            lock = locks.hold(connection, goal.goal_id, execution_id, *Phase)
            locks.enter(connection, lock, Phase(str(row.phase)))

    def _start(self, stores: Stores, machine: StateMachine, execution_id: str) -> str:
        return start(stores, machine, self._request, execution_id).execution_id

    def _act(self, slot: int) -> Callable[[Stores, StateMachine], str]:
        process: Any = self._model.slots[slot].program()
        name, values = process.gi_code.co_name, process.gi_frame.f_locals
        ids, goal_id, user_id = self._ids, self._goal.goal_id, self._goal.user_id
        actions = self._goal.action_ids

        def accepted(execution_id: str) -> str:
            return f"202 {self._number(execution_id)}"

        def do_start_once(stores: Stores, machine: StateMachine) -> str:
            _ids.left = [ids[values["new"]], ids[values["spare"]]]
            record = start_once(stores, machine, self._request, _CLIENTS_KEY)
            return accepted(record.execution_id)

        def do_start(stores: Stores, machine: StateMachine) -> str:
            return accepted(self._start(stores, machine, ids[values["number"]]))

        def do_retry(stores: Stores, machine: StateMachine) -> str:
            try:
                request = retry_request(stores, ids[values["earlier"]], user_id=user_id)
            except NothingToRetryError:
                return "409"
            return accepted(start(stores, machine, request, ids[values["number"]]).execution_id)

        def do_prepare(stores: Stores, _: StateMachine) -> str:
            only = [actions[action] for action in values["wanted"]]
            limits = Limits(timeout_seconds=900, batch_size=8)
            prepare(
                stores, goal_id, ids[values["number"]], only, started_at=STARTED_AT, limits=limits
            )
            return "done"

        def do_worker(stores: Stores, _: StateMachine) -> str:
            which = ids[values["number"]], actions[values["action"]]
            item = stores.work_items.begin_attempt(*which, prompt_version="1", model="nova")
            if item.status not in (ActionStatus.GENERATED, ActionStatus.SAVED):
                stores.work_items.keep_tasks(*which, kept(_TASKS), ONE_CALL)
            return "done"

        def do_save_batch(stores: Stores, _: StateMachine) -> str:
            batch = [actions[action] for action in values["batch"]]
            save_batch(stores, goal_id, ids[values["number"]], batch)
            return "done"

        def do_finish(stores: Stores, _: StateMachine) -> str:
            end_execution(stores, goal_id, ids[values["number"]], COMPLETED)
            return "done"

        def do_cancel(stores: Stores, machine: StateMachine) -> str:
            try:
                cancel(stores, machine, ids[values["number"]], user_id=user_id, reason="")
            except ExecutionNotFoundError:
                return "404"
            except (ExecutionEndedError, ExecutionFinishingError):
                return "409"
            return "200"

        def do_reconcile(stores: Stores, machine: StateMachine) -> str:
            reconcile(stores, machine, ids[values["number"]], ignore)
            return "done"

        def do_sweep(stores: Stores, machine: StateMachine) -> str:
            sweep(stores, machine, timeout_seconds=900, publish=ignore)
            return "done"

        return locals()[f"do_{name}"]


def _verdict(step: Step, before: State, after: State) -> str:
    if after.faults == before.faults:
        return NOTHING
    if step.result.__name__ == "StartRefusedError":
        return REFUSED
    unchanged = (before.row, before.executions) == (after.row, after.executions)
    return LOST_REQUEST if unchanged else LOST_ANSWER


def _record_status(record: dict[str, Any]) -> str | None:
    if record.get("errorCode") == ErrorCode.START_FAILED:
        return "START_FAILED"
    if record.get("errorCode") == ErrorCode.CANCELLED:
        return CANCELLED
    status = record.get("status")
    return "PARTIAL" if status == "PARTIALLY_SUCCEEDED" else status


def _item(item: dict[str, Any]) -> tuple[str, int]:
    if not item:
        return ABSENT, 0
    is_cancelled = item.get("errorCode") == ErrorCode.CANCELLED
    status = CANCELLED if is_cancelled else _STATUS[item["status"]]
    return status, int(item["inputTokens"]) // ONE_CALL.input_tokens

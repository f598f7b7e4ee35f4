"""The real counterpart of a model's state: its processes, table, database and Step Functions."""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from chaos.protocol.explore import Step
from chaos.protocol.model import Model
from chaos.protocol.state import ABSENT, BARRED, CANCELLED, FAILED, GENERATED, OPEN, State
from handlers.contract.errors import ErrorCode
from handlers.contract.ids import new_execution_id, task_id
from handlers.contract.statuses import ActionStatus, ExecutionStatus, Phase
from handlers.executions import reconcile as reconciling
from handlers.executions import start as starting
from handlers.executions import start_once as starting_once
from handlers.executions.start import StartRequest, start
from handlers.storage import locks
from handlers.storage.idempotency_keys import scoped
from handlers.storage.items import deserialised
from tests.chaos.protocol.acts import CLIENTS_KEY, TASKS, Act, act, next_id
from tests.chaos.protocol.stepwise import LOST_ANSWER, LOST_REQUEST, NOTHING, REFUSED, Stepwise
from tests.handlers.world import ONE_CALL, STARTED_AT, TABLE_NAME, World

STEPS = {
    "abandon": "transaction",
    "add_items": "TransactWriteItems",
    "begin_attempt": "UpdateItem action",
    "begin_record": "PutItem execution",
    "claim": "transaction",
    "describe": "DescribeExecution",
    "drop": "transaction",
    "end_call": "UpdateItem action",
    "end_never_started": "UpdateItem execution",
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
    "add_items": ("TransactWriteItems",),
    "end_never_started": ("UpdateItem execution",),
    "undo_record": ("UpdateItem execution",),
}
"""What may follow within one of the model's steps: repetitions, reads of what does not change."""

_STATUS = {
    ActionStatus.PENDING: OPEN,
    ActionStatus.GENERATING: OPEN,
    ActionStatus.GENERATED: GENERATED,
    ActionStatus.SAVED: "saved",
    ActionStatus.FAILED: FAILED,
}
_NEVER, _AT_ONCE = 1e9, 0.0


class Realm:
    """The goal, its executions by number, and the functions at work."""

    def __init__(self, world: World, model: Model) -> None:
        self._world = world
        self._model = model
        goal = world.add_goal(1, len(model.initial.tasks))
        # In the order in which a query of the table gives them, as the model's functions take them.
        self._goal = replace(goal, action_ids=sorted(goal.action_ids))
        self._ids = [new_execution_id() for _ in model.initial.executions]
        self._request = StartRequest(self._goal.goal_id, self._goal.user_id)
        self._key = scoped(
            CLIENTS_KEY, user_id=self._request.user_id, purpose=self._request.purpose
        )
        self._slots: list[Stepwise | None] = [None] * len(model.slots)
        self._patches = ExitStack()
        self._arrange(model.initial)

    def __enter__(self) -> "Realm":
        new_id = patch.object(starting_once, "new_execution_id", next_id)
        self._patches.enter_context(new_id)
        return self

    def __exit__(self, *_: object) -> None:
        for slot in self._slots:
            if slot:
                slot.kill()
        # A sweep looks at all locks: the next walk's must find none of this one's.
        self._world.sql(
            "DELETE FROM goal_workflows WHERE goal_id = %s RETURNING 1", self._goal.goal_id
        )
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
            for index in range(len(TASKS))
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
            [action] = step.numbers
            self._world.sql(
                "UPDATE tasks SET status = 'IN_PROGRESS' WHERE \"actionId\" = %s",
                self._goal.action_ids[action],
            )
        elif "gives up" in step.name:
            number, action = step.numbers
            code = ErrorCode.FUNCTION_FAILED
            self._world.fail(self._ids[number], self._goal.action_ids[action], code)
        elif step.name.endswith(("dies", "succeeds")):
            status = "TIMED_OUT" if step.name.endswith("dies") else "SUCCEEDED"
            self._world.end_in_step_functions(self._ids[step.numbers[0]], status)

    def _arrange(self, initial: State) -> None:
        row = initial.row
        if initial.key is not None:
            self._undo(self._ids[initial.key])
        if row.holder is None:
            return
        for earlier in self._ids[: row.holder]:
            self._run_to_its_end(earlier)
        execution_id, world, goal = self._ids[row.holder], self._world, self._goal
        found = initial.executions[row.holder]
        start(world.stores, world.machine, self._request, execution_id)
        world.prepare(goal, execution_id, [goal.action_ids[action] for action in found.wanted])
        for action_id, item in zip(goal.action_ids, found.items, strict=True):
            if item.status == GENERATED:
                world.generate(execution_id, action_id)
            elif item.status == FAILED:
                world.fail(execution_id, action_id, ErrorCode.FUNCTION_FAILED)
        with world.stores.database.transaction() as connection:
            lock = locks.hold(connection, goal.goal_id, execution_id, *Phase)
            locks.enter(connection, lock, Phase(str(row.phase)))

    def _undo(self, execution_id: str) -> None:
        records, arn = self._world.stores.records, self._world.machine.execution_arn(execution_id)
        records.begin(
            execution_id,
            goal_id=self._goal.goal_id,
            user_id=self._goal.user_id,
            execution_arn=arn,
            total_actions=1,
            started_at=STARTED_AT,
        )
        records.end(execution_id, ExecutionStatus.FAILED, error_code=ErrorCode.START_FAILED)
        self._world.stores.keys.take(self._key, execution_id)

    def _run_to_its_end(self, execution_id: str) -> None:
        world, goal = self._world, self._goal
        start(world.stores, world.machine, self._request, execution_id)
        world.prepare(goal, execution_id)
        for action_id in goal.action_ids:
            world.generate(execution_id, action_id)
        world.finish(goal, execution_id)
        world.end_in_step_functions(execution_id, "SUCCEEDED")

    def _act(self, slot: int) -> Act:
        process: Any = self._model.slots[slot].program()
        values: dict[str, Any] = process.gi_frame.f_locals
        return act(process.gi_code.co_name, values, self._goal, self._ids)


def _verdict(step: Step, before: State, after: State) -> str:
    if after.faults == before.faults:
        return NOTHING
    if step.result.__name__ == "StartRefusedError":
        return REFUSED
    unchanged = (before.row, before.executions) == (after.row, after.executions)
    return LOST_REQUEST if unchanged else LOST_ANSWER


def _record_status(record: dict[str, Any]) -> str | None:
    if record and "goalId" not in record:
        return BARRED
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

"""The nine invariants of an execution, checked at every change of a store and at the end.

They are judged by what stands in the stores, not by what the handlers think of it.
"""

import re
from collections import defaultdict
from typing import Any

from chaos.simulation.accounts import AccountInvariants
from chaos.simulation.expressions import Item, number
from chaos.simulation.faults import Fault
from chaos.simulation.model import ModelCall
from chaos.simulation.postgres.rows import Place, Row
from chaos.simulation.turns import TurnInvariants
from chaos.simulation.watched import Watched
from handlers.contract.ids import task_id
from handlers.contract.table_keys import (
    ACTION_SK_PREFIX,
    EXECUTION_SK,
    TASKS_SK_PREFIX,
    TURNS_PK,
)

MARKER = "ZAUBERWORT"
"""Stands in every text of the goal: what a user wrote may stand nowhere else."""

_STATEMENT = re.compile(r":(select|insert|update|delete) ")
_OPEN = {"PENDING", "GENERATING"}
_MOVES = {
    "PENDING": {"GENERATING", "GENERATED", "FAILED"},
    "GENERATING": {"GENERATED", "FAILED"},
    "GENERATED": {"SAVED", "FAILED"},
    "SAVED": set[str](),
    "FAILED": set[str](),
}
_PHASES = {
    "GENERATING": {"SAVING", "ENDING", "CANCELLED"},
    "SAVING": {"ENDING"},
    "ENDING": set[str](),
    "CANCELLED": set[str](),
}
_ENDED_CALL = re.compile(r"endedCall\d+$")
_ACCOUNT = {"inputTokens", "outputTokens", "costUsd", "callsStarted", "callsEnded", "throttles"}


class Invariants:
    """Watches one world; `broken` are the sentences that say what is wrong.

    accounts: the ninth invariant. turns: the tenth.
    """

    def __init__(self, world: Watched) -> None:
        self._world = world
        self.accounts = AccountInvariants(world, self.expect)
        self.turns = TurnInvariants(world, self.expect)
        self.broken: list[str] = []
        self.ended_at: dict[str, float] = {}
        self._generated_at: dict[tuple[str, str], float] = {}
        self._tasks_of: dict[str, tuple[str, str]] = {}
        self.deleted_actions = set[str]()
        self.deleted_tasks = set[str]()

    def expect(self, number: int, holds: object, sentence: str) -> None:
        """Note that an invariant is broken, unless it holds."""
        if not holds:
            now = self._world.scheduler.now
            self.broken.append(f"invariant {number} at {now:.2f} s: {sentence}")
            self._world.scheduler.is_stopped = True

    def text_left(self, where: str, text: str) -> None:
        """8: nothing that a user wrote may stand here."""
        if MARKER in text:
            self.expect(8, False, f"a user's text in {where}")

    def item_changed(self, key: tuple[str, str], before: Item | None, after: Item | None) -> None:
        """A write to the table."""
        execution_id, sk = key
        if execution_id == TURNS_PK:
            self.turns.item_changed(sk, before, after)
        elif after and execution_id.startswith(f"{TURNS_PK}#"):
            self.turns.place_taken(after)
        if after is None or execution_id.startswith(TURNS_PK):
            return
        if sk == EXECUTION_SK:
            self._record_changed(execution_id, before, after)
        elif sk.startswith(ACTION_SK_PREFIX):
            self._action_changed(execution_id, sk.removeprefix(ACTION_SK_PREFIX), before, after)
        elif sk.startswith(TASKS_SK_PREFIX):
            action_id = sk.removeprefix(TASKS_SK_PREFIX)
            self.expect(
                4,
                before is None or before["tasks"] == after["tasks"],
                f"the tasks of {self._named(execution_id, action_id)} are overwritten",
            )
            self._generated_at.setdefault((execution_id, action_id), self._world.scheduler.now)
            for index in range(len(after["tasks"]["L"])):
                identity = str(task_id(execution_id, action_id, index))
                self._tasks_of[identity] = (execution_id, action_id)

    def _record_changed(self, execution_id: str, before: Item | None, after: Item) -> None:
        if "goalId" not in after:
            return  # it bars a record that would come late
        name, goal = self._world.name(execution_id), after["goalId"]["S"]
        if before is None:
            running = [
                self._world.name(pk)
                for (pk, sk), item in self._world.table.items.items()
                if sk == EXECUTION_SK
                and item.get("goalId") == {"S": goal}
                and item["status"]["S"] == "RUNNING"
                and pk != execution_id
            ]
            is_running = after["status"]["S"] == "RUNNING"
            self.expect(1, not (is_running and running), f"{name} and {running} run at once")
            holder = self._world.rows.tables["goal_workflows"].get(goal, {}).get("execution_id")
            self.expect(
                1,
                not is_running or holder == execution_id,
                f"{name} begins, and the lock is {holder and self._world.name(holder)}'s",
            )
            return
        if before["status"]["S"] == "RUNNING":
            if after["status"]["S"] != "RUNNING":
                self.ended_at[execution_id] = self._world.scheduler.now
                self.turns.execution_ended(execution_id, after)
            return
        changed = {name for name in after if after[name] != before.get(name)}
        self.expect(5, changed <= _ACCOUNT, f"{name} has ended, and {changed} of it change")

    def _action_changed(
        self, execution_id: str, action_id: str, before: Item | None, after: Item
    ) -> None:
        name = self._named(execution_id, action_id)
        has_ended = execution_id in self.ended_at
        status = after["status"]["S"]
        if before is None:
            self.expect(5, not has_ended and "context" in after, f"{name} is added after the end")
            self.turns.action_added(execution_id)
            return
        was = before["status"]["S"]
        if was != status:
            self.expect(4, status in _MOVES[was], f"{name} goes from {was} to {status}")
        changed = {each for each in after if after[each] != before.get(each)}
        self.expect(
            5,
            not has_ended or all(each in _ACCOUNT or _ENDED_CALL.match(each) for each in changed),
            f"the execution has ended, and {changed} of {name} change",
        )
        self.expect(
            4,
            not _is_processed(before) or _is_processed(after),
            f"progress goes backwards: {name} was {was}, is {status}",
        )
        self.accounts.action_changed(name, before, after)
        if was == "GENERATED" and status == "FAILED":
            self._expect_reason(action_id, name, after)
        if was != status == "SAVED":
            self._expect_saved(execution_id, action_id)

    def _expect_reason(self, action_id: str, name: str, item: Item) -> None:
        """A generated action may fail for these reasons only."""
        code = item["errorCode"]["S"]
        was_refused = any(
            fault is Fault.REFUSED and _STATEMENT.search(site)
            for site, fault in self._world.plan.happened.items()
        )
        is_right = {
            "CANCELLED": True,
            "ACTION_NOT_FOUND": action_id in self.deleted_actions,
            "SAVE_FAILED": was_refused,
        }
        self.expect(3, is_right.get(code), f"{name} was generated, and fails with {code}")

    def _expect_saved(self, execution_id: str, action_id: str) -> None:
        rows = self._world.rows.tables["tasks"]
        wanted = [each for each, of in self._tasks_of.items() if of == (execution_id, action_id)]
        missing = [each for each in wanted if each not in rows and each not in self.deleted_tasks]
        self.expect(
            3,
            not missing or action_id in self.deleted_actions,
            f"{self._named(execution_id, action_id)} is SAVED without its tasks",
        )

    def model_call_began(self, call: ModelCall) -> None:
        """A model call, just before it is made."""
        of = (call.execution_id, call.action_id)
        name = self._named(*of)
        began = call.invocation.call_began_at
        self.accounts.call_began(name, call.invocation)
        self.expect(
            4,
            self._generated_at.get(of, began) >= began,
            f"a call for {name} is made, though its tasks were there",
        )
        self.expect(
            5,
            self.ended_at.get(of[0], began) >= began,
            f"a call for {name} begins after the execution's end",
        )

    def rows_changed(self, changes: dict[Place, tuple[Row | None, Row | None]]) -> None:
        """A commit to the database."""
        new_actions = {
            row["actionId"] for (table, _), (_, row) in changes.items() if table == "tasks" and row
        }
        for (table, key), (before, after) in changes.items():
            if table == "goal_workflows":
                self._lock_changed(before or {}, after or {})
            elif table == "tasks" and after and before is None:
                self._task_added(key, after)
            elif table == "tasks" and before:
                was_touched = before["status"] != "NOT_STARTED" or key[14] != "5"
                self.expect(
                    6,
                    after is None and not was_touched,
                    f"a task that a user has touched changes: {before['status']}",
                )
                self.expect(
                    3,
                    after or before["actionId"] in new_actions,
                    "tasks are deleted and none takes their place",
                )

    def _lock_changed(self, before: Row, after: Row) -> None:
        holder, following = before.get("execution_id"), after.get("execution_id")
        if holder == following:
            if holder and before["phase"] != after["phase"]:
                self.expect(
                    5,
                    after["phase"] in _PHASES[before["phase"]],
                    f"the phase goes from {before['phase']} to {after['phase']}",
                )
            return
        self.expect(
            1,
            not (holder and following),
            f"{self._world.name(str(following))} takes the lock of {self._world.name(str(holder))}",
        )
        if holder and not following:
            self._released(holder)

    def _released(self, execution_id: str) -> None:
        name = self._world.name(execution_id)
        record = self._world.table.items.get((execution_id, EXECUTION_SK))
        self.expect(
            2,
            not record or record["status"]["S"] != "RUNNING",
            f"the lock is released, and the record of {name} is RUNNING",
        )
        if record and record.get("errorCode", {}).get("S") != "CANCELLED":
            left = [
                sk
                for (pk, sk), item in self._world.table.items.items()
                if pk == execution_id
                and sk.startswith(ACTION_SK_PREFIX)
                and item["status"]["S"] == "GENERATED"
            ]
            self.expect(
                3,
                not left,
                f"the lock of {name} is released, and {len(left)} generated actions are not saved",
            )

    def _task_added(self, key: str, row: Row) -> None:
        of = self._tasks_of.get(key)
        self.expect(4, of is not None, f"a task that was not generated for {row['actionId']}")
        if of is None:
            return
        name = self._named(*of)
        lock = next(
            (
                each
                for each in self._world.rows.tables["goal_workflows"].values()
                if each.get("execution_id") == of[0]
            ),
            None,
        )
        self.expect(
            5,
            lock and lock["phase"] in ("SAVING", "ENDING"),
            f"a task of {name} is saved without the lock",
        )
        self.expect(5, of[0] not in self.ended_at, f"a task of {name} is saved after the end")

    def check_the_end(self) -> None:
        """What must hold once faults have stopped and every deadline has passed."""
        items = self._world.table.items
        by_execution: dict[str, dict[str, Item]] = defaultdict(dict)
        for (pk, sk), item in items.items():
            by_execution[pk][sk] = item
        for row in self._world.rows.tables["goal_workflows"].values():
            holder = row.get("execution_id")
            self.expect(
                2, not holder, f"the goal's lock is still {holder and self._world.name(holder)}'s"
            )
        for name, execution in self._world.machine.executions.items():
            self.expect(
                2,
                execution.status != "RUNNING",
                f"{self._world.name(name)} still runs in Step Functions",
            )
            self.turns.execution_over(execution)
        self.accounts.check_callers()
        for execution_id, parts in by_execution.items():
            record = parts.get(EXECUTION_SK)
            if record and "goalId" in record:
                self._expect_whole(execution_id, record, parts)

    def _expect_whole(self, execution_id: str, record: Item, parts: dict[str, Item]) -> None:
        name = self._world.name(execution_id)
        status = record["status"]["S"]
        self.expect(2, status != "RUNNING", f"{name} is still RUNNING")
        actions = {sk: item for sk, item in parts.items() if sk.startswith(ACTION_SK_PREFIX)}
        is_open = [
            sk for sk, item in actions.items() if item["status"]["S"] in _OPEN | {"GENERATED"}
        ]
        self.expect(2, not is_open, f"{name} has ended, and {len(is_open)} actions have not")
        saved = [sk for sk, item in actions.items() if item["status"]["S"] == "SAVED"]
        self.expect(
            4,
            len(saved) == number(record, "succeededActions"),
            f"{name} counts {record.get('succeededActions')} actions, {len(saved)} are saved",
        )
        self.expect(
            4,
            len(actions) <= number(record, "totalActions"),
            f"{name} has {len(actions)} actions of {record['totalActions']}",
        )
        for sk, item in actions.items():
            action_id = sk.removeprefix(ACTION_SK_PREFIX)
            named = self._named(execution_id, action_id)
            self.accounts.check_action(execution_id, action_id, item, named)
        self.accounts.check_record(name, record, actions.values())

    def _named(self, execution_id: str, action_id: str) -> str:
        return f"{self._world.name(action_id)} of {self._world.name(execution_id)}"


def _is_processed(item: Item) -> bool:
    status: Any = item["status"]["S"]
    failed = status == "FAILED" and item.get("errorCode", {}).get("S") != "CANCELLED"
    return status in ("GENERATED", "SAVED") or failed or number(item, "taskCount") > 0

"""Compares the tasks in PostgreSQL with the execution's record and with the rules for tasks."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from handlers.contract.ids import task_id
from handlers.contract.statuses import ActionStatus, ExecutionStatus, GoalState
from handlers.generation.rules import (
    DESCRIPTION_CHARACTERS,
    MAXIMUM_MINUTES,
    MINIMUM_MINUTES,
    RULES,
    TITLE_CHARACTERS,
)
from localcloud.database.mandala import Mandala, PlacedAction
from localcloud.database.product import Connection
from localcloud.run.snapshot import Snapshot

_GOAL_STATES = {
    ExecutionStatus.SUCCEEDED: GoalState.ACTIVE,
    ExecutionStatus.PARTIALLY_SUCCEEDED: GoalState.PARTIAL,
    ExecutionStatus.FAILED: GoalState.FAILED,
}
"""The goal's state after an execution with this status; other statuses do not determine it."""


@dataclass(frozen=True)
class SavedTask:
    """A task in PostgreSQL."""

    task_id: UUID
    action_id: str
    title: str
    description: str | None
    type: str
    minutes: int


@dataclass(frozen=True)
class Verified:
    """What PostgreSQL holds.

    tasks: the execution's tasks by action id, in the model's order.
    others: number of the goal's other tasks, which a user started, completed, skipped or added.
    problems: differences from the record or the rules; empty if there are none.
    """

    tasks: dict[str, list[SavedTask]]
    others: int
    goal_state: str
    problems: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of tasks of this execution."""
        return sum(map(len, self.tasks.values()))


def verify(conn: Connection, execution_id: str, mandala: Mandala, snapshot: Snapshot) -> Verified:
    """Read the goal's tasks and workflow state, and compare them."""
    with conn.transaction(), conn.cursor() as cursor:
        rows = cursor.execute(
            'SELECT t.id, t."actionId"::text, t.title, t.description, t.type::text, '
            't."estimatedMinutes" FROM tasks t JOIN actions a ON a.id = t."actionId" '
            'JOIN sub_goals s ON s.id = a."subGoalId" WHERE s."goalId" = %s',
            (mandala.goal_id,),
        ).fetchall()
        state = cursor.execute(
            "SELECT state, execution_id::text FROM goal_workflows WHERE goal_id = %s",
            (mandala.goal_id,),
        ).fetchone()
    saved = {task.task_id: task for task in (SavedTask(*row) for row in rows)}
    tasks = {
        action.action_id: _of_execution(execution_id, action.action_id, saved)
        for action in mandala.actions
    }
    goal_state, holder = state or ("without workflow state", None)
    problems = [*_task_problems(mandala, snapshot, tasks)]
    expected = _GOAL_STATES.get(snapshot.status)
    if expected and goal_state != expected:
        problems.append(
            f"the goal is {goal_state}; after {snapshot.status} it should be {expected}"
        )
    if holder:
        problems.append(f"the goal is still locked by execution {holder}")
    count = sum(map(len, tasks.values()))
    if count != snapshot.task_count:
        problems.append(f"{count} tasks are saved; the record has {snapshot.task_count}")
    return Verified(tasks, len(saved) - count, goal_state, tuple(problems))


def _of_execution(
    execution_id: str, action_id: str, saved: dict[UUID, SavedTask]
) -> list[SavedTask]:
    most = max(rules.maximum for rules in RULES.values())
    ids = (task_id(execution_id, action_id, index) for index in range(most))
    return [saved[id_] for id_ in ids if id_ in saved]


def _task_problems(
    mandala: Mandala, snapshot: Snapshot, tasks: dict[str, list[SavedTask]]
) -> Iterator[str]:
    for action in mandala.actions:
        item = snapshot.actions.get(action.action_id)
        of_action = tasks[action.action_id]
        expected = item.task_count if item and item.status == ActionStatus.SAVED else 0
        if len(of_action) != expected:
            yield f"action {action.place} has {len(of_action)} tasks instead of {expected}"
        elif of_action:
            yield from _broken_rules(action, of_action)


def _broken_rules(action: PlacedAction, tasks: list[SavedTask]) -> Iterator[str]:
    rules = RULES[action.type]
    if not rules.minimum <= len(tasks) <= rules.maximum:
        yield f"action {action.place} has {len(tasks)} tasks, not {rules.minimum}-{rules.maximum}"
    for task in tasks:
        if not 1 <= len(task.title) <= TITLE_CHARACTERS:
            yield f"task {task.task_id}: a title of {len(task.title)} characters"
        if not 1 <= len(task.description or "") <= DESCRIPTION_CHARACTERS:
            yield f"task {task.task_id}: a description of {len(task.description or '')} characters"
        if not MINIMUM_MINUTES <= task.minutes <= MAXIMUM_MINUTES:
            yield f"task {task.task_id}: {task.minutes} minutes"
        if task.type != action.type:
            yield f"task {task.task_id}: type {task.type}, its action's is {action.type}"

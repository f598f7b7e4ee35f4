"""Differences between PostgreSQL and the execution's record are found."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import TupleRow

from handlers.contract.ids import new_execution_id, task_id
from handlers.contract.statuses import ActionStatus, ExecutionStatus
from localcloud.database.mandala import Mandala, place_goal
from localcloud.database.product import seed_user
from localcloud.goals.goal import Action, Goal, SubGoal
from localcloud.run.snapshot import ActionItem, Snapshot
from localcloud.run.verify import Verified, verify

Connection = psycopg.Connection[TupleRow]

GOAL = Goal(
    title="目標",
    sub_goals=(
        SubGoal(
            title="一",
            actions=(Action(title="甲", type="EXECUTION"), Action(title="乙", type="HABIT")),
        ),
    ),
)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
COUNTS = (3, 2)


class Given:
    """A goal of two actions whose execution has saved 3 and 2 tasks."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        user_id = str(uuid4())
        seed_user(conn, user_id, f"{user_id}@example.com", "花子")
        self.execution_id = new_execution_id()
        self.mandala: Mandala = place_goal(conn, user_id, GOAL)
        self.snapshot = Snapshot(
            ExecutionStatus.SUCCEEDED, NOW, NOW, 5, 100, 50, Decimal("0.1"),
            {
                action.action_id: ActionItem(ActionStatus.SAVED, count, 1, 50, 25, "", "", NOW)
                for action, count in zip(self.mandala.actions, COUNTS, strict=True)
            },
        )  # fmt: skip
        for action, count in zip(self.mandala.actions, COUNTS, strict=True):
            for index in range(count):
                conn.execute(
                    'INSERT INTO tasks (id, "actionId", title, description, type, '
                    '"estimatedMinutes", "updatedAt") '
                    "VALUES (%s, %s, '題', '説明', %s::text::\"TaskType\", 30, now())",
                    (
                        task_id(self.execution_id, action.action_id, index),
                        action.action_id,
                        action.type,
                    ),
                )
        conn.execute(
            "INSERT INTO goal_workflows (goal_id, state) VALUES (%s, 'ACTIVE')",
            (self.mandala.goal_id,),
        )

    def verify(self) -> Verified:
        return verify(self.conn, self.execution_id, self.mandala, self.snapshot)


@pytest.fixture
def given(product: Connection) -> Given:
    return Given(product)


def test_tasks_as_in_the_record_are_no_problem(given: Given) -> None:
    verified = given.verify()

    assert verified.problems == ()
    assert (verified.count, verified.others, verified.goal_state) == (5, 0, "ACTIVE")


def test_tasks_have_the_models_order(given: Given) -> None:
    action_id = given.mandala.actions[0].action_id

    ids = [task.task_id for task in given.verify().tasks[action_id]]

    assert ids == [task_id(given.execution_id, action_id, index) for index in range(3)]


def test_a_users_own_task_is_counted_separately(given: Given) -> None:
    given.conn.execute(
        'INSERT INTO tasks (id, "actionId", title, status, "estimatedMinutes", "updatedAt") '
        "VALUES (gen_random_uuid(), %s, '自分で', 'COMPLETED', 5, now())",
        (given.mandala.actions[0].action_id,),
    )

    verified = given.verify()

    assert (verified.problems, verified.count, verified.others) == ((), 5, 1)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE tasks SET title = repeat('あ', 51)", "a title of 51 characters"),
        ("UPDATE tasks SET title = ''", "a title of 0 characters"),
        ("UPDATE tasks SET description = repeat('あ', 201)", "a description of 201 characters"),
        ("UPDATE tasks SET description = NULL", "a description of 0 characters"),
        ('UPDATE tasks SET "estimatedMinutes" = 29', "29 minutes"),
        ('UPDATE tasks SET "estimatedMinutes" = 61', "61 minutes"),
        ("UPDATE tasks SET type = 'HABIT'", "type HABIT, its action's is EXECUTION"),
        ("DELETE FROM tasks WHERE type = 'HABIT'", "action 1-2 has 0 tasks instead of 2"),
        ("DELETE FROM tasks", "0 tasks are saved; the record has 5"),
        ("UPDATE goal_workflows SET state = 'PARTIAL'", "the goal is PARTIAL"),
        ("DELETE FROM goal_workflows", "the goal is without workflow state"),
        (
            "UPDATE goal_workflows SET state = 'PROCESSING', execution_id = gen_random_uuid(), "
            "phase = 'ENDING', previous_state = 'DRAFT'",
            "still locked",
        ),
    ],
)
def test_a_difference_in_the_database_is_a_problem(
    given: Given, statement: LiteralString, problem: str
) -> None:
    given.conn.execute(statement)

    assert any(problem in found for found in given.verify().problems)


def test_tasks_of_a_failed_action_are_a_problem(given: Given) -> None:
    first = given.mandala.actions[0].action_id
    items = dict(given.snapshot.actions)
    items[first] = replace(items[first], status=ActionStatus.FAILED)
    given.snapshot = replace(given.snapshot, actions=items)

    assert "action 1-1 has 3 tasks instead of 0" in given.verify().problems


def test_fewer_tasks_than_the_rules_require_are_a_problem(given: Given) -> None:
    given.conn.execute(
        "DELETE FROM tasks WHERE id = %s",
        (task_id(given.execution_id, given.mandala.actions[0].action_id, 2),),
    )
    first = given.mandala.actions[0].action_id
    items = dict(given.snapshot.actions)
    items[first] = replace(items[first], task_count=2)
    given.snapshot = replace(given.snapshot, actions=items, task_count=4)

    assert given.verify().problems == ("action 1-1 has 2 tasks, not 3-10",)

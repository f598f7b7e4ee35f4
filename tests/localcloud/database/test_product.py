"""The product's tables: what they refuse, and what seeding inserts."""

from datetime import UTC, date, datetime
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import TupleRow

from localcloud.database.product import create_schema, seed_goal, seed_user
from localcloud.goals.goal import Action, Goal, SubGoal

Connection = psycopg.Connection[TupleRow]

GOAL = Goal(
    title="目標",
    deadline=date(2027, 3, 14),
    constraints="平日は夜だけ",
    sub_goals=(
        SubGoal(
            title="一",
            background="背景",
            actions=(Action(title="甲", type="EXECUTION"), Action(title="乙", type="HABIT")),
        ),
        SubGoal(title="二", actions=(Action(title="丙", type="HABIT", description="毎朝"),)),
    ),
)


@pytest.fixture
def user_id(product: Connection) -> str:
    user_id = str(uuid4())
    seed_user(product, user_id, f"{user_id}@example.com", "花子")
    return user_id


@pytest.fixture
def goal_id(product: Connection, user_id: str) -> str:
    return seed_goal(product, user_id, GOAL)


def test_a_goal_is_stored_with_its_parts_in_order(product: Connection, goal_id: str) -> None:
    rows = product.execute(
        "SELECT s.position, s.title, s.background, a.position, a.title, a.type::text, a.description"
        ' FROM sub_goals s JOIN actions a ON a."subGoalId" = s.id WHERE s."goalId" = %s'
        " ORDER BY s.position, a.position",
        (goal_id,),
    ).fetchall()

    assert rows == [
        (0, "一", "背景", 0, "甲", "EXECUTION", None),
        (0, "一", "背景", 1, "乙", "HABIT", None),
        (1, "二", None, 0, "丙", "HABIT", "毎朝"),
    ]


def test_a_goal_starts_active_and_its_deadline_is_the_same_day_in_japan(
    product: Connection, goal_id: str, user_id: str
) -> None:
    product.execute("SET LOCAL TimeZone = 'Asia/Tokyo'")
    row = product.execute(
        'SELECT "userId"::text, status::text, progress, deadline::date, deadline, constraints '
        "FROM goals WHERE id = %s",
        (goal_id,),
    ).fetchone()

    assert row == (
        user_id,
        "ACTIVE",
        0,
        date(2027, 3, 14),
        datetime(2027, 3, 14, tzinfo=UTC),
        "平日は夜だけ",
    )


def test_a_goal_can_be_seeded_with_a_given_id(product: Connection, user_id: str) -> None:
    given = uuid4()

    assert seed_goal(product, user_id, GOAL, given) == str(given)


def test_seeding_a_user_again_updates_the_name(product: Connection, user_id: str) -> None:
    seed_user(product, user_id, "new@example.com", "新しい名前")

    row = product.execute("SELECT email, name FROM users WHERE id = %s", (user_id,)).fetchone()
    assert row == ("new@example.com", "新しい名前")


def test_creating_the_schema_again_changes_nothing(product: Connection, goal_id: str) -> None:
    create_schema(product)

    assert product.execute("SELECT 1 FROM goals WHERE id = %s", (goal_id,)).fetchone()


def test_deleting_a_user_deletes_everything_below(product: Connection, goal_id: str) -> None:
    _add_task(product, goal_id)

    product.execute('DELETE FROM users WHERE id = (SELECT "userId" FROM goals)')

    for count in product.execute(
        "SELECT count(*) FROM goals UNION ALL SELECT count(*) FROM sub_goals "
        "UNION ALL SELECT count(*) FROM actions UNION ALL SELECT count(*) FROM tasks"
    ):
        assert count == (0,)


def test_a_task_starts_as_not_started(product: Connection, goal_id: str) -> None:
    _add_task(product, goal_id)

    assert product.execute("SELECT status::text FROM tasks").fetchall() == [("NOT_STARTED",)]


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE sub_goals SET position = 0", errors.UniqueViolation),
        ("UPDATE actions SET position = 0", errors.UniqueViolation),
        ("UPDATE goals SET title = repeat('あ', 201)", errors.StringDataRightTruncation),
        ("UPDATE actions SET title = repeat('あ', 201)", errors.StringDataRightTruncation),
        ("UPDATE tasks SET title = repeat('あ', 256)", errors.StringDataRightTruncation),
        ("UPDATE goals SET status = 'PARTIAL'", errors.InvalidTextRepresentation),
        ("UPDATE tasks SET status = 'DONE'", errors.InvalidTextRepresentation),
        ("UPDATE tasks SET \"actionId\" = gen_random_uuid()", errors.ForeignKeyViolation),
        ('UPDATE tasks SET "estimatedMinutes" = NULL', errors.NotNullViolation),
        (
            'INSERT INTO tasks (id, "actionId", title, "estimatedMinutes") '
            "SELECT gen_random_uuid(), id, 't', 30 FROM actions",
            errors.NotNullViolation,  # "updatedAt": Prisma sets it in the client
        ),
        (
            "INSERT INTO users (id, email, name, \"updatedAt\") "
            "SELECT gen_random_uuid(), email, 'other', now() FROM users",
            errors.UniqueViolation,
        ),
    ],
)  # fmt: skip
def test_the_product_refuses(
    product: Connection,
    goal_id: str,
    statement: LiteralString,
    error: type[psycopg.Error],
) -> None:
    _add_task(product, goal_id)

    with pytest.raises(error):
        product.execute(statement)


def test_tasks_are_indexed_by_action_and_status(product: Connection) -> None:
    rows = product.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'tasks'").fetchall()

    assert any('("actionId", status)' in definition for (definition,) in rows)


def _add_task(conn: Connection, goal_id: str) -> None:
    conn.execute(
        'INSERT INTO tasks (id, "actionId", title, "estimatedMinutes", "updatedAt") '
        "SELECT gen_random_uuid(), a.id, 't', 30, now() FROM actions a "
        'JOIN sub_goals s ON s.id = a."subGoalId" WHERE s."goalId" = %s LIMIT 1',
        (goal_id,),
    )

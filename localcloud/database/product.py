"""The product's tables (`product.sql`), and the users and goals in them."""

from datetime import UTC, datetime, time
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import psycopg
from psycopg.rows import TupleRow

from localcloud.goals.goal import Action, Goal, SubGoal

_SCHEMA = Path(__file__).with_name("product.sql")

Connection = psycopg.Connection[TupleRow]


def create_schema(conn: Connection) -> None:
    """Create the product's types and tables, unless they exist."""
    with conn.transaction():
        found = conn.execute("SELECT to_regclass('tasks')").fetchone()
        if found is None or found[0] is None:
            conn.execute(_SCHEMA.read_bytes())


def seed_user(conn: Connection, user_id: str, email: str, name: str) -> None:
    """Add a user (`user_id` is Cognito's `sub`), or update the e-mail address and the name."""
    with conn.transaction():
        conn.execute(
            'INSERT INTO users (id, email, name, "updatedAt") VALUES (%s, %s, %s, now()) '
            "ON CONFLICT (id) DO UPDATE "
            'SET email = excluded.email, name = excluded.name, "updatedAt" = now()',
            (user_id, email, name),
        )


def seed_goal(conn: Connection, user_id: str, goal: Goal, goal_id: UUID | None = None) -> str:
    """Add a goal with its sub-goals and actions, in one transaction; returns the goal's id.

    goal_id: by default a new one; the ids of sub-goals and actions follow from it. Positions count
    from 0, as in the product.
    """
    goal_id = goal_id or uuid4()
    # midnight UTC falls on the same date in Japan
    deadline = goal.deadline and datetime.combine(goal.deadline, time(), UTC)
    with conn.transaction():
        conn.execute(
            'INSERT INTO goals (id, "userId", deadline, title, description, background, '
            'constraints, "updatedAt") VALUES (%s, %s, %s, %s, %s, %s, %s, now())',
            (goal_id, user_id, deadline, *_texts(goal)),
        )
        for position, sub_goal in enumerate(goal.sub_goals):
            _seed_sub_goal(conn, goal_id, position, sub_goal)
    return str(goal_id)


def _seed_sub_goal(conn: Connection, goal_id: UUID, position: int, sub_goal: SubGoal) -> None:
    sub_goal_id = uuid5(goal_id, str(position))
    conn.execute(
        'INSERT INTO sub_goals (id, "goalId", position, title, description, background, '
        'constraints, "updatedAt") VALUES (%s, %s, %s, %s, %s, %s, %s, now())',
        (sub_goal_id, goal_id, position, *_texts(sub_goal)),
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO actions (id, "subGoalId", type, position, title, description, background, '
            'constraints, "updatedAt") VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now())',
            [
                (uuid5(sub_goal_id, str(index)), sub_goal_id, action.type, index, *_texts(action))
                for index, action in enumerate(sub_goal.actions)
            ],
        )


def _texts(part: Goal | SubGoal | Action) -> tuple[str | None, ...]:
    return (part.title, part.description, part.background, part.constraints)

"""Saving generated tasks into the product's table `tasks`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import Connection
from psycopg.rows import scalar_row

from handlers.contract.ids import task_id
from handlers.storage.models import GeneratedTask

# Locks the actions, so that none is deleted before its tasks are inserted.
_EXISTING = """
    SELECT a.id::text FROM actions a JOIN sub_goals s ON s.id = a."subGoalId"
    WHERE s."goalId" = %s AND a.id = ANY(%s::uuid[]) FOR KEY SHARE OF a
"""

# Generated tasks have UUIDs of version 5; the product gives a user's own task version 4.
_DELETE_EARLIER = """
    DELETE FROM tasks WHERE "actionId" = %s AND status = 'NOT_STARTED'
    AND substr(id::text, 15, 1) = '5' AND id <> ALL(%s::uuid[])
"""

_INSERT = """
    INSERT INTO tasks
        (id, "actionId", title, description, type, status, "estimatedMinutes", "updatedAt")
    SELECT id, %s, title, description, type::"TaskType", 'NOT_STARTED', minutes, now()
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::smallint[])
        AS task (id, title, description, type, minutes)
    ON CONFLICT (id) DO NOTHING
"""


@dataclass(frozen=True)
class SaveOutcome:
    """Actions by result: saved; missing (deleted meanwhile); refused, with the reason."""

    saved: list[str]
    missing: list[str]
    refused: dict[str, str]


def save(
    connection: Connection,
    execution_id: str,
    goal_id: str,
    results: Mapping[str, Sequence[GeneratedTask]],
) -> SaveOutcome:
    """Save each action's tasks; they replace earlier generated tasks that no user has started.

    Runs in the caller's transaction, which holds the goal's lock. Each action has a savepoint: if
    the database refuses one action's tasks, the others are saved all the same.
    """
    with connection.cursor(row_factory=scalar_row) as cursor:
        existing = set(cursor.execute(_EXISTING, [goal_id, list(results)]).fetchall())
    saved: list[str] = []
    refused: dict[str, str] = {}
    for action_id, tasks in results.items():
        if action_id not in existing:
            continue
        try:
            with connection.transaction():
                _replace(connection, execution_id, action_id, tasks)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            # Without the message, which may quote users' texts.
            refused[action_id] = f"{type(error).__name__} {error.sqlstate or ''}".strip()
        else:
            saved.append(action_id)
    return SaveOutcome(saved, [each for each in results if each not in existing], refused)


def _replace(
    connection: Connection, execution_id: str, action_id: str, tasks: Sequence[GeneratedTask]
) -> None:
    ids = [task_id(execution_id, action_id, index) for index in range(len(tasks))]
    connection.execute(_DELETE_EARLIER, [action_id, ids])
    connection.execute(
        _INSERT,
        [
            action_id,
            ids,
            [task.title for task in tasks],
            [task.description for task in tasks],
            [task.type for task in tasks],
            [task.estimated_minutes for task in tasks],
        ],
    )

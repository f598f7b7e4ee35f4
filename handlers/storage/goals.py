"""The product's goals and actions, as far as the workflow reads them."""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import dict_row, scalar_row

from handlers.storage.models import ActionContext

_ACTIONS_OF_GOAL = """
    FROM actions a JOIN sub_goals s ON s.id = a."subGoalId" JOIN goals g ON g.id = s."goalId"
    WHERE g.id = %(goal_id)s AND (%(only)s::uuid[] IS NULL OR a.id = ANY(%(only)s::uuid[]))
"""
_IN_ORDER = " ORDER BY s.position, a.position"

_IDS = f"SELECT a.id::text {_ACTIONS_OF_GOAL} {_IN_ORDER}"
TEXT_CHARACTERS = 3_000
"""So much of each text is read. Ten texts of this length take at most 120 KB of the 160 KB that a
work item has (items.py); the prompt takes less (generation/fence.py)."""

# The column holds an instant; the deadline is the day in Japan, where the product's users are.
_CONTEXTS = f"""
    SELECT a.id::text AS action_id, a.type::text AS action_type,
        left(a.title, %(most)s) AS action_title,
        left(a.description, %(most)s) AS action_description,
        left(a.background, %(most)s) AS action_background,
        left(a.constraints, %(most)s) AS action_constraints,
        left(s.title, %(most)s) AS sub_goal_title,
        left(s.description, %(most)s) AS sub_goal_description,
        left(g.title, %(most)s) AS goal_title,
        left(g.description, %(most)s) AS goal_description,
        (g.deadline AT TIME ZONE 'Asia/Tokyo')::date AS goal_deadline,
        left(g.background, %(most)s) AS goal_background,
        left(g.constraints, %(most)s) AS goal_constraints
    {_ACTIONS_OF_GOAL} {_IN_ORDER}
"""


def is_owned_by(connection: Connection, goal_id: str, user_id: str) -> bool:
    """Whether the goal exists and belongs to the user."""
    found = connection.execute(
        # As text: a token's `sub` need not be a UUID.
        'SELECT 1 FROM goals WHERE id = %s AND "userId"::text = %s',
        [goal_id, user_id],
    )
    return found.fetchone() is not None


def action_ids(
    connection: Connection, goal_id: str, only: Sequence[str] | None = None
) -> list[str]:
    """Ids of the goal's actions, or of those in `only`, in the order of the mandala."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_IDS, _parameters(goal_id, only)).fetchall()


def contexts(
    connection: Connection, goal_id: str, only: Sequence[str] | None = None
) -> dict[str, ActionContext]:
    """The prompt's texts, each cut to TEXT_CHARACTERS, for each of the same actions, by action id,
    in the same order."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _CONTEXTS, {**_parameters(goal_id, only), "most": TEXT_CHARACTERS}
        ).fetchall()
    return {row.pop("action_id"): ActionContext(**row) for row in rows}


def _parameters(goal_id: str, only: Sequence[str] | None) -> dict[str, object]:
    return {"goal_id": goal_id, "only": None if only is None else list(only)}

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
# The column holds an instant; the deadline is the day in Japan, where the product's users are.
_CONTEXTS = f"""
    SELECT a.id::text AS action_id, a.title AS action_title, a.type::text AS action_type,
        a.description AS action_description, a.background AS action_background,
        a.constraints AS action_constraints,
        s.title AS sub_goal_title, s.description AS sub_goal_description,
        g.title AS goal_title, g.description AS goal_description,
        (g.deadline AT TIME ZONE 'Asia/Tokyo')::date AS goal_deadline,
        g.background AS goal_background, g.constraints AS goal_constraints
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
    """The prompt's texts for each of the same actions, by action id, in the same order."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_CONTEXTS, _parameters(goal_id, only)).fetchall()
    return {row.pop("action_id"): ActionContext(**row) for row in rows}


def _parameters(goal_id: str, only: Sequence[str] | None) -> dict[str, object]:
    return {"goal_id": goal_id, "only": None if only is None else list(only)}

"""A goal as it stands in the product's database, with the ids that the workflow goes by."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from handlers.storage.models import ActionType
from localcloud.database.product import Connection, seed_goal
from localcloud.goals.goal import Goal


@dataclass(frozen=True)
class PlacedAction:
    """An action; positions count from 0."""

    action_id: str
    sub_goal: int
    position: int
    title: str
    type: ActionType

    @property
    def place(self) -> str:
        """Where it stands, as a person counts: "3-1" is the third sub-goal's first action."""
        return f"{self.sub_goal + 1}-{self.position + 1}"


@dataclass(frozen=True)
class Mandala:
    """A goal, its sub-goals' titles and its actions, in the order in which they stand."""

    goal_id: str
    title: str
    sub_goals: tuple[str, ...]
    actions: tuple[PlacedAction, ...]

    def around(self, sub_goal: int) -> Iterator[PlacedAction]:
        """The actions around a sub-goal."""
        return (action for action in self.actions if action.sub_goal == sub_goal)

    def chosen(self, count: int, seed: int) -> tuple[PlacedAction, ...]:
        """So many actions, the same ones for the same seed, whatever their ids."""
        numbers = Random(seed).sample(range(len(self.actions)), count)  # noqa: S311 - a demo's choice
        return tuple(self.actions[number] for number in sorted(numbers))


def place_goal(conn: Connection, user_id: str, goal: Goal) -> Mandala:
    """The goal in the database, seeded if it is not there: the same words are the same goal.

    The e-mail address stands for the owner, whose id differs from cloud to cloud: so one seed of
    the model server has the same goal's actions end alike on every machine.
    """
    with conn.transaction():
        owner = conn.execute("SELECT email FROM users WHERE id = %s", (user_id,)).fetchone()
        if owner is None:
            raise LookupError(f"no user {user_id}")
        goal_id = uuid5(NAMESPACE_URL, f"{owner[0]}/{goal.model_dump_json()}")
        found = conn.execute("SELECT 1 FROM goals WHERE id = %s", (goal_id,)).fetchone()
        if found is None:
            seed_goal(conn, user_id, goal, goal_id)
    return read_mandala(conn, goal_id)


def read_mandala(conn: Connection, goal_id: UUID) -> Mandala:
    """A goal that is in the database."""
    with conn.transaction(), conn.cursor() as cursor:
        title = cursor.execute("SELECT title FROM goals WHERE id = %s", (goal_id,)).fetchone()
        sub_goals = cursor.execute(
            'SELECT title FROM sub_goals WHERE "goalId" = %s ORDER BY position', (goal_id,)
        ).fetchall()
        actions = cursor.execute(
            "SELECT a.id::text, s.position, a.position, a.title, a.type::text FROM actions a "
            'JOIN sub_goals s ON s.id = a."subGoalId" WHERE s."goalId" = %s '
            "ORDER BY s.position, a.position",
            (goal_id,),
        ).fetchall()
    if title is None:
        raise LookupError(f"no goal {goal_id}")
    return Mandala(
        str(goal_id),
        title[0],
        tuple(row[0] for row in sub_goals),
        tuple(PlacedAction(*row) for row in actions),
    )

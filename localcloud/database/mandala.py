"""A goal in the product's database, with the ids that the workflow uses."""

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
        """Its place, counted from 1: "3-1" is the first action of the third sub-goal."""
        return f"{self.sub_goal + 1}-{self.position + 1}"


@dataclass(frozen=True)
class Mandala:
    """A goal, the titles of its sub-goals and its actions, in the order of their positions."""

    goal_id: str
    title: str
    sub_goals: tuple[str, ...]
    actions: tuple[PlacedAction, ...]

    def around(self, sub_goal: int) -> Iterator[PlacedAction]:
        """The actions of a sub-goal."""
        return (action for action in self.actions if action.sub_goal == sub_goal)

    def chosen(self, count: int, seed: int) -> tuple[PlacedAction, ...]:
        """A random choice of `count` actions, the same for the same seed, whatever their ids."""
        numbers = Random(seed).sample(range(len(self.actions)), count)  # noqa: S311 - no secret
        return tuple(self.actions[number] for number in sorted(numbers))


def place_goal(conn: Connection, user_id: str, goal: Goal) -> Mandala:
    """Return the goal in the database, and add it if it is not there.

    Its id follows from its texts and the owner's e-mail address: the same goal file is the same
    goal. The owner's own id would not do, since Cognito gives another one on each cloud: with the
    same ids, one seed of the model server gives the same result on every machine.
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
    """Read a goal. Raises LookupError if it is not in the database."""
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

"""A goal is placed in the database once, with ids that follow from it."""

from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import TupleRow

from localcloud.database.mandala import Mandala, place_goal, read_mandala
from localcloud.database.product import seed_user
from localcloud.goals.goal import Goal
from localcloud.goals.goal_file import GOALS_FOLDER, read_goal

Connection = psycopg.Connection[TupleRow]


@pytest.fixture(scope="module")
def goal() -> Goal:
    return read_goal(GOALS_FOLDER / "bakery.yaml")


@pytest.fixture
def user_id(product: Connection) -> str:
    user_id = str(uuid4())
    seed_user(product, user_id, f"{user_id}@example.com", "花子")
    return user_id


def test_the_same_goal_is_placed_once(product: Connection, user_id: str, goal: Goal) -> None:
    first = place_goal(product, user_id, goal)

    assert place_goal(product, user_id, goal) == first
    assert len({action.action_id for action in first.actions}) == 64


def test_a_goal_with_another_text_gets_another_id(
    product: Connection, user_id: str, goal: Goal
) -> None:
    changed = goal.model_copy(update={"constraints": "予算はない"})

    assert (
        place_goal(product, user_id, goal).goal_id != place_goal(product, user_id, changed).goal_id
    )


def test_the_same_goal_of_another_user_gets_another_id(
    product: Connection, user_id: str, goal: Goal
) -> None:
    other = str(uuid4())
    seed_user(product, other, f"{other}@example.com", "太郎")

    assert place_goal(product, user_id, goal).goal_id != place_goal(product, other, goal).goal_id


def test_actions_have_the_order_of_the_file(product: Connection, user_id: str, goal: Goal) -> None:
    mandala = place_goal(product, user_id, goal)

    assert mandala.title == goal.title
    assert mandala.sub_goals == tuple(sub_goal.title for sub_goal in goal.sub_goals)
    assert [(a.title, a.type) for a in mandala.actions] == [(a.title, a.type) for a in goal.actions]
    assert [a.title for a in mandala.around(2)] == [a.title for a in goal.sub_goals[2].actions]
    assert mandala.actions[17].place == "3-2"


def test_a_seed_chooses_the_same_places_in_every_copy_of_a_goal(
    product: Connection, user_id: str, goal: Goal
) -> None:
    other = str(uuid4())
    seed_user(product, other, f"{other}@example.com", "太郎")
    one, two = place_goal(product, user_id, goal), place_goal(product, other, goal)

    places = [action.place for action in one.chosen(3, seed=7)]

    assert places == [action.place for action in two.chosen(3, seed=7)]
    assert len(set(places)) == 3
    assert any([a.place for a in one.chosen(3, seed)] != places for seed in range(3))
    assert len(one.chosen(64, seed=1)) == 64
    assert one.chosen(0, seed=1) == ()


def test_ids_do_not_depend_on_the_cloud(product: Connection, goal: Goal) -> None:
    """A user's id is new in every cloud, the e-mail address is not."""
    mandalas: list[Mandala] = []
    for user_id in (str(uuid4()), str(uuid4())):
        with product.transaction(force_rollback=True):
            seed_user(product, user_id, "hanako@example.org", "花子")
            mandalas.append(place_goal(product, user_id, goal))

    assert mandalas[0] == mandalas[1]


def test_an_unknown_goal_and_an_unknown_user_are_errors(product: Connection, goal: Goal) -> None:
    with pytest.raises(LookupError):
        read_mandala(product, uuid4())
    with pytest.raises(LookupError):
        place_goal(product, str(uuid4()), goal)

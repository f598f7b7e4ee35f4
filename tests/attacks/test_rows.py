"""Hostile texts in PostgreSQL, the table, the state machine's input, notifications and answers."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.stepfunctions.models import stepfunctions_backends

from handlers.api.views import actions_view, status_view
from handlers.executions.notifications import notification
from handlers.executions.save import save_batch
from handlers.generation.rules import DESCRIPTION_CHARACTERS, TITLE_CHARACTERS
from handlers.storage import goals
from handlers.storage.models import GeneratedTask
from tests.attacks.attack import CANARY, CATEGORIES, TEXTS, TextAttack, of
from tests.handlers.world import ACCOUNT, ONE_CALL, REGION, ProductGoal, World, kept

TABLES = ("users", "goals", "sub_goals", "actions", "tasks", "goal_workflows")
TITLE_COLUMN = 200
COLUMNS = {"action": "actions", "sub_goal": "sub_goals", "goal": "goals"}


def stored(attack: TextAttack) -> dict[str, str]:
    """The attack's texts as PostgreSQL's columns can hold them."""
    return {
        name: text.replace("\0", "")[: TITLE_COLUMN if name.endswith("title") else None]
        for name, text in attack.texts.items()
    }


def write(attack: TextAttack, goal: ProductGoal, action_id: str, world: World) -> None:
    """Put the attack's texts into the rows of an action, its sub-goal and its goal."""
    [[sub_goal_id]] = world.sql('SELECT "subGoalId" FROM actions WHERE id = %s', action_id)
    ids = {"action": action_id, "sub_goal": sub_goal_id, "goal": goal.goal_id}
    for name, text in stored(attack).items():
        part, _, column = name.rpartition("_")
        world.sql(f"UPDATE {COLUMNS[part]} SET {column} = %s WHERE id = %s", text, ids[part])


def everything_but(world: World, goal: ProductGoal) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of other goals, and the tables that there are."""
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    found = {"tables": sorted(world.sql(tables))}
    for name in TABLES:
        rows = world.sql(f"SELECT * FROM {name}")
        found[name] = sorted((row for row in rows if not mentions(row, goal)), key=str)
    return found


def mentions(row: tuple[Any, ...], goal: ProductGoal) -> bool:
    return any(each in str(row) for each in (goal.goal_id, goal.user_id, *goal.action_ids))


@pytest.mark.parametrize("category", CATEGORIES)
def test_hostile_texts_are_values_everywhere(category: str, world: World) -> None:
    attacks = of(category)
    goal, bystander = world.add_goal(len(attacks), 1), world.add_goal(1, 1)
    before = everything_but(world, goal)
    for attack, action_id in zip(attacks, goal.action_ids, strict=True):
        write(attack, goal, action_id, world)

    execution_id = world.start(goal)
    plan = world.prepare(goal, execution_id)
    assert_read_as_written(attacks, goal, world)
    assert_only_ids_travel(plan, execution_id)
    for attack, action_id in zip(attacks, goal.action_ids, strict=True):
        keep(task_of(attack), action_id, execution_id, world)
    assert save_batch(world.stores, goal.goal_id, execution_id, goal.action_ids).refused == {}
    record = world.finish(goal, execution_id)

    for attack, action_id in zip(attacks, goal.action_ids, strict=True):
        rows = world.sql(
            'SELECT title, description, type::text, status::text FROM tasks WHERE "actionId" = %s',
            action_id,
        )
        assert rows == [(*task_of(attack), "HABIT", "NOT_STARTED")], attack
    assert everything_but(world, goal) == before
    assert world.tasks(bystander.action_ids[0]) == []
    items = world.work_items.of(execution_id)
    answers = [
        status_view(record, items, datetime.now(UTC)),
        actions_view(record, items),
        notification(execution_id, goal.goal_id, record),
    ]
    assert CANARY not in json.dumps(answers, ensure_ascii=False)


def assert_read_as_written(attacks: list[TextAttack], goal: ProductGoal, world: World) -> None:
    with world.stores.database.transaction() as connection:
        contexts = goals.contexts(connection, goal.goal_id, None)
    for attack, action_id in zip(attacks, goal.action_ids, strict=True):
        for name, text in stored(attack).items():
            # The goal's own texts are those of the last attack that has some.
            if not name.startswith("goal") or attack is attacks[-1]:
                read = getattr(contexts[action_id], name)
                assert read == text[: goals.TEXT_CHARACTERS], (str(attack), name)


def assert_only_ids_travel(plan: object, execution_id: str) -> None:
    assert CANARY not in str(plan)
    [machine] = stepfunctions_backends[ACCOUNT][REGION].state_machines
    [started] = [each for each in machine.executions if each.name == execution_id]
    assert CANARY not in json.dumps(json.loads(started.execution_input), ensure_ascii=False)
    assert "{%" not in started.execution_input


def task_of(attack: TextAttack) -> tuple[str, str]:
    """What an obedient model makes of the text: a title and a description."""
    text = attack.text.replace("\0", "").replace(CANARY, "") or "-"
    return text[:TITLE_CHARACTERS], text[:DESCRIPTION_CHARACTERS]


def keep(task: tuple[str, str], action_id: str, execution_id: str, world: World) -> None:
    world.attempts.begin(execution_id, action_id, prompt_version="1", model="nova")
    answer = kept([GeneratedTask(*task, "HABIT", 30)])
    world.attempts.keep_tasks(execution_id, action_id, 1, answer, ONE_CALL)


def test_every_text_of_the_product_is_attacked_in_its_column() -> None:
    assert {name.rpartition("_")[0] for name in TEXTS} == set(COLUMNS)


def test_texts_without_end_are_cut_so_that_the_items_fit_into_the_table(world: World) -> None:
    goal = world.add_goal(5, 5)
    endless = dict.fromkeys(TEXTS, "𠮷" * 20_000)
    for action_id in goal.action_ids:
        write(TextAttack("any", "endless", "ja", endless), goal, action_id, world)
    execution_id = world.start(goal)

    assert len(world.prepare(goal, execution_id).action_ids) == 25
    item = world.item(execution_id, goal.action_ids[0])
    assert len(item.context.goal_background or "") == goals.TEXT_CHARACTERS

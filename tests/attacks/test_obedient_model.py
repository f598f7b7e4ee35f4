"""A model that obeys the hostile text: it can write what tasks say, and nothing else."""

import re

import pytest

from handlers.contract.errors import ErrorCode
from handlers.contract.hidden_text import without_hidden
from handlers.generation.answer import read_tasks
from handlers.generation.errors import GenerationError
from handlers.generation.rules import (
    DESCRIPTION_CHARACTERS,
    MAXIMUM_MINUTES,
    MINIMUM_MINUTES,
    RULES,
    TITLE_CHARACTERS,
)
from handlers.storage.models import GeneratedTask
from handlers.storage.work_item_format import task_values
from tests.attacks.attack import ATTACKS, CANARY, TextAttack
from tests.attacks.evil_model import EvilAnswer, obedient_answers

RULE = RULES["EXECUTION"]
INVISIBLE = re.compile(r"[\0-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def assert_is_a_task(task: GeneratedTask) -> None:
    values = task_values(task)
    assert list(values) == ["title", "description", "type", "estimatedMinutes"]
    assert [type(value) for value in values.values()] == [str, str, str, int]
    assert 1 <= len(task.title) <= TITLE_CHARACTERS
    assert 1 <= len(task.description) <= DESCRIPTION_CHARACTERS
    assert "\n" not in task.title
    assert task.type == RULE.type
    assert MINIMUM_MINUTES <= task.estimated_minutes <= MAXIMUM_MINUTES
    for text in (task.title, task.description):
        assert not INVISIBLE.search(text.replace("\t", " "))
        assert without_hidden(text) == text
        text.encode()


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_obedient_model_changes_task_texts_within_the_rules_or_gets_an_error(
    attack: TextAttack,
) -> None:
    outcomes = [outcome(answer) for answer in obedient_answers(attack)]

    for tasks in (tasks for tasks in outcomes if isinstance(tasks, tuple)):
        assert RULE.minimum <= len(tasks) <= RULE.maximum
        for task in tasks:
            assert_is_a_task(task)
    errors = [error for error in outcomes if isinstance(error, GenerationError)]
    assert all(error.code in ErrorCode for error in errors)
    assert CANARY not in " ".join(map(str, errors))
    assert 0 < len(errors) < len(outcomes)


def outcome(answer: EvilAnswer) -> tuple[GeneratedTask, ...] | GenerationError:
    """The tasks of an answer, or the error that it ends in; any other error is a defect."""
    try:
        return read_tasks(answer.stop_reason, answer.content, RULE).tasks
    except GenerationError as error:
        return error

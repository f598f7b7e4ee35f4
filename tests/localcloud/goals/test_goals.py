"""The goals that come with the local stack."""

from collections import Counter

import pytest

from localcloud.goals.goal import Goal
from localcloud.goals.goal_file import GOALS_FOLDER, read_goal

PATHS = sorted(GOALS_FOLDER.glob("*.yaml"))


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def goal(request: pytest.FixtureRequest) -> Goal:
    return read_goal(request.param)


def test_there_are_two() -> None:
    assert [path.stem for path in PATHS] == ["bakery", "marathon"]


def test_a_mandala_is_complete(goal: Goal) -> None:
    assert [len(sub_goal.actions) for sub_goal in goal.sub_goals] == [8] * 8
    assert goal.deadline
    assert all((goal.description, goal.background, goal.constraints))


def test_no_two_actions_say_the_same(goal: Goal) -> None:
    for texts in (
        [action.title for action in goal.actions],
        [action.description for action in goal.actions],
        [sub_goal.title for sub_goal in goal.sub_goals],
    ):
        assert None not in texts
        assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_every_sub_goal_has_things_to_do_and_things_to_keep_doing(goal: Goal) -> None:
    kinds = Counter(action.type for action in goal.actions)
    assert kinds["HABIT"] >= 16
    assert kinds["EXECUTION"] >= 32
    for sub_goal in goal.sub_goals:
        assert sub_goal.description
        assert sub_goal.background
        assert sub_goal.constraints
        assert "EXECUTION" in {action.type for action in sub_goal.actions}


def test_titles_fit_the_grid_of_results(goal: Goal) -> None:
    assert max(len(action.title) for action in goal.actions) <= 24

"""A goal as a person writes it: a mandala of up to 8 sub-goals with up to 8 actions each."""

import unicodedata
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from handlers.work import ActionType

TITLE_CHARACTERS = 200
"""The product's title columns are varchar(200)."""

TEXT_CHARACTERS = 1000
"""The product's text columns have no limit of their own; its goal form has this one."""

MANDALA_SIZE = 8
"""Sub-goals around a goal, and actions around a sub-goal; fewer are fine, more have no place."""


def _without_control_characters(text: str) -> str:
    # PostgreSQL refuses NUL, UTF-8 refuses lone surrogates, and the rest garbles a terminal.
    for character in text:
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs"):
            raise ValueError(f"text without control characters; it contains {character!r}")
    return text


def _on_one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("one line of text; it contains a line break")
    return text


_Text = Annotated[str, AfterValidator(_without_control_characters)]
Title = Annotated[
    _Text, AfterValidator(_on_one_line), Field(min_length=1, max_length=TITLE_CHARACTERS)
]
Text = Annotated[_Text, Field(max_length=TEXT_CHARACTERS)]


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    title: Title
    description: Text | None = None
    background: Text | None = None
    constraints: Text | None = None


class Action(_Words):
    """Something to do once, step by step (EXECUTION), or again and again (HABIT)."""

    type: ActionType


class SubGoal(_Words):
    """One of the fields around the goal, and the actions around it."""

    actions: Annotated[tuple[Action, ...], Field(min_length=1, max_length=MANDALA_SIZE)]


class Goal(_Words):
    """What a person wants to reach, and by when."""

    deadline: date | None = None
    sub_goals: Annotated[tuple[SubGoal, ...], Field(min_length=1, max_length=MANDALA_SIZE)]

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions, in the mandala's order."""
        return tuple(action for sub_goal in self.sub_goals for action in sub_goal.actions)

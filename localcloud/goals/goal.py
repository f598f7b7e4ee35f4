"""A goal as a person writes it: a mandala of up to 8 sub-goals with up to 8 actions each."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from handlers.storage.models import ActionType

TITLE_CHARACTERS = 200
"""The product's title columns are varchar(200)."""

TEXT_CHARACTERS = 1000
"""The product's text columns have no limit of their own; its goal form has this one."""

MANDALA_SIZE = 8
"""Sub-goals around a goal, and actions around a sub-goal; fewer are fine, more have no place."""

FIRST_DEADLINE, LAST_DEADLINE = date(2000, 1, 1), date(2099, 12, 31)


def _clean(text: str) -> str:
    # PostgreSQL refuses NUL, UTF-8 refuses lone surrogates, and the rest garbles a terminal.
    if any(c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise ValueError("control character")
    return text


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1:
        raise ValueError("line break")
    return text


def _day(value: Any) -> Any:
    # pydantic would also take times and Unix seconds
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("not YYYY-MM-DD")
    return value


Title = Annotated[
    str,
    Field(min_length=1, max_length=TITLE_CHARACTERS),
    AfterValidator(_clean),
    AfterValidator(_one_line),
]
Text = Annotated[str, Field(max_length=TEXT_CHARACTERS), AfterValidator(_clean)]
Deadline = Annotated[date, Field(ge=FIRST_DEADLINE, le=LAST_DEADLINE), BeforeValidator(_day)]


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

    deadline: Deadline | None = None
    sub_goals: Annotated[tuple[SubGoal, ...], Field(min_length=1, max_length=MANDALA_SIZE)]

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions, in the mandala's order."""
        return tuple(action for sub_goal in self.sub_goals for action in sub_goal.actions)

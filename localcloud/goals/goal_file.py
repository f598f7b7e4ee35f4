"""A goal from a YAML file (docs/goal-file.md), or all that is wrong with it and where."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from localcloud.goals.goal import (
    FIRST_DEADLINE,
    LAST_DEADLINE,
    MANDALA_SIZE,
    TEXT_CHARACTERS,
    TITLE_CHARACTERS,
    Action,
    Goal,
    SubGoal,
)
from localcloud.goals.yaml_reader import (
    MAX_BYTES,
    Document,
    Place,
    Problem,
    UnreadableYamlError,
    load,
    shown,
)

GOALS_FOLDER = Path(__file__).parent
"""The goals that come with the local stack, one file each."""

_SHOWN_PROBLEMS = 20

_TEXT = f"text of at most {TEXT_CHARACTERS} characters, no control characters"
_ALLOWED = {
    "title": f"one line of 1 to {TITLE_CHARACTERS} characters, no control characters",
    "description": _TEXT,
    "background": _TEXT,
    "constraints": _TEXT,
    "deadline": f"a day as YYYY-MM-DD, from {FIRST_DEADLINE} to {LAST_DEADLINE}",
    "type": "EXECUTION or HABIT",
    "sub_goals": f"a list of 1 to {MANDALA_SIZE} sub-goals",
    "actions": f"a list of 1 to {MANDALA_SIZE} actions",
}


class GoalFileError(Exception):
    """A file that holds no goal we can take; its text says what is wrong, a problem a line."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = sorted(problems)
        lines = [f"{path}:{problem}" for problem in self.problems[:_SHOWN_PROBLEMS]]
        if len(problems) > _SHOWN_PROBLEMS:
            lines.append(f"... and {len(problems) - _SHOWN_PROBLEMS} more")
        super().__init__("\n".join(lines))


def read_goal(path: Path) -> Goal:
    """The goal in a file; raises GoalFileError."""
    return parse_goal(_content(path), path)


def parse_goal(content: bytes, path: Path = Path("goal.yaml")) -> Goal:
    """The goal in a file's content; raises GoalFileError, which names the file by `path`."""
    try:
        document = load(content, MANDALA_SIZE)
    except UnreadableYamlError as error:
        raise GoalFileError(path, [error.problem]) from None
    try:
        goal = Goal.model_validate(document.data)
    except ValidationError as error:
        for detail in error.errors():
            _report(document, detail)
        raise GoalFileError(path, document.problems) from None
    if document.problems:
        raise GoalFileError(path, document.problems)
    return goal


def _content(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise GoalFileError(path, [Problem(0, 0, "", "a folder or device", "a goal file")])
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        found = error.strerror or str(error)
        raise GoalFileError(path, [Problem(0, 0, "", found, "a goal file")]) from None


def _report(document: Document, detail: ErrorDetails) -> None:
    place = detail["loc"]
    match detail["type"]:
        case "missing":
            document.report(document.marks[place[:-1]], place, "nothing", _allowed(place))
        case "extra_forbidden":
            fields = _fields(place[:-1])
            close = get_close_matches(str(place[-1]), fields, 1)
            found = f"an unknown key (is {close[0]} meant?)" if close else "an unknown key"
            document.report(document.key_marks[place], place, found, ", ".join(fields))
        case "too_short" if detail["input"]:
            pass  # the list has entries, and each has a problem of its own
        case _:
            found = _kind(detail["input"])
            document.report(document.marks[place], place, found, _allowed(place))


def _fields(place: Place) -> tuple[str, ...]:
    """The keys of the mapping at a place."""
    model = {0: Goal, 2: SubGoal}.get(len(place), Action)
    return tuple(model.model_fields)


def _allowed(place: Place) -> str:
    if place and isinstance(place[-1], str):
        return _ALLOWED[place[-1]]
    return f"a mapping with the keys {', '.join(_fields(place))}"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case str():
            return shown(value)
        case dict():
            return "a mapping"
        case _:
            return "a list" if value else "an empty list"

"""Reads one task field by field; a value that is not certain stays unchanged, to be refused."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from handlers.contract.hidden_text import without_hidden
from handlers.generation.coercion import Coercion
from handlers.generation.errors import InvalidAnswerError
from handlers.generation.json_text import is_object
from handlers.generation.rules import TaskRules

UNREADABLE = re.compile(
    r"[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters except white space, direction marks, halves of surrogate pairs."""

_LINE_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_WHITE_SPACE = re.compile("\r\n|[\t\n\r\v\f\x85\u2028\u2029]")
_MINUTES = re.compile(r"(\d{1,4})(?:\.0+)?\s*(?:分|min(?:ute)?s?)?", re.IGNORECASE)
_MOST_MINUTES = 10_000
_LONGEST_TYPE = 40


def is_task(value: Any) -> bool:
    """Whether a value is an object with all fields of a task, whatever they hold."""
    return is_object(value) and _FIELDS.keys() <= {_plain(name) for name in value}


def is_part_of_a_task(value: Any) -> bool:
    """Whether a value is an object with some field of a task."""
    return is_object(value) and any(_plain(name) in _FIELDS for name in value)


def meant_task(given: dict[str, Any], rules: TaskRules, coerced: set[Coercion]) -> dict[str, Any]:
    """The task with the requested fields in the requested form; adds differences to `coerced`.

    Raises InvalidAnswerError for a field that occurs twice with different values.
    """
    fields: dict[str, Any] = {}
    for name, value in given.items():
        field = _FIELDS.get(_plain(name))
        if field is None:
            coerced.add(Coercion.SPARE_FIELD)
            continue
        if field != name:
            coerced.add(Coercion.FIELD_NAME)
        if fields.setdefault(field, value) != value:
            raise InvalidAnswerError([f"{field} stands in one task twice, with different values"])
    for field, value in fields.items():
        kind, read = _READERS[field]
        fields[field] = meant = read(value, rules)
        if meant is not value:
            coerced.add(kind)
    return fields


def _plain(name: str) -> str:
    """A field's name without case, underscores and spaces, in which spellings differ."""
    return re.sub(r"[\W_]+", "", name).casefold()


# Each of these returns the given object itself, unless it reads it as another value.


def _title(given: Any, _: TaskRules) -> Any:
    return _text(given, _WHITE_SPACE, " ")


def _description(given: Any, _: TaskRules) -> Any:
    return _text(given, _LINE_BREAK, "\n")


def _text(given: Any, spaces: re.Pattern[str], space: str) -> Any:
    if not isinstance(given, str):
        return given
    stripped = given.strip()
    meant = spaces.sub(space, stripped)
    if not UNREADABLE.search(meant):
        meant = without_hidden(meant)
    return given if meant == stripped else meant


def _type(given: Any, rules: TaskRules) -> Any:
    if not isinstance(given, str) or given == rules.type or len(given) > _LONGEST_TYPE:
        return given
    word = unicodedata.normalize("NFKC", given).strip().upper()
    return rules.type if word == rules.type else given


def _minutes(given: Any, _: TaskRules) -> Any:
    if isinstance(given, float) and given.is_integer() and abs(given) < _MOST_MINUTES:
        return int(given)
    if isinstance(given, str) and (number := _MINUTES.fullmatch(given.strip())):
        return int(number[1])
    return given


_READERS: dict[str, tuple[Coercion, Callable[[Any, TaskRules], Any]]] = {
    "title": (Coercion.CHARACTERS, _title),
    "description": (Coercion.CHARACTERS, _description),
    "type": (Coercion.TYPE, _type),
    "estimatedMinutes": (Coercion.MINUTES, _minutes),
}
_FIELDS = {_plain(field): field for field in _READERS}

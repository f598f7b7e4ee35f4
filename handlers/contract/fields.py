"""Flat JSON objects, read field by field: each value is read, or refused by its name.

Requests and events have a handful of fields. To declare them with pydantic would cost each function
of the API and each step a fifth of its init phase (decision 0028).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast


@dataclass(frozen=True)
class Field:
    """One field.

    name: in the object. read: the value as it is used; raises ValueError if it is not allowed.
    allowed: what is, in words. A field that is not required may be missing or null.
    """

    name: str
    read: Callable[[Any], Any]
    allowed: str
    required: bool = False


class Problem(NamedTuple):
    """A field that is missing (value None), not allowed or (allowed None) not known."""

    name: str
    value: Any
    allowed: str | None


class FieldsError(ValueError):
    """Some fields are wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.name for problem in problems))
        self.problems = problems


def read_fields(fields: Mapping[str, Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values by the keys of `fields`, without those of missing fields. Raises FieldsError."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, field in fields.items():
        value = given.get(field.name)
        if value is None and not field.required:
            continue
        try:
            values[key] = field.read(value)
        except ValueError:
            problems.append(Problem(field.name, value, field.allowed))
    known = {field.name for field in fields.values()}
    problems += [Problem(name, value, None) for name, value in given.items() if name not in known]
    if problems:
        raise FieldsError(problems)
    return values


def read_known_fields(fields: Mapping[str, Field], given: Any) -> dict[str, Any]:
    """The same for an object that may have more fields. Raises FieldsError, also if it is none."""
    if not isinstance(given, dict):
        raise FieldsError([Problem("object", given, "a JSON object")])
    values = cast("dict[str, Any]", given)
    names = {field.name for field in fields.values()}
    return read_fields(fields, {name: values[name] for name in values if name in names})


def matching(pattern: str) -> Callable[[Any], str]:
    """Reads a text that matches the whole pattern."""
    compiled = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError
        return value

    return read


def moment(value: Any) -> datetime:
    """Reads a time in ISO 8601."""
    return datetime.fromisoformat(text(value))


def amount(value: Any) -> int:
    """Reads a whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def text(value: Any) -> str:
    """Reads any text."""
    if not isinstance(value, str):
        raise ValueError
    return value

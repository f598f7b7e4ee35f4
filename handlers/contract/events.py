"""The events that the state machine invokes the functions with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from handlers.contract.fields import Field, FieldsError, Problem, matching, read_fields

_SHOWN_CHARACTERS = 100

read_id = matching(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Reads a UUID as PostgreSQL writes it."""

ID = "a UUID in lower case"


def read_ids(value: Any) -> list[str]:
    """Reads a list of UUIDs that is not empty."""
    if not isinstance(value, list) or not value:
        raise ValueError
    return [read_id(each) for each in value]  # pyright: ignore[reportUnknownVariableType]


IDS = "a list of one or more UUIDs in lower case"


class InvalidEventError(ValueError):
    """The event is not as declared: names each field, its value and what is allowed. Permanent."""


@dataclass(frozen=True, kw_only=True)
class StepEvent:
    """What every step of an execution is invoked with; a field that is not declared is refused.

    request_id: the API request that started the execution; None if it was started otherwise.
    """

    fields: ClassVar[Mapping[str, Field]] = {
        "execution_id": Field("executionId", read_id, ID, required=True),
        "goal_id": Field("goalId", read_id, ID, required=True),
        "request_id": Field(
            "requestId", matching("[0-9A-Za-z=_+/-]{1,64}"), "the id of an API request"
        ),
    }

    execution_id: str
    goal_id: str
    request_id: str | None = None

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Self:
        """The event. Raises InvalidEventError."""
        try:
            return cls(**read_fields(cls.fields, event))
        except FieldsError as error:
            problems = "; ".join(map(_words, error.problems))
        raise InvalidEventError(problems)

    @property
    def ids(self) -> dict[str, str]:
        """The ids for the step's log lines."""
        ids = {"executionId": self.execution_id, "goalId": self.goal_id}
        return {**ids, "requestId": self.request_id} if self.request_id else ids


def _words(problem: Problem) -> str:
    if problem.allowed is None:
        return f"{problem.name}: is not known, got {repr(problem.value)[:_SHOWN_CHARACTERS]}"
    given = "nothing" if problem.value is None else repr(problem.value)[:_SHOWN_CHARACTERS]
    return f"{problem.name}: must be {problem.allowed}, got {given}"

"""The base of what the state machine hands a function: checked here, named in the error."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

_SHOWN_CHARACTERS = 100

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
]
"""A UUID as PostgreSQL writes it."""

RequestId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z=_+/-]{1,64}$")]
"""An id of API Gateway's."""


class InvalidEventError(ValueError):
    """The caller sent something else than agreed. Permanent."""


class Event(BaseModel):
    """An event with camelCase fields, all of them known."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    @classmethod
    def parse(cls, event: dict[str, Any]) -> Self:
        """The event; InvalidEventError names each field, what is wrong with it and its value."""
        try:
            return cls.model_validate(event)
        except ValidationError as error:
            problems = (
                f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}, got {_shown(detail)}"
                for detail in error.errors(include_url=False)
            )
            raise InvalidEventError("; ".join(problems)) from None


class Step(Event):
    """What every step of an execution is told: whose it is.

    request_id: the API request that started the execution; None if it was started otherwise.
    """

    execution_id: Id
    goal_id: Id
    request_id: RequestId | None = None

    @property
    def ids(self) -> dict[str, str]:
        """The ids that every log line of the step carries."""
        ids = {"executionId": self.execution_id, "goalId": self.goal_id}
        return {**ids, "requestId": self.request_id} if self.request_id else ids


def _shown(detail: Any) -> str:
    return "nothing" if detail["type"] == "missing" else repr(detail["input"])[:_SHOWN_CHARACTERS]

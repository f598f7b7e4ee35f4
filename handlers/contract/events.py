"""The events that the state machine invokes the functions with."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from handlers.contract.validation import problems

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
]
"""A UUID as PostgreSQL writes it."""

RequestId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z=_+/-]{1,64}$")]
"""The id that API Gateway gave the request."""


class InvalidEventError(ValueError):
    """The event is not as declared: names each field, its value and what is allowed. Permanent."""


class Event(BaseModel):
    """An event with camelCase fields; a field that is not declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    @classmethod
    def parse(cls, event: dict[str, Any]) -> Self:
        """The event. Raises InvalidEventError."""
        try:
            return cls.model_validate(event)
        except ValidationError as error:
            raise InvalidEventError(problems(error)) from None


class StepEvent(Event):
    """What every step of an execution is invoked with.

    request_id: the API request that started the execution; None if it was started otherwise.
    """

    execution_id: Id
    goal_id: Id
    request_id: RequestId | None = None

    @property
    def ids(self) -> dict[str, str]:
        """The ids for the step's log lines."""
        ids = {"executionId": self.execution_id, "goalId": self.goal_id}
        return {**ids, "requestId": self.request_id} if self.request_id else ids

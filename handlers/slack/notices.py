"""What the topics carry: an alarm that has changed, an execution that has ended, or a remark.

Everything here was written by somebody else. Only an ending's fields are held to a form; all other
texts stay what they are and are made harmless where they are shown (`plain_text`).
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel, to_pascal

from handlers.contract.alarm_routes import AlarmRoute, read_route
from handlers.contract.errors import ErrorCode
from handlers.contract.events import Id
from handlers.contract.statuses import ExecutionStatus

AlarmState = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]

_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
_DATAPOINT = re.compile(r"datapoints? \[(-?[\d.]+(?:E-?\d+)?) \(")
"""The newest value, as CloudWatch words a reason: `1 datapoint [12.5 (24/11/26 09:30:00)] ...`"""

_ARN = r"^arn:aws:states:[a-z0-9-]+:\d{12}:execution:[A-Za-z0-9_-]+:[0-9a-f-]{36}$"
_ALARM_ARN = r"^arn:aws:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+$"
_M = TypeVar("_M", bound=BaseModel)
_Count = Annotated[int, Field(ge=0)]


class UnreadableError(ValueError):
    """Not a notification of SNS: it will be no better the next time."""


@dataclass(frozen=True)
class Measured:
    """One metric alarm: the newest value against its threshold, as far as they are known.

    description: of a composite's child, whose own description says less.
    """

    alarm: str
    value: float | None = None
    sign: str = ""
    threshold: float | None = None
    description: str = ""


@dataclass(frozen=True)
class AlarmChange:
    """An alarm's new state.

    measured: of the metric alarm itself, or of the children that a composite names.
    """

    name: str
    arn: str
    description: str
    state: AlarmState
    previous: AlarmState
    reason: str
    changed_at: datetime
    measured: tuple[Measured, ...] = ()

    @property
    def route(self) -> AlarmRoute:
        """The way of its messages to people."""
        return read_route(self.name)


@dataclass(frozen=True)
class Ending:
    """An execution's ending; counts are of actions."""

    execution_id: str
    execution_arn: str
    goal_id: str
    status: ExecutionStatus
    total: int
    succeeded: int
    failed: int
    error_code: ErrorCode | None
    started_at: datetime | None
    ended_at: datetime

    @property
    def failed_percent(self) -> float:
        """Of all actions, those that failed; 100 where the execution failed without any."""
        return 100 * self.failed / self.total if self.total else 100.0


@dataclass(frozen=True)
class Remark:
    """Any other text that somebody published."""

    subject: str
    text: str
    at: datetime


Notice = AlarmChange | Ending | Remark


@dataclass(frozen=True)
class Told:
    """A notice, and the key by which it is told only once."""

    key: str
    notice: Notice


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_pascal)


class _Envelope(_Model):
    type: Literal["Notification"]
    message_id: Annotated[str, StringConstraints(min_length=1)]
    message: str
    timestamp: datetime
    subject: str | None = None


class _Trigger(_Model):
    comparison_operator: str = ""
    threshold: float | None = None


class _Child(_Model):
    arn: str


class _Alarm(_Model):
    alarm_name: str
    alarm_arn: Annotated[str, StringConstraints(pattern=_ALARM_ARN)]
    alarm_description: str | None = None
    new_state_value: AlarmState
    old_state_value: AlarmState
    new_state_reason: str = ""
    state_change_time: datetime
    trigger: _Trigger | None = None
    triggering_children: list[_Child] = Field(default_factory=list[_Child])


class _Ending(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)
    execution_id: Id
    execution_arn: Annotated[str, StringConstraints(pattern=_ARN)]
    goal_id: Id
    status: ExecutionStatus
    total_actions: _Count
    succeeded_actions: _Count
    failed_actions: _Count
    error_code: ErrorCode | None = None
    started_at: datetime | None = None


def read(body: str) -> Told:
    """The notice in a queue's message, which is SNS's envelope; raises UnreadableError."""
    try:
        envelope = _Envelope.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableError(", ".join(_where(error))) from None
    content = _json_object(envelope.message)
    if alarm := _validated(_Alarm, content):
        return Told(f"{alarm.alarm_name}/{alarm.state_change_time.isoformat()}", _change(alarm))
    if ending := _validated(_Ending, content):
        return Told(f"{ending.execution_id}/{ending.status}", _ended(ending, envelope.timestamp))
    remark = Remark(envelope.subject or "", envelope.message, envelope.timestamp)
    return Told(envelope.message_id, remark)


def measured(alarm: str, comparison: str, threshold: float | None, reason: str) -> Measured:
    """A metric alarm's figures, by its declaration and by the reason that CloudWatch gives."""
    value = _DATAPOINT.search(reason)
    return Measured(
        alarm, float(value[1]) if value else None, _SIGNS.get(comparison, ""), threshold
    )


def _change(alarm: _Alarm) -> AlarmChange:
    if alarm.trigger:
        compared = (alarm.trigger.comparison_operator, alarm.trigger.threshold)
        figures = (measured(alarm.alarm_name, *compared, alarm.new_state_reason),)
    else:
        figures = tuple(
            Measured(child.arn.partition(":alarm:")[2]) for child in alarm.triggering_children
        )
    return AlarmChange(
        name=alarm.alarm_name,
        arn=alarm.alarm_arn,
        description=alarm.alarm_description or "",
        state=alarm.new_state_value,
        previous=alarm.old_state_value,
        reason=alarm.new_state_reason,
        changed_at=alarm.state_change_time,
        measured=figures,
    )


def _ended(ending: _Ending, told_at: datetime) -> Ending:
    return Ending(
        execution_id=ending.execution_id,
        execution_arn=ending.execution_arn,
        goal_id=ending.goal_id,
        status=ending.status,
        total=ending.total_actions,
        succeeded=ending.succeeded_actions,
        failed=ending.failed_actions,
        error_code=ending.error_code,
        started_at=ending.started_at,
        ended_at=told_at,
    )


def _validated(model: type[_M], content: Any) -> _M | None:
    try:
        return model.model_validate(content)
    except ValidationError:
        return None


def _json_object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _where(error: ValidationError) -> list[str]:
    return [".".join(map(str, each["loc"])) or each["type"] for each in error.errors()]

"""The notices in the topics' messages: an alarm that changed, an execution that ended, other text.

All of it comes from outside. The fields of an ended execution are validated; every other text stays
as it is and is made harmless where it is shown (`plain_text`).
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_camel, to_pascal

from handlers.contract.alarm_routes import AlarmRoute, read_route
from handlers.contract.errors import ErrorCode
from handlers.contract.events import read_id
from handlers.contract.statuses import ExecutionStatus

AlarmState = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]

_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
_DATAPOINT = re.compile(r"datapoints? \[(-?[\d.]+(?:E-?\d+)?) \(")
"""The newest value in CloudWatch's reason: `1 datapoint [12.5 (24/11/26 09:30:00)] ...`"""

_EXECUTION_ARN = r"^arn:aws:states:[a-z0-9-]+:\d{12}:execution:[A-Za-z0-9_-]+:[0-9a-f-]{36}$"
_ALARM_ARN = r"^arn:aws:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+$"
_M = TypeVar("_M", bound=BaseModel)
_Id = Annotated[str, AfterValidator(read_id)]
_Count = Annotated[int, Field(ge=0)]


class UnreadableNoticeError(ValueError):
    """The message is not a notification of SNS, and will not be one the next time."""


@dataclass(frozen=True)
class AlarmValue:
    """The newest value of a metric alarm and its threshold, as far as they are known.

    sign: between the two, such as `>`.
    threshold: None for anomaly detection, which has a band; the reason holds it.
    description: of an alarm below a composite; it says more than the composite's.
    """

    alarm: str
    value: float | None = None
    sign: str = ""
    threshold: float | None = None
    description: str = ""
    reason: str = ""

    @property
    def is_known(self) -> bool:
        """Whether value and threshold say all."""
        return self.value is not None and self.threshold is not None


@dataclass(frozen=True)
class AlarmNotice:
    """An alarm's new state.

    values: of the metric alarm itself, or of the alarms that made a composite change.
    """

    name: str
    arn: str
    description: str
    state: AlarmState
    previous: AlarmState
    reason: str
    changed_at: datetime
    values: tuple[AlarmValue, ...] = ()

    @property
    def key(self) -> str:
        """Identifies the notice: repeated deliveries have the same key."""
        return f"{self.name}/{self.changed_at.isoformat()}"

    @property
    def route(self) -> AlarmRoute:
        """The way of its messages to people."""
        return read_route(self.name)


@dataclass(frozen=True)
class ExecutionNotice:
    """An execution that ended; the counts are of actions."""

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
    def key(self) -> str:
        """Identifies the notice: repeated deliveries have the same key."""
        return f"{self.execution_id}/{self.status}"

    @property
    def failed_percent(self) -> float:
        """Share of the actions that failed; 100 for an execution that failed before any."""
        return 100 * self.failed / self.total if self.total else 100.0


@dataclass(frozen=True)
class TextNotice:
    """Any other text that was published. key: SNS's id of the message."""

    key: str
    subject: str
    text: str
    at: datetime


Notice = AlarmNotice | ExecutionNotice | TextNotice


class _Message(BaseModel):
    # Deferred: a validator is built for the first message of its kind, and for no part by itself.
    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_pascal, defer_build=True
    )


class _Envelope(_Message):
    type: Literal["Notification"]
    message_id: Annotated[str, StringConstraints(min_length=1)]
    message: str
    timestamp: datetime
    subject: str | None = None


class _Trigger(_Message):
    comparison_operator: str = ""
    threshold: float | None = None


class _ChildState(_Message):
    value: AlarmState


class _Child(_Message):
    arn: str
    state: _ChildState | None = None


class _Alarm(_Message):
    alarm_name: str
    alarm_arn: Annotated[str, StringConstraints(pattern=_ALARM_ARN)]
    alarm_description: str | None = None
    new_state_value: AlarmState
    old_state_value: AlarmState
    new_state_reason: str = ""
    state_change_time: datetime
    trigger: _Trigger | None = None
    triggering_children: list[_Child] = Field(default_factory=list[_Child])


class _Execution(BaseModel):
    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_camel, defer_build=True
    )
    execution_id: _Id
    execution_arn: Annotated[str, StringConstraints(pattern=_EXECUTION_ARN)]
    goal_id: _Id
    status: ExecutionStatus
    total_actions: _Count
    succeeded_actions: _Count
    failed_actions: _Count
    error_code: ErrorCode | None = None
    started_at: datetime | None = None


def read(body: str) -> Notice:
    """The notice in the body of a queue's message, SNS's envelope. Raises UnreadableNoticeError."""
    try:
        envelope = _Envelope.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableNoticeError(", ".join(_where(error))) from None
    content = _json_object(envelope.message)
    if alarm := _validated(_Alarm, content):
        return _alarm_notice(alarm)
    if execution := _validated(_Execution, content):
        return _execution_notice(execution, envelope.timestamp)
    return TextNotice(
        envelope.message_id, envelope.subject or "", envelope.message, envelope.timestamp
    )


def alarm_value(alarm: str, comparison: str, threshold: float | None, reason: str) -> AlarmValue:
    """A metric alarm's value; it stands in the reason that CloudWatch gives for the state."""
    value = _DATAPOINT.search(reason)
    return AlarmValue(
        alarm,
        float(value[1]) if value else None,
        _SIGNS.get(comparison, ""),
        threshold,
        reason=reason,
    )


def _alarm_notice(alarm: _Alarm) -> AlarmNotice:
    if alarm.trigger:
        compared = (alarm.trigger.comparison_operator, alarm.trigger.threshold)
        values = (alarm_value(alarm.alarm_name, *compared, alarm.new_state_reason),)
    else:
        # A rule may also ask whether an alarm is OK, such as workflow-reconcile-swept.
        values = tuple(
            AlarmValue(child.arn.partition(":alarm:")[2])
            for child in alarm.triggering_children
            if child.state is None or child.state.value == alarm.new_state_value
        )
    return AlarmNotice(
        name=alarm.alarm_name,
        arn=alarm.alarm_arn,
        description=alarm.alarm_description or "",
        state=alarm.new_state_value,
        previous=alarm.old_state_value,
        reason=alarm.new_state_reason,
        changed_at=alarm.state_change_time,
        values=values,
    )


def _execution_notice(execution: _Execution, published_at: datetime) -> ExecutionNotice:
    return ExecutionNotice(
        execution_id=execution.execution_id,
        execution_arn=execution.execution_arn,
        goal_id=execution.goal_id,
        status=execution.status,
        total=execution.total_actions,
        succeeded=execution.succeeded_actions,
        failed=execution.failed_actions,
        error_code=execution.error_code,
        started_at=execution.started_at,
        ended_at=published_at,
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

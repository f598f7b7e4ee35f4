"""The notices in the topics' messages: an alarm that changed, an execution that ended, other text.

All of it comes from outside. The fields of an ended execution are validated; every other text stays
as it is and is made harmless where it is shown (`plain_text`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

from handlers.contract.alarm_routes import AlarmRoute, read_route
from handlers.contract.errors import ErrorCode
from handlers.contract.events import ID, read_id
from handlers.contract.fields import (
    Field,
    FieldsError,
    amount,
    matching,
    moment,
    read_known_fields,
    text,
)
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

_EXECUTION_ARN = r"arn:aws:states:[a-z0-9-]+:\d{12}:execution:[A-Za-z0-9_-]+:[0-9a-f-]{36}"
_ALARM_ARN = r"arn:aws:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+"


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


def _state(value: Any) -> AlarmState:
    if value not in get_args(AlarmState):
        raise ValueError
    return value


def _values(value: Any) -> tuple[str, float | None]:
    """A metric alarm's comparison and threshold; anomaly detection has no threshold."""
    trigger = read_known_fields(_TRIGGER, value)
    return trigger.get("comparison", ""), trigger.get("threshold")


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise ValueError
    return float(value)


def _children(value: Any) -> list[tuple[str, AlarmState | None]]:
    """The ARN and the state of each alarm that made a composite change."""
    if not isinstance(value, list):
        raise ValueError
    read = [read_known_fields(_CHILD, each) for each in cast("list[Any]", value)]
    return [(child["arn"], child.get("state")) for child in read]


_TRIGGER = {
    "comparison": Field("ComparisonOperator", text, "a text"),
    "threshold": Field("Threshold", _number, "a number"),
}
_STATES = " or ".join(get_args(AlarmState))
_CHILD = {
    "arn": Field("Arn", text, "a text", required=True),
    "state": Field("State", lambda value: read_known_fields(_VALUE, value)["value"], _STATES),
}
_VALUE = {"value": Field("Value", _state, _STATES, required=True)}
_ENVELOPE = {
    "type": Field("Type", matching("Notification"), "Notification", required=True),
    "key": Field("MessageId", matching("(?s:.+)"), "a text", required=True),
    "message": Field("Message", text, "a text", required=True),
    "at": Field("Timestamp", moment, "a time", required=True),
    "subject": Field("Subject", text, "a text"),
}
_ALARM = {
    "name": Field("AlarmName", text, "a text", required=True),
    "arn": Field("AlarmArn", matching(f"(?s:{_ALARM_ARN})"), "an alarm's ARN", required=True),
    "description": Field("AlarmDescription", text, "a text"),
    "state": Field("NewStateValue", _state, _STATES, required=True),
    "previous": Field("OldStateValue", _state, _STATES, required=True),
    "reason": Field("NewStateReason", text, "a text"),
    "changed_at": Field("StateChangeTime", moment, "a time", required=True),
    "trigger": Field("Trigger", _values, "an object"),
    "children": Field("TriggeringChildren", _children, "a list"),
}
_EXECUTION = {
    "execution_id": Field("executionId", read_id, ID, required=True),
    "execution_arn": Field(
        "executionArn", matching(_EXECUTION_ARN), "an execution's ARN", required=True
    ),
    "goal_id": Field("goalId", read_id, ID, required=True),
    "status": Field("status", ExecutionStatus, "a status", required=True),
    "total": Field("totalActions", amount, "a number", required=True),
    "succeeded": Field("succeededActions", amount, "a number", required=True),
    "failed": Field("failedActions", amount, "a number", required=True),
    "error_code": Field("errorCode", ErrorCode, "an error code"),
    "started_at": Field("startedAt", moment, "a time"),
}


def read(body: str) -> Notice:
    """The notice in the body of a queue's message, SNS's envelope. Raises UnreadableNoticeError."""
    try:
        envelope = read_known_fields(_ENVELOPE, _json(body))
    except FieldsError as error:
        raise UnreadableNoticeError(str(error)) from None
    content = _json(envelope["message"])
    if alarm := _known(_ALARM, content):
        return _alarm_notice(**alarm)
    if execution := _known(_EXECUTION, content):
        optional: dict[str, Any] = {"error_code": None, "started_at": None}
        return ExecutionNotice(**{**optional, **execution}, ended_at=envelope["at"])
    return TextNotice(
        envelope["key"], envelope.get("subject", ""), envelope["message"], envelope["at"]
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


def _alarm_notice(
    *,
    state: AlarmState,
    reason: str = "",
    description: str = "",
    trigger: tuple[str, float | None] | None = None,
    children: Sequence[tuple[str, AlarmState | None]] = (),
    **known: Any,
) -> AlarmNotice:
    if trigger:
        values = (alarm_value(known["name"], *trigger, reason),)
    else:
        # A rule may also ask whether an alarm is OK, such as workflow-reconcile-swept.
        values = tuple(
            AlarmValue(arn.partition(":alarm:")[2])
            for arn, child in children
            if child in (None, state)
        )
    return AlarmNotice(state=state, reason=reason, description=description, values=values, **known)


def _known(fields: Mapping[str, Field], content: Any) -> dict[str, Any] | None:
    try:
        return read_known_fields(fields, content)
    except FieldsError:
        return None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

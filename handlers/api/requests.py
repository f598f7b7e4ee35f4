"""Query, body and headers of the requests; anything else is refused by its name."""

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from handlers.api.errors import InvalidField, invalid
from handlers.contract.hidden_text import without_hidden
from handlers.contract.statuses import ExecutionStatus

BODY_BYTES_AT_MOST = 4096
LIMIT_AT_MOST = 100
REASON_CHARACTERS_AT_MOST = 200

_JAPAN = timezone(timedelta(hours=9))
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.IGNORECASE,
)
# Control, direction and zero-width characters; emoji and some scripts need joiners.
_READABLE = (
    r"^[^\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb]*$"
)
_JSON = re.compile(r'application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")

_BODY_ALLOWED = f"JSON オブジェクト、{BODY_BYTES_AT_MOST} バイトまで"
_CONTENT_TYPE_ALLOWED = "application/json"
_DATE_ALLOWED = "日付 2026-11-24（日本時間）、または時差付きの日時 2026-11-24T09:30:00+09:00"

Model = TypeVar("Model", bound=BaseModel)


def _whole_number(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value):  # int() would take " 1_0" and full-width digits
        raise ValueError("digits only")
    return int(value)


def _start(value: str) -> datetime:
    return _moment(value, time.min)


def _end(value: str) -> datetime:
    return _moment(value, time.max)


def _moment(value: str, time_of_day: time) -> datetime:
    if _DAY.fullmatch(value):
        moment = datetime.combine(date.fromisoformat(value), time_of_day, _JAPAN)
    elif _MOMENT.fullmatch(value):
        moment = datetime.fromisoformat(value.upper())
    else:
        raise ValueError("no date")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)  # Only on the calendar's first and last day.


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListQuery(_Request):
    """The query of a list. Each description names the allowed values for the product's users."""

    status: ExecutionStatus | None = Field(default=None, description=" | ".join(ExecutionStatus))
    since: Annotated[datetime, BeforeValidator(_start)] | None = Field(
        default=None, alias="from", description=_DATE_ALLOWED
    )
    until: Annotated[datetime, BeforeValidator(_end)] | None = Field(
        default=None, alias="to", description=f"from 以降。{_DATE_ALLOWED}"
    )
    limit: Annotated[int, BeforeValidator(_whole_number)] = Field(
        default=20, ge=1, le=LIMIT_AT_MOST, description=f"1 から {LIMIT_AT_MOST} までの整数"
    )
    cursor: str | None = Field(
        default=None,
        max_length=2000,
        description="同じ条件の一覧が返した nextCursor（24 時間有効、本人だけが使用可能）",
    )


class NoQuery(_Request):
    """The query of a route without query parameters."""


class EmptyBody(_Request):
    """The body of a route without a body: none, or `{}`."""


_REASON = Field(max_length=REASON_CHARACTERS_AT_MOST, pattern=_READABLE)


class CancelBody(_Request):
    """The body of a cancel.

    reason: for the log, at most 200 visible characters; a joiner that joins nothing is dropped.
    """

    reason: Annotated[str, _REASON, AfterValidator(without_hidden)] | None = Field(
        default=None,
        description=f"{REASON_CHARACTERS_AT_MOST} 文字までの文字列。制御文字などは使用不可",
    )


def query_of(model: type[Model], parameters: Mapping[str, str] | None) -> Model:
    """The query string's parameters. Raises ApiError 400."""
    try:
        query = model.model_validate(dict(parameters or {}))
    except ValidationError as error:
        raise invalid(_problems(model, error)) from None
    if isinstance(query, ListQuery) and query.since and query.until and query.since > query.until:
        allowed = str(ListQuery.model_fields["until"].description)
        raise invalid([InvalidField("to", (parameters or {})["to"], allowed)])
    return query


def body_of(
    model: type[Model], body: str | None, *, is_base64: bool, content_type: str | None
) -> Model:
    """The JSON body; a missing one is `{}`. Raises ApiError 400."""
    content = b64decode(body or "") if is_base64 else (body or "").encode(errors="replace")
    if not content:
        return model()
    if not _JSON.fullmatch((content_type or "").strip()):
        raise invalid([InvalidField("content-type", content_type, _CONTENT_TYPE_ALLOWED)])
    if len(content) > BODY_BYTES_AT_MOST:
        raise invalid([InvalidField("body", f"{len(content)} bytes", _BODY_ALLOWED)])
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise invalid(_problems(model, error)) from None


def idempotency_key(value: str | None) -> str | None:
    """The header `Idempotency-Key`, if it is there. Raises ApiError 400."""
    if value is not None and not _IDEMPOTENCY_KEY.fullmatch(value):
        allowed = "空白を含まない ASCII の 1 から 255 文字"
        raise invalid([InvalidField("Idempotency-Key", value, allowed)])
    return value


def _problems(model: type[BaseModel], error: ValidationError) -> list[InvalidField]:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    names = " | ".join(fields) or "なし"
    problems: list[InvalidField] = []
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else "body"
        given: Any = problem["input"]
        if name in fields:
            problems.append(InvalidField(name, given, str(fields[name].description)))
        elif problem["type"] == "extra_forbidden":
            problems.append(InvalidField(name, given, f"使用できる項目: {names}"))
        else:
            problems.append(InvalidField("body", None, _BODY_ALLOWED))
    return problems

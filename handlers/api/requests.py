"""Query, body and headers of the requests; anything else is refused by its name."""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, ClassVar, TypeVar

from handlers.api.errors import InvalidField, invalid
from handlers.contract.fields import Field, FieldsError, read_fields, text
from handlers.contract.hidden_text import without_hidden
from handlers.contract.statuses import ExecutionStatus

BODY_BYTES_AT_MOST = 4096
LIMIT_AT_MOST = 100
REASON_CHARACTERS_AT_MOST = 200
_CURSOR_CHARACTERS_AT_MOST = 2000

_JAPAN = timezone(timedelta(hours=9))
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.IGNORECASE,
)
# Control, direction and zero-width characters; emoji and some scripts need joiners.
_UNREADABLE = (
    r"[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_JSON = re.compile(r'application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")

_BODY_ALLOWED = f"JSON オブジェクト、{BODY_BYTES_AT_MOST} バイトまで"
_CONTENT_TYPE_ALLOWED = "application/json"
_DATE_ALLOWED = "日付 2026-11-24（日本時間）、または時差付きの日時 2026-11-24T09:30:00+09:00"


def _limit(value: str) -> int:
    # int() would take " 1_0" and full-width digits
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= LIMIT_AT_MOST:
        raise ValueError
    return int(value)


def _cursor(value: str) -> str:
    if len(value) > _CURSOR_CHARACTERS_AT_MOST:
        raise ValueError
    return value


def _reason(value: Any) -> str:
    reason = text(value)
    if len(reason) > REASON_CHARACTERS_AT_MOST or re.search(_UNREADABLE, reason):
        raise ValueError
    return without_hidden(reason)


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


@dataclass(frozen=True)
class ListQuery:
    """The query of a list. `allowed` names the allowed values for the product's users."""

    fields: ClassVar[Mapping[str, Field]] = {
        "status": Field("status", ExecutionStatus, " | ".join(ExecutionStatus)),
        "since": Field("from", _start, _DATE_ALLOWED),
        "until": Field("to", _end, f"from 以降。{_DATE_ALLOWED}"),
        "limit": Field("limit", _limit, f"1 から {LIMIT_AT_MOST} までの整数"),
        "cursor": Field(
            "cursor",
            _cursor,
            "同じ条件の一覧が返した nextCursor（24 時間有効、本人だけが使用可能）",
        ),
    }

    status: ExecutionStatus | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True)
class NoQuery:
    """The query of a route without query parameters."""

    fields: ClassVar[Mapping[str, Field]] = {}


@dataclass(frozen=True)
class EmptyBody:
    """The body of a route without a body: none, or `{}`."""

    fields: ClassVar[Mapping[str, Field]] = {}


@dataclass(frozen=True)
class CancelBody:
    """The body of a cancel.

    reason: for the log, at most 200 visible characters; a joiner that joins nothing is dropped.
    """

    fields: ClassVar[Mapping[str, Field]] = {
        "reason": Field(
            "reason",
            _reason,
            f"{REASON_CHARACTERS_AT_MOST} 文字までの文字列。制御文字などは使用不可",
        )
    }

    reason: str | None = None


Model = TypeVar("Model", ListQuery, NoQuery, EmptyBody, CancelBody)


def query_of(model: type[Model], parameters: Mapping[str, str] | None) -> Model:
    """The query string's parameters. Raises ApiError 400."""
    query = _read(model, parameters or {})
    if isinstance(query, ListQuery) and query.since and query.until and query.since > query.until:
        allowed = ListQuery.fields["until"].allowed
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
    given = _json(content)
    if not isinstance(given, dict):
        raise invalid([InvalidField("body", None, _BODY_ALLOWED)])
    return _read(model, given)  # pyright: ignore[reportUnknownArgumentType]


def _json(content: bytes) -> Any:
    """The value in JSON; None if it is none, also if it holds half of a surrogate pair."""
    try:
        value = json.loads(content.decode())
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def _read(model: type[Model], given: Mapping[str, Any]) -> Model:
    try:
        return model(**read_fields(model.fields, given))
    except FieldsError as error:
        known = " | ".join(field.name for field in model.fields.values()) or "なし"
        problems = [
            InvalidField(name, value, allowed or f"使用できる項目: {known}")
            for name, value, allowed in error.problems
        ]
    raise invalid(problems)


def idempotency_key(value: str | None) -> str | None:
    """The header `Idempotency-Key`, if it is there. Raises ApiError 400."""
    if value is not None and not _IDEMPOTENCY_KEY.fullmatch(value):
        allowed = "空白を含まない ASCII の 1 から 255 文字"
        raise invalid([InvalidField("Idempotency-Key", value, allowed)])
    return value

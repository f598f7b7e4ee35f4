"""Query, body and headers: allowed values are read, any other is refused by its name."""

import base64
import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.api.errors import ApiError
from handlers.api.requests import (
    CancelBody,
    EmptyBody,
    ListQuery,
    Model,
    NoQuery,
    body_of,
    idempotency_key,
    query_of,
)
from handlers.contract.statuses import ExecutionStatus


def refused(error: pytest.ExceptionInfo[ApiError]) -> dict[str, Any]:
    """The one field that a 400 names."""
    assert error.value.status == 400
    assert error.value.details
    [field] = error.value.details["fields"]
    assert field["allowed"]
    assert field["field"] in error.value.message
    return field


def parsed(model: type[Model], body: str, content_type: str | None = "application/json") -> Model:
    return body_of(model, body, is_base64=False, content_type=content_type)


def test_a_list_needs_no_query() -> None:
    query = query_of(ListQuery, None)
    assert (query.limit, query.status, query.since, query.cursor) == (20, None, None, None)


def test_a_date_means_the_whole_day_in_japan() -> None:
    query = query_of(ListQuery, {"from": "2026-11-24", "to": "2026-11-24"})
    assert query.since
    assert query.until
    assert query.since == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert query.until - query.since == timedelta(days=1, microseconds=-1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T09:30:00+09:00", datetime(2026, 11, 24, 0, 30, tzinfo=UTC)),
        ("2026-11-24t00:30:00z", datetime(2026, 11, 24, 0, 30, tzinfo=UTC)),
        ("2026-11-24T00:30:00.125Z", datetime(2026, 11, 24, 0, 30, 0, 125000, tzinfo=UTC)),
    ],
)
def test_a_time_with_an_offset_is_read_exactly(text: str, expected: datetime) -> None:
    assert query_of(ListQuery, {"from": text}).since == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "1.5"),
        ("limit", "1e1"),
        ("limit", " 10"),
        ("limit", "1_0"),
        ("limit", "１０"),
        ("limit", "10,20"),
        ("limit", "٣"),
        ("limit", ""),
        ("limit", "9" * 5000),
        ("status", "running"),
        ("status", "DONE"),
        ("status", ""),
        ("status", "FAILED,RUNNING"),
        ("status", "ＦＡＩＬＥＤ"),
        ("from", "yesterday"),
        ("from", "2026-02-30"),
        ("from", "2026-13-01"),
        ("from", "20261124"),
        ("from", "0"),
        ("from", "1764000000"),
        ("from", "0000-01-01"),
        ("from", "2026-11-24T09:30:00"),
        ("from", "2026-11-24 09:30:00Z"),
        ("from", "2026-11-24T25:00:00Z"),
        ("from", "2026-11-24T09:30:00+99:99"),
        ("from", "２０２６-11-24"),
        ("to", "2026-W47-2"),
        ("to", "2026-11-24T24:00:00Z"),
        ("cursor", "x" * 2001),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(field: str, value: str) -> None:
    with pytest.raises(ApiError) as error:
        query_of(ListQuery, {field: value})
    shown = refused(error)
    assert shown["field"] == field
    assert shown["value"][:50] == value[:50]
    assert len(shown["value"]) <= 100


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59:59-23:59"])
def test_the_calendars_first_and_last_days_are_dates(text: str) -> None:
    query = query_of(ListQuery, {"from": text})
    assert query.since
    assert query.since.tzinfo == UTC


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ApiError) as error:
        query_of(ListQuery, {"from": "2026-11-25", "to": "2026-11-24"})
    assert refused(error)["field"] == "to"


@pytest.mark.parametrize("model", [ListQuery, NoQuery])
def test_an_unknown_parameter_is_refused_with_those_that_are_known(model: type[Model]) -> None:
    with pytest.raises(ApiError) as error:
        query_of(model, {"since": "2026-11-24"})
    shown = refused(error)
    assert shown["field"] == "since"
    assert ("from" in shown["allowed"]) == (model is ListQuery)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ApiError) as error:
        query_of(ListQuery, {"limit": "0", "status": "x", "page": "2"})
    assert error.value.details
    assert {field["field"] for field in error.value.details["fields"]} == {
        "limit",
        "status",
        "page",
    }


def test_statuses_are_named_as_they_may_be_given() -> None:
    with pytest.raises(ApiError) as error:
        query_of(ListQuery, {"status": "x"})
    allowed = refused(error)["allowed"]
    assert all(status in allowed for status in ExecutionStatus)


@pytest.mark.parametrize("body", ["", "{}", " {} "])
def test_a_body_may_be_missing_or_empty(body: str) -> None:
    assert parsed(CancelBody, body) == CancelBody()
    assert parsed(EmptyBody, body) == EmptyBody()


@pytest.mark.parametrize(
    "reason", ["間違えて開始した", "", "x" * 200, "👨‍👩‍👧 と相談します", "é" * 200, "می\u200cروم"]
)
def test_a_reason_may_be_any_readable_text(reason: str) -> None:
    body = parsed(CancelBody, json.dumps({"reason": reason}))
    assert body.reason == reason


@pytest.mark.parametrize(
    "reason",
    [
        "x" * 201,
        "e\u0301" * 101,
        "line\nbreak",
        "\x00",
        "\x1b[31mred",
        "\u202egnirts",  # right-to-left override
        "a\u200bb",  # zero width space
        "a\u2028b",
        "\ufeff",
        7,
        ["x"],
        {"x": 1},
        True,
    ],
)
def test_an_unreadable_reason_is_refused(reason: object) -> None:
    with pytest.raises(ApiError) as error:
        parsed(CancelBody, json.dumps({"reason": reason}))
    assert refused(error)["field"] == "reason"


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "null",
        "[]",
        '"reason"',
        "1",
        "NaN",
        "{'reason': 'x'}",
        '{"reason": "\\ud800"}',
        '{"a":' * 1000 + "1" + "}" * 1000,
        "[" * 4000,
        "\x00",
        json.dumps({"reason": "x" * 4096}),
        "あ" * 1400,
        "\ud800",
    ],
)
def test_a_body_must_be_a_small_json_object(body: str) -> None:
    with pytest.raises(ApiError) as error:
        parsed(CancelBody, body)
    assert refused(error)["field"] == "body"


def test_deep_json_in_a_field_is_refused_without_a_fault() -> None:
    for depth in (10, 100, 190, 210, 900):
        with pytest.raises(ApiError) as error:
            parsed(CancelBody, '{"reason":' + "[" * depth + "]" * depth + "}")
        assert refused(error)["field"] in ("reason", "body")


@pytest.mark.parametrize("model", [CancelBody, EmptyBody])
def test_an_unknown_field_is_refused(model: type[Model]) -> None:
    with pytest.raises(ApiError) as error:
        parsed(model, '{"executionId": "x"}')
    assert refused(error)["field"] == "executionId"


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", "application/json;"]
)
def test_json_is_recognised_by_its_content_type(content_type: str) -> None:
    if content_type.endswith(";"):
        with pytest.raises(ApiError):
            parsed(CancelBody, "{}", content_type)
    else:
        assert parsed(CancelBody, "{}", content_type) == CancelBody()


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=shift_jis",
        "application/json, text/plain",
    ],
)
def test_any_other_content_type_is_refused(content_type: str | None) -> None:
    with pytest.raises(ApiError) as error:
        parsed(CancelBody, "{}", content_type)
    assert refused(error)["field"] == "content-type"


def test_a_body_may_come_in_base64() -> None:
    encoded = base64.b64encode('{"reason": "やめる"}'.encode()).decode()
    body = body_of(CancelBody, encoded, is_base64=True, content_type="application/json")
    assert body.reason == "やめる"


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused_with_400(content: bytes) -> None:
    encoded = base64.b64encode(content).decode()
    with contextlib.suppress(ApiError):
        body_of(CancelBody, encoded, is_base64=True, content_type="application/json")


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=3))
def test_any_query_is_read_or_refused_with_400(parameters: dict[str, str]) -> None:
    with contextlib.suppress(ApiError):
        query_of(ListQuery, parameters)


def test_an_idempotency_key_is_optional() -> None:
    assert idempotency_key(None) is None
    assert idempotency_key('"8e03978e-40d5-43dd-bc93-6894a57f9324"')


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "鍵", "a\nb"])
def test_an_unusable_idempotency_key_is_refused(key: str) -> None:
    with pytest.raises(ApiError) as error:
        idempotency_key(key)
    assert refused(error)["field"] == "Idempotency-Key"

"""Rows as text, and times on the command line."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.problems import OperatorError
from ops.text import lay_out
from ops.times import moment

ROWS = [
    {"execution": "0192f0c1-7a00-7000-8000-000000000001", "goal": "5f0c7a52-93ab-4f6e-8a39-6a2f"},
    {"execution": "0192f0c1-7a00-7000-8000-000000000002", "goal": "5f0c", "error": "DEADLINE"},
]
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.mark.parametrize("width", [None, 200, 80, 20])
def test_no_width_breaks_an_id(width: int | None) -> None:
    text = "\n".join(lay_out(ROWS, width))
    for row in ROWS:
        for value in row.values():
            assert value in text


def test_rows_are_columns_where_they_fit_and_blocks_where_they_do_not() -> None:
    assert next(iter(lay_out(ROWS, 90))).split() == ["execution", "goal", "error"]
    assert next(iter(lay_out(ROWS, 70))) == "execution  0192f0c1-7a00-7000-8000-000000000001"
    assert [*lay_out([], 80)] == []


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-11-28T12:00", datetime(2026, 11, 28, 12, tzinfo=UTC)),
        ("2026-11-28T12:00+09:00", datetime(2026, 11, 28, 3, tzinfo=UTC)),
    ],
)
def test_a_time_is_ago_or_iso(text: str, when: datetime) -> None:
    assert moment("--since", text, NOW) == when


@pytest.mark.parametrize("text", ["yesterday", "2", "-3h", "2w", ""])
def test_another_time_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(OperatorError, match=r"--since .*: allowed are 30s, 30m"):
        moment("--since", text, NOW)

"""The commands and functions of the query language, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.logs_insights import LogLine, QueryError, run

AT = 1_795_563_000_000  # 2026-11-24T23:30:00Z
LOG = "123456789012:/aws/lambda/f"


def lines(*documents: Any) -> list[LogLine]:
    """A log of these documents, a second apart; a text is a line as it is."""
    return [
        LogLine(
            AT + 1_000 * number,
            document if isinstance(document, str) else json.dumps(document, ensure_ascii=False),
            LOG,
        )
        for number, document in enumerate(documents)
    ]


CALLS = lines(
    {"level": "INFO", "code": "A", "ms": 10, "ok": True, "who": {"id": "x"}},
    {"level": "ERROR", "code": "B", "ms": 30, "tags": ["p", "q"]},
    {"level": "ERROR", "code": "B", "ms": 20},
    {"level": "ERROR", "code": "C"},
    "[ERROR] no JSON",
)


def values(query: str, log: list[LogLine] = CALLS) -> list[list[str]]:
    """The rows of a result, each as the values of its columns; empty where one is missing."""
    result = run(query, log)
    return [[row.get(name, "") for name in result.columns] for row in result.rows]


def test_without_columns_the_result_has_time_and_message() -> None:
    [first, *_] = run("limit 1", CALLS).rows
    assert first == {"@timestamp": "2026-11-24 23:30:00.000", "@message": CALLS[0].message}


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("fields code, ms", [["A", "10"], ["B", "30"], ["B", "20"], ["C", ""], ["", ""]]),
        ("fields who.id, tags.1, ok | limit 2", [["x", "", "1"], ["", "q", ""]]),
        ("fields ms / 10 as s, ms * 2 + 1 | limit 1", [["1", "21"]]),
        ("fields ms % 0 | limit 1", [[""]]),
        ("FIELDS code AS c | FILTER c = 'A'", [["A"]]),
        ("fields `who.id` | filter ispresent(who.id)", [["x"]]),
        ("fields code | display ms | limit 1", [["10"]]),
        ('fields coalesce(code, "none") as c | sort c desc | limit 2', [["none"], ["C"]]),
        ('fields concat(code, "-", level) as c | limit 1', [["A-INFO"]]),
        ('fields strcontains(@message, "ERROR") as e | stats sum(e)', [["4"]]),
        ("fields @log, @logStream | limit 1", [[LOG, ""]]),
        ("# a remark\nfields code # another\n| limit 1", [["A"]]),
    ],
)
def test_fields_are_computed(query: str, rows: list[list[str]]) -> None:
    assert values(query) == rows


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("ms > 9", ["A", "B", "B"]),
        ("ms <= 20", ["A", "B"]),
        ("ms >= 20 and ms < 30", ["B"]),
        ('level = "INFO" or code = "C"', ["A", "C"]),
        ('level != "INFO"', ["B", "B", "C"]),
        ("not ispresent(ms)", ["C", ""]),
        ('code in ["A", "C"]', ["A", "C"]),
        ('code not in ["A", "C"]', ["B", "B", ""]),
        ("@message like /ERR.R/", ["B", "B", "C", ""]),
        ("@message not like /(?i)error/", ["A"]),
        ('@message like "[ERROR]"', [""]),
        ("code =~ /^[AC]$/", ["A", "C"]),
        ('(level = "ERROR") and not (code = "B")', ["C"]),
        ("ms = '10'", ["A"]),
        ("-ms < -25", ["B"]),
    ],
)
def test_lines_are_filtered(condition: str, codes: list[str]) -> None:
    assert values(f"fields code | filter {condition}") == [[code] for code in codes]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("stats count(*)", [["5"]]),
        (
            "stats count(ms) as n, sum(ms), avg(ms), min(ms), max(ms)",
            [["3", "60", "20", "10", "30"]],
        ),
        (
            "stats count(*) as n by code | sort n desc, code",
            [["B", "2"], ["A", "1"], ["C", "1"], ["", "1"]],
        ),
        (
            "stats count_distinct(code) by level | sort level",
            [["ERROR", "2"], ["INFO", "1"], ["", "0"]],
        ),
        ("stats pct(ms, 50), pct(ms, 100), median(ms)", [["20", "30", "20"]]),
        ("stats sum(ms) as s, count(*) as n, 100 * s / n as percent", [["60", "5", "1200"]]),
        ("stats max(ms) - min(ms)", [["20"]]),
        (
            "stats count(*) by bin(3s)",
            [["2026-11-24 23:30:00.000", "3"], ["2026-11-24 23:30:03.000", "2"]],
        ),
        (
            "stats count(*) as n by datefloor(@timestamp, 1h) as hour",
            [["2026-11-24 23:00:00.000", "5"]],
        ),
        ("stats earliest(code), latest(ms)", [["A", "20"]]),
        ("filter ms > 99 | stats count(*)", []),
        ("stats sum(ms) as s by code | filter s >= 50 | stats count(*)", [["1"]]),
    ],
)
def test_rows_are_aggregated(query: str, rows: list[list[str]]) -> None:
    assert values(query) == rows


def test_the_bin_of_a_time_is_a_time() -> None:
    query = "fields datefloor(fromMillis(ended), 1h) as hour | stats max(ended - began) by hour"
    assert values(query, lines({"began": AT, "ended": AT + 1_500})) == [
        ["2026-11-24 23:00:00.000", "1500"]
    ]


@pytest.mark.parametrize(
    "parsing",
    [
        'parse @message "user * took * ms" as who, ms',
        r"parse @message /user (?<who>\S+) took (?<ms>\d+) ms/",
        'parse "user * took * ms" as who, ms',
    ],
)
def test_a_line_is_parsed(parsing: str) -> None:
    log = lines("GET: user 花子 took 12 ms", "nothing")
    assert values(f"{parsing} | display who, ms", log) == [["花子", "12"], ["", ""]]


def test_the_last_star_of_parse_matches_the_rest_of_the_line() -> None:
    assert values('parse "user *" as who | display who', lines("user hanako sato")) == [
        ["hanako sato"]
    ]


def test_lambdas_own_lines_have_fields() -> None:
    report = (
        "REPORT RequestId: 8f5\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB"
        "\tMax Memory Used: 64 MB\tInit Duration: 100.25 ms"
    )
    query = 'filter @type = "REPORT" | display @requestId, @duration, @memorySize, @initDuration'
    assert values(query, lines("START RequestId: 8f5 Version: 1", report)) == [
        ["8f5", "12.5", "128000000", "100.25"]
    ]


def test_dedup_keeps_the_first_of_equal_rows() -> None:
    assert values("dedup code | display code") == [["A"], ["B"], ["C"], [""]]


def test_sorting_is_stable_and_puts_missing_values_last() -> None:
    assert values("fields ms, code | sort code") == [
        ["10", "A"], ["30", "B"], ["20", "B"], ["", "C"], ["", ""]
    ]  # fmt: skip


def test_matched_counts_the_lines_that_pass_the_filters() -> None:
    assert run('filter level = "ERROR" | stats count(*) by code', CALLS).matched == 3


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "one of fields, display"),
        ("select 1", "one of fields.* found: select 1"),
        ("fields a | stats guess(a)", r"a known function.* found: guess\(a\)"),
        ("filter a like b", "regular expression"),
        ("filter a like /(/", "a regular expression"),
        ("filter a in (1)", r"expected \["),
        ("filter a = ", "a field, a number, a string or a function"),
        ("fields a b", r"expected \|"),
        ("fields a as", "a name"),
        ("parse 'a * b *' as x", "2 times"),
        ("parse @message 'a'", "as names"),
        ("limit many", "a number"),
        ("stats count(*) | | limit 1", "one of fields"),
        ("stats sum()", "a known function"),
    ],
)
def test_the_error_for_an_invalid_query_has_the_place(query: str, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        run(query, CALLS)


@given(st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=30))
def test_aggregates_agree_with_pythons_functions(numbers: list[int]) -> None:
    log = lines(*({"x": each, "even": each % 2 == 0} for each in numbers))
    [[count, total, least, most, distinct]] = values(
        "stats count(x), sum(x), min(x), max(x), count_distinct(x)", log
    )
    assert [float(value) for value in (count, total, least, most, distinct)] == [
        len(numbers), sum(numbers), min(numbers), max(numbers), len(set(numbers))
    ]  # fmt: skip
    groups = values("stats count(*) as n by even", log)
    assert sum(int(n) for _, n in groups) == len(numbers)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.floats(0, 100))
def test_a_percentile_is_between_minimum_and_maximum_and_grows(
    numbers: list[float], percent: float
) -> None:
    log = lines(*({"x": each} for each in numbers))
    [[low, at, high]] = values(f"stats pct(x, 0), pct(x, {percent:.6f}), pct(x, 100)", log)
    assert float(low) <= float(at) <= float(high)
    assert (float(low), float(high)) == (min(numbers), max(numbers))


@given(st.text(max_size=40))
def test_any_text_gives_a_result_or_a_query_error(text: str) -> None:
    for query in (text, f"filter {text}", f"stats {text}"):
        try:
            run(query, CALLS)
        except QueryError:
            continue


@given(
    st.dictionaries(
        st.text("abc._ ", min_size=1, max_size=5),
        st.integers() | st.text() | st.none() | st.lists(st.booleans()),
    )
)
def test_every_json_line_has_its_message_and_time(document: dict[str, Any]) -> None:
    [[at, message]] = values("fields @timestamp, @message", lines(document))
    assert (at, json.loads(message)) == ("2026-11-24 23:30:00.000", document)

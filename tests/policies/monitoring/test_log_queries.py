"""The pack reads queries of logs as CloudWatch Logs Insights does."""

import pytest

from policies.stack.log_queries import QueryError, parse_query
from tests.components.monitoring.document import monitoring_of_prod

QUERIES = {each.key: each.text for each in monitoring_of_prod().saved_queries}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("fields @timestamp, @message | sort @timestamp desc | limit 20", "@timestamp @message"),
        ("filter @message like /ERROR|WARN/ | stats count(*) by bin(5m)", "@message"),
        ("filter a / b > 2 and not c in ['x'] or d not like \"y\"", "a b c d"),
        ('parse @message "user=* took *" as user, took | stats avg(took) by user', "@message"),
        ("parse @message /user=(?<user>\\S+)/ | display user", "@message"),
        ("stats count(*) as n by status | filter n > 1 | sort n asc, status desc", "status"),
        ("fields coalesce(a.b, `c-d`) as e # a comment\n| filter e = -1 | head 5", "a.b c-d"),
        ("pattern @message | sort @sampleCount desc", ""),
        ("stats sum(a) as x, 100 * x / count(*) as y by b", "a b"),
    ],
)
def test_it_finds_the_fields_that_a_query_reads(text: str, fields: str) -> None:
    query = parse_query(text)
    assert query.fields == set(fields.split())
    assert query.unmade == set()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "select a",
        "fields a,",
        "fields a as",
        "filter a = ",
        "filter (a = 1",
        "filter a not b",
        "filter in [1",
        "stats total(a)",
        "stats count(* by a",
        "sort a descending",
        "limit 20x",
        "limit many",
        "fields a | ",
        "fields a ; b",
    ],
)
def test_it_refuses_what_is_no_query(text: str) -> None:
    with pytest.raises(QueryError):
        parse_query(text)


def test_what_stats_does_not_leave_is_unmade() -> None:
    assert parse_query("stats count(*) as n by a | sort b").unmade == {"b"}


def test_texts_that_a_field_is_compared_with_are_found() -> None:
    query = parse_query('filter a in ["x", "y"] and b = "z" and c like "w"')
    assert query.compared == {"a": {"x", "y"}, "b": {"z"}}


@pytest.mark.parametrize("key", QUERIES)
def test_a_saved_query_is_read_and_not_if_its_end_is_cut_or_misspelt(key: str) -> None:
    assert parse_query(QUERIES[key]).fields
    for wrong in (f"{QUERIES[key]}x", f"{QUERIES[key]} |", QUERIES[key].rpartition(" ")[0] + " )"):
        with pytest.raises(QueryError):
            parse_query(wrong)

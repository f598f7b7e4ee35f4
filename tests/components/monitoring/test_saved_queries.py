"""Saved queries: the guide's three and five more, each over groups and fields that exist."""

import re
from pathlib import Path

import pytest

from components.monitoring.saved_queries import EXECUTION_ID, SavedQuery
from tests.components.conftest import Evaluate
from tests.components.monitoring.document import monitoring_of_prod
from tests.components.monitoring.query_columns import QUERY_COLUMNS

PROD = monitoring_of_prod()
QUERIES = PROD.saved_queries
HANDLERS = Path(__file__).parents[3] / "handlers"

LOGGERS = {"level", "message", "service", "function_request_id"}
"""(Powertools for AWS Lambda: Logger, standard structured keys and Lambda context keys)"""
MACHINES = {"type", "execution_arn", "event_timestamp", "details.name"}
"""(Step Functions Developer Guide: logging to CloudWatch)"""
INSIGHTS = {"@timestamp", "@message", "@log"}
"""(CloudWatch Logs User Guide: discovered fields)"""
WORDS = {
    "fields",
    "filter",
    "stats",
    "sort",
    "limit",
    "by",
    "as",
    "in",
    "like",
    "or",
    "desc",
    "asc",
    "count",
    "count_distinct",
    "sum",
    "avg",
    "min",
    "max",
    "bin",
    "datefloor",
    "fromMillis",
    "coalesce",
    "strcontains",
}

_WORD = re.compile(r"@?[A-Za-z_][A-Za-z_.]*\b(?!\()")


def by_key(query: SavedQuery) -> str:
    return query.key


def fields_of(text: str) -> set[str]:
    bare = re.sub(r'"[^"]*"|/[^/\s]+/|\d+[mh]\b', " ", text)
    words = {match[0]: match.start() for match in reversed([*_WORD.finditer(bare)])}
    aliases = {match[1]: match.start() for match in re.finditer(r"\bas (\w+)", bare)}
    return {
        word
        for word, place in words.items()
        if word not in WORDS and place < aliases.get(word, len(bare))
    }


@pytest.mark.parametrize("query", QUERIES, ids=by_key)
def test_a_query_asks_only_for_fields_that_are_written(query: SavedQuery) -> None:
    logged = "\n".join(path.read_text() for path in HANDLERS.rglob("*.py"))
    for field in fields_of(query.text) - LOGGERS - MACHINES - INSIGHTS:
        assert re.search(rf'\b{field}=|"{field}"', logged), field


@pytest.mark.parametrize("query", QUERIES, ids=by_key)
def test_a_query_filters_by_messages_that_are_written(query: SavedQuery) -> None:
    logged = "\n".join(path.read_text() for path in HANDLERS.rglob("*.py"))
    if "filter message" in query.text:
        for message in re.findall(r'"([a-z][a-z ]+)"', query.text):
            assert f'"{message}"' in logged, message


@pytest.mark.parametrize("query", QUERIES, ids=by_key)
def test_a_query_names_each_column_of_its_result(query: SavedQuery) -> None:
    for column in QUERY_COLUMNS[query.key]:
        assert column in query.text, column


def test_the_saved_queries_are_the_guides_three_and_five_more() -> None:
    assert [each.key for each in QUERIES] == [
        "error-rate",
        "execution-time",
        "failed-actions",
        "slowest-actions",
        "errors-by-code",
        "execution-story",
        "token-spend-by-goal",
        "retries-by-reason",
    ]
    # no line has the fields that the guide's queries ask for
    assert not any("@type" in each.text or "executionArn" in each.text for each in QUERIES)


def test_the_story_of_an_execution_is_found_by_its_id_in_both_kinds_of_lines() -> None:
    story = next(each for each in QUERIES if each.key == "execution-story")
    assert story.text.count(EXECUTION_ID) == 2
    assert PROD.names.state_machine_log_group in story.log_groups


@pytest.mark.parametrize("stack", ["local", "prod"])
def test_queries_are_declared_in_the_stacks_folder_over_groups_that_exist(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    groups = {
        each.inputs["name"]
        for each in program.resources
        if each.type == "aws:cloudwatch/logGroup:LogGroup"
    }
    declared = [
        each.inputs
        for each in program.resources
        if each.type == "aws:cloudwatch/queryDefinition:QueryDefinition"
    ]
    assert {each["name"] for each in declared} == {
        f"goal-mandala-{stack}/{query.key}" for query in QUERIES
    }
    assert all(set(each["logGroupNames"]) <= groups for each in declared)
    # (CloudWatch Logs API, PutQueryDefinition: at most 10,000 characters; StartQuery: 50 groups)
    assert all(len(each["queryString"]) <= 10_000 for each in declared)
    assert all(1 <= len(each["logGroupNames"]) <= 50 for each in declared)

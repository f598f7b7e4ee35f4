"""Expressions that are read once mean what MiniStack makes of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws import expressions
from localcloud.aws.ministack import Json, tables

NAMES = ("id", "status", "size", "deep", "list", "a-b", "absent")
ITEM: Json = {
    "id": {"S": "1"},
    "status": {"S": "RUNNING"},
    "size": {"N": "3"},
    "deep": {"M": {"er": {"S": "x"}, "est": {"L": []}}},
    "list": {"L": [{"S": "a"}, {"S": "b"}]},
    "a-b": {"S": "-"},
}
ALIASES = {"#status": "status", "#size": "size", "#path": "deep.er", "#same": "id"}
PATHS = ("id", "deep", "deep.er", "list[1]", "a-b", "absent", "status", "size", "", *ALIASES)


def outcome(project: Any, expression: str) -> Any:
    try:
        return project(ITEM, expression, ALIASES)
    except ValueError as error:
        return str(error)


@given(st.lists(st.sampled_from(PATHS), max_size=4), st.sampled_from([", ", ",", " , "]))
def test_a_projection_chooses_what_ministack_chooses_or_is_refused_alike(
    paths: list[str], comma: str
) -> None:
    expression = comma.join(paths)

    ours, original = (
        outcome(expressions.project_item, expression),
        outcome(
            expressions._project_item,  # pyright: ignore[reportPrivateUsage]
            expression,
        ),
    )

    assert ours == original


@pytest.mark.parametrize("condition", ["pk = :pk AND begins_with(sk, :p)", "pk = ", "((pk = :a))"])
def test_a_condition_is_checked_as_ministack_checks_it(condition: str) -> None:
    original = expressions._condition_syntax_error  # pyright: ignore[reportPrivateUsage]

    for slot in ("KeyConditionExpression", "FilterExpression"):
        assert expressions.condition_syntax_error(condition, slot) == original(condition, slot)


def test_a_query_reads_its_expressions_once_however_many_items_it_looks_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("tokenize", "condition_syntax_error"):
        monkeypatch.setattr(tables, f"_{name}", getattr(expressions, name))
    names, condition = {"#s": "sk"}, "#s > :first"
    values = {":first": {"S": "0"}}
    before = expressions.tokenize.cache_info().misses

    found = [
        tables._evaluate_condition(condition, {"sk": {"S": str(each)}}, values, names)
        for each in range(100)
    ]

    assert sum(found) == 99
    assert expressions.tokenize.cache_info().misses == before + 1

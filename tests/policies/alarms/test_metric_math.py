"""The pack reads metric math as the embedded cloud does."""

import ast

import pytest

from localcloud.aws.cloudwatch import expressions
from policies.stack.metric_math import ExpressionError, ids, parse


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("FILL(failed, 0) + FILL(timedOut, 0)", {"failed", "timedOut"}),
        ("IF(ended >= 5 AND FILL(failed, 0) >= 5, 100 * failed / ended, 0)", {"ended", "failed"}),
        ("SUM([FILL(e0, 0), -e1])", {"e0", "e1"}),
        ("a ^ 2 || b && c", {"a", "b", "c"}),
        ("SUM(METRICS('errors'))", set[str]()),
        ("FILL(is, REPEAT)", {"is"}),
    ],
)
def test_it_finds_the_ids_of_an_expression(text: str, used: set[str]) -> None:
    expressions.parse(text)
    assert ids(parse(text)) == used


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "a b",
        "IF(a, )",
        "a < b < c",
        "a if b else c",
        "[x for x in y]",
        "a.b",
        "SEARCH('x', 'Sum')",
        "IF(a)",
        "NOPE(a)",
        "lambda: 1",
        "a := 1",
    ],
)
def test_it_refuses_what_cloudwatch_refuses(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_and_binds_tighter_than_or() -> None:
    tree = parse("a OR b AND c")
    assert isinstance(tree, ast.BoolOp)
    assert isinstance(tree.op, ast.Or)

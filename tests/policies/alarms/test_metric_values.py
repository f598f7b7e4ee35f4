"""The pack computes metric math as the embedded cloud does."""

import itertools

import pytest

from localcloud.aws.cloudwatch.metric_math import MathInputs, evaluate_expression
from policies.stack.metric_math import parse
from policies.stack.metric_values import UnsupportedError, value_of

EXPRESSIONS = (
    "a + b",
    "a - 2 * b",
    "-a + 3",
    "a / b",
    "100 * FILL(a, 0) / FILL(b, 0)",
    "a > 1",
    "a >= 1 AND b < 2",
    "a == 0 OR b != 0",
    "FILL(a, 7) + 1",
    "IF(a >= 1, b, 0)",
    "IF(FILL(a, 0) >= 1 AND FILL(b, 0) >= 1, 100 * a / b, 0)",
    "IF(a - 1000000 * FILL(b, 0) >= 2, 1, 0)",
    "IF(a, 1)",
    "SUM([a, b])",
    "MAX([a, b, FILL(a, 0)])",
    "MIN([a, b])",
    "CEIL(a / 3) + ABS(b)",
    "a ^ 2 + FLOOR(b / 2)",
)
VALUES = (None, 0.0, 1.0, 5.0)


@pytest.mark.parametrize("text", EXPRESSIONS)
@pytest.mark.parametrize(("a", "b"), [*itertools.product(VALUES, VALUES)])
def test_one_period_has_the_value_that_the_embedded_cloud_computes(
    text: str, a: float | None, b: float | None
) -> None:
    inputs = MathInputs({"a": (a,), "b": (b,)}, {}, 60, 1)
    assert value_of(parse(text), {"a": a, "b": b}) == evaluate_expression(text, inputs)[0]


@pytest.mark.parametrize("text", ["RATE(a)", "FILL(a, REPEAT)", "SUM(METRICS())", "c + 1"])
def test_what_needs_more_than_one_period_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedError):
        value_of(parse(text), {"a": 1.0})

"""Metric math, compared with the user guide's examples and with Python."""

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.cloudwatch.expressions import (
    Array,
    Binary,
    Expression,
    ExpressionError,
    FunctionCall,
    Name,
    Negative,
    Number,
    String,
    parse,
)
from localcloud.aws.cloudwatch.metric_math import MathInputs, evaluate_expression
from localcloud.aws.cloudwatch.metrics import Series


def _series(text: str) -> Series:
    return tuple(None if sign == "-" else float(sign) for sign in text.split())


def _evaluated(expression: str, *, fills_empty: bool = True, **metrics: str) -> Series:
    series = {name: _series(text) for name, text in metrics.items()}
    periods = max((len(each) for each in series.values()), default=3)
    return evaluate_expression(expression, MathInputs(series, {}, 300, periods, fills_empty))


# "Comparison and logical operators"
GUIDES_OPERATORS = {
    "metric1 < metric2": "0 0 1 0",
    "metric1 >= 30": "1 0 0 0",
    "metric1 > 15 AND metric2 > 15": "1 0 0 0",
    "(metric1 > 15) && (metric2 > 15)": "1 0 0 0",
}
# "Using IF expressions"
GUIDES_IFS = {
    "IF(metric1, metric2, metric3)": "30 0 20 - -",
    "IF(metric1, 5, metric3)": "5 5 20 - -",
    "IF(metric1, metric2, 5)": "30 0 5 5 -",
    "IF(metric1, metric2)": "30 0 - - -",
}


@pytest.mark.parametrize(("expression", "expected"), GUIDES_OPERATORS.items())
def test_an_operator_in_the_guides_example(expression: str, expected: str) -> None:
    result = _evaluated(expression, metric1="30 20 0 0", metric2="20 - 20 -")

    assert result == _series(expected)


@pytest.mark.parametrize(("expression", "expected"), GUIDES_IFS.items())
def test_if_in_the_guides_example(expression: str, expected: str) -> None:
    result = _evaluated(
        expression, metric1="1 1 0 0 -", metric2="30 - 0 0 30", metric3="0 0 20 - 20"
    )

    assert result == _series(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    {
        "m1 + m2": "3 1 2 -",
        "m1 * 2": "2 2 - -",
        "100 * m1 / m2": "50 - 0 -",
        "-m1 ^ 2": "-1 -1 - -",
        "FILL(m1, 0)": "1 1 0 0",
        "FILL(m1, m2)": "1 1 2 -",
        "FILL(m2, REPEAT)": "2 2 2 2",
        "FILL(METRICS(), 7) * 0 + SUM(METRICS())": None,
        "SUM(METRICS())": "3 1 2 -",
        "SUM(METRICS('2'))": "2 - 2 -",
        "AVG([m1, m2])": "1.5 0.5 1 -",
        "MAX([m1, m2]) - MIN([m1, m2])": "1 0 0 -",
        "m1 - MAX(m2)": "-1 -1 - -",
        "m1 * METRIC_COUNT(METRICS())": "2 2 - -",
        "m1 / PERIOD(m1) * 300": "1 1 - -",
        "TIME_SERIES(5)": "5 5 5 5",
        "ABS(-m1) + CEIL(m1 / 2) + FLOOR(m1 / 2)": "2 2 - -",
        "IF(SUM(m1) > 1, m1, m2)": "1 1 - -",
        "m1 / (SUM(m1) - 2)": "- - - -",
    }.items(),
)
def test_an_expression_yields(expression: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ExpressionError):
            _evaluated(expression, m1="1 1 - -", m2="2 - 2 -")
    else:
        assert _evaluated(expression, m1="1 1 - -", m2="2 - 2 -") == _series(expected)


def test_fill_of_a_metric_without_any_value_depends_on_the_assumption() -> None:
    assert _evaluated("FILL(m1, 0)", m1="- -") == (0, 0)
    assert _evaluated("FILL(m1, 0)", m1="- -", fills_empty=False) == (None, None)
    assert _evaluated("FILL(m1, 0)", m1="- 1", fills_empty=False) == (0, 1)


@pytest.mark.parametrize(
    "expression",
    ["", "m1 +", "FILL(m1", "[m1, m2", "m1 m2", "m1 $ m2", "'open", "(m1))", "1 ==", "FILL(,)"],
)
def test_an_invalid_expression_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        parse(expression)


@pytest.mark.parametrize(
    "expression",
    ["unknown", "5", "SUM(m1)", "METRICS()", "'text'", "ANOMALY_DETECTION_BAND(m1)", "[m1]+[m1]"],
)
def test_an_expression_without_a_series_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        _evaluated(expression, m1="1 2")


numbers = st.floats(0, 1e6, allow_nan=False).map(lambda value: Number(round(value, 3)))
names = st.sampled_from(["m1", "m2", "failed_runs"]).map(Name)
texts = st.text("abc xyz", max_size=4).map(String)
operators = st.sampled_from(["+", "-", "*", "/", "^", "<", ">=", "==", "!=", "AND", "OR"])


def _trees(below: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(below, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Negative, below),
        st.builds(Binary, operators, below, below),
        st.builds(FunctionCall, st.sampled_from(["FILL", "IF", "SUM"]), several),
        st.builds(Array, several),
    )


trees: st.SearchStrategy[Any] = st.recursive(st.one_of(numbers, names, texts), _trees, max_leaves=8)


def _written(tree: Expression) -> str:  # noqa: PLR0911 - one a kind of tree
    match tree:
        case Number(value):
            return repr(value)
        case Name(value):
            return value
        case String(value):
            return f'"{value}"'
        case Negative(operand):
            return f"(-({_written(operand)}))"
        case Binary(sign, left, right):
            return f"(({_written(left)}) {sign} ({_written(right)}))"
        case FunctionCall(function, arguments):
            return f"{function}({', '.join(map(_written, arguments))})"
        case Array(items):
            return f"[{','.join(map(_written, items))}]"


@given(trees)
def test_a_tree_written_as_text_is_parsed_back(tree: Expression) -> None:
    assert parse(_written(tree)) == tree


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        parse(text)


@given(
    st.recursive(
        st.sampled_from(["a", "b", "2", "0.5"]),
        lambda below: st.tuples(below, st.sampled_from("+-*"), below).map(
            lambda parts: f"{parts[0]} {parts[1]} {parts[2]}"
        ),
        max_leaves=12,
    ),
    st.floats(-100, 100),
    st.floats(-100, 100),
)
def test_arithmetic_binds_as_in_python(text: str, a: float, b: float) -> None:
    value = eval(text, {}, {"a": a, "b": b})

    (result,) = evaluate_expression(
        f"0 * a + {text}", MathInputs({"a": (a,), "b": (b,)}, {}, 60, 1)
    )

    assert result is not None
    assert math.isclose(result, value, abs_tol=1e-6)

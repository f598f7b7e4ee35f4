"""The range and the direction of expressions."""

import math

import pytest

from policies.rules.alarms.ranges import Values, values_of
from policies.stack.metric_math import parse

COUNTS = {name: Values(0, math.inf, frozenset({name})) for name in ("bad", "all", "good")}


def read(text: str) -> Values:
    """The values of an expression over three counts."""
    return values_of(parse(text), COUNTS)


@pytest.mark.parametrize(
    "text",
    [
        "100 * bad / all",
        "bad / all * 100",
        "100 * (bad / all)",
        "IF(all >= 20, 100 * FILL(bad, 0) / all, 0)",
        "100 * (bad + good) / all",
    ],
)
def test_a_hundredfold_ratio_is_a_percentage(text: str) -> None:
    values = read(text)
    assert (values.low, values.high, values.percent) == (0, 100, True)
    assert "bad" in values.rises


@pytest.mark.parametrize("text", ["bad / all", "100 * bad / 60", "bad + 100", "100 * bad"])
def test_any_other_quotient_has_no_upper_end(text: str) -> None:
    assert read(text).high == math.inf
    assert not read(text).percent


@pytest.mark.parametrize(
    ("text", "rises", "falls"),
    [
        ("IF(bad - 100 * good >= 3, 1, 0)", {"bad"}, {"good"}),
        ("IF(FILL(good, 0) < 1, 1, 0)", set[str](), {"good"}),
        ("IF(good > 1, 0, 1)", set[str](), {"good"}),
        ("-good", set[str](), {"good"}),
        ("good < bad OR all > 3", {"bad", "all"}, {"good"}),
    ],
)
def test_it_knows_with_which_metrics_a_value_rises(
    text: str, rises: set[str], falls: set[str]
) -> None:
    assert (read(text).rises, read(text).falls) == (rises, falls)


def test_a_switch_is_one_of_two_numbers() -> None:
    values = read("IF(bad > 3, 1, 0)")
    assert (values.low, values.high, values.switch) == (0, 1, True)


def test_a_function_that_is_not_modelled_may_have_any_value() -> None:
    values = read("RATE(bad)")
    assert (values.low, values.high) == (-math.inf, math.inf)

"""Expressions of alarms, evaluated by the embedded CloudWatch over one period."""

import pytest

from components.monitoring.metric_math import filled, in_vain, rate, total, total_of_many
from localcloud.aws.cloudwatch.metric_math import MathInputs, evaluate_expression

ENDED = ["failed", "timedOut", "succeeded"]


def value(expression: str, **metrics: float | None) -> float | None:
    """The value of an expression; None for a metric or a result without a value."""
    request = MathInputs({id_: (each,) for id_, each in metrics.items()}, {}, 900, 1)
    (result,) = evaluate_expression(expression, request)
    return result


def test_a_condition_on_a_metric_without_a_value_has_none_unless_it_is_filled() -> None:
    assert value("IF(timedOut >= 5, 1, 0)", timedOut=None) is None
    assert value(f"IF({filled('timedOut')} >= 5, 1, 0)", timedOut=None) == 0


def test_a_total_counts_a_metric_without_a_value_as_0() -> None:
    assert value(total(ENDED), failed=6, timedOut=None, succeeded=14) == 20
    assert value(total_of_many(ENDED), failed=6, timedOut=None, succeeded=14) == 20


@pytest.mark.parametrize(
    ("failed", "ended", "percent"), [(6, 20, 30), (5, 5, 100), (1, 1, 0), (4, 20, 0), (None, 0, 0)]
)
def test_a_rate_is_in_percent_and_0_below_a_floor(
    failed: float | None, ended: float, percent: float
) -> None:
    expression = rate(filled("failed"), "ended", {"ended": 5, filled("failed"): 5})
    assert expression == "IF(ended >= 5 AND FILL(failed, 0) >= 5, 100 * FILL(failed, 0) / ended, 0)"
    assert value(expression, failed=failed, ended=ended) == percent


@pytest.mark.parametrize(
    ("tried", "succeeded", "found"), [(2, None, 1), (2, 0, 1), (1, None, 0), (40, 1, 0)]
)
def test_tries_are_in_vain_only_if_there_are_enough_and_none_succeeded(
    tried: float, succeeded: float | None, found: float
) -> None:
    assert value(in_vain("tried", "succeeded", 2), tried=tried, succeeded=succeeded) == found

"""The log lines of metrics, as CloudWatch reads them."""

import json
from typing import Any

import pytest

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import NAMESPACE, SECOND_DIMENSION, Dimension, MetricName, unit
from handlers.contract.statuses import ExecutionStatus
from handlers.observability.emit_metrics import count, measure

UNITS = {"Count", "Milliseconds", "Seconds", "Percent", "None"}
VALUES = {Dimension.STATUS: ExecutionStatus.FAILED, Dimension.ERROR_CODE: ErrorCode.DEADLINE}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "somebody")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "elsewhere")


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    [line] = map(json.loads, capsys.readouterr().out.splitlines())
    return line


@pytest.mark.parametrize("metric", MetricName)
def test_every_metric_exists_by_environment_and_by_its_second_dimension_if_it_has_one(
    metric: MetricName, capsys: pytest.CaptureFixture[str]
) -> None:
    second = SECOND_DIMENSION.get(metric)
    count(metric, 3, by=VALUES[second] if second else None, executionId="e-1")
    line = written(capsys)
    [group] = line["_aws"]["CloudWatchMetrics"]
    assert group == {
        "Namespace": NAMESPACE,
        "Dimensions": [["environment"], *([["environment", second]] if second else [])],
        "Metrics": [{"Name": metric.value, "Unit": unit(metric)}],
    }
    assert unit(metric) in UNITS
    assert line["environment"] == "test"
    assert line[metric.value] == [3]
    assert line["executionId"] == "e-1"
    if second:
        assert line[second] == VALUES[second]


def test_values_of_one_moment_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    measure({MetricName.INPUT_TOKENS: 7, MetricName.COST_USD: 0.5}, executionId="e-1")
    line = written(capsys)
    [group] = line["_aws"]["CloudWatchMetrics"]
    assert group["Dimensions"] == [["environment"]]
    assert group["Metrics"] == [
        {"Name": "InputTokens", "Unit": "Count"},
        {"Name": "CostUsd", "Unit": "None"},
    ]
    assert (line["InputTokens"], line["CostUsd"], line["executionId"]) == ([7], [0.5], "e-1")


@pytest.mark.parametrize(
    ("metric", "by"),
    [(MetricName.ACTIONS_FAILED, None), (MetricName.REPAIRS, ErrorCode.DEADLINE)],
)
def test_a_metrics_second_dimension_is_required_or_refused(
    metric: MetricName, by: ErrorCode | None
) -> None:
    with pytest.raises(ValueError, match=metric.value):
        count(metric, by=by)

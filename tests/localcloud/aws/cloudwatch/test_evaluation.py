"""Alarms over time: evaluation ranges, statistics, metric math, reasons, composites."""

import json
from typing import Any

import pytest

from localcloud.aws.cloudwatch.alarm_definitions import (
    AlarmError,
    AlarmState,
    CompositeAlarmDefinition,
    MetricAlarmDefinition,
    MissingData,
    parse_composite_alarm,
    parse_metric_alarm,
)
from localcloud.aws.cloudwatch.evaluation import EvaluationAssumptions
from localcloud.aws.cloudwatch.metrics import MetricKey, StatisticQuery, metric_key
from localcloud.aws.cloudwatch.monitor import Monitor, StateChange
from localcloud.aws.cloudwatch.percentiles import required_samples
from tests.metric_store import MetricStore, evaluate, statistic

NOON = 1_764_072_000.0
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:alerts"
DEPTH = metric_key("AWS/SQS", "Depth", QueueName="dead")
FAILED = metric_key("AWS/States", "ExecutionsFailed", StateMachineArn="arn:m")
STARTED = metric_key("AWS/States", "ExecutionsStarted", StateMachineArn="arn:m")
EVALUATION = {
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 2,
    "threshold": 10,
    "treatMissingData": "notBreaching",
}


def _one(**changed: Any) -> dict[str, Any]:
    return {
        "name": "depth",
        "namespace": "AWS/SQS",
        "metricName": "Depth",
        "dimensions": {"QueueName": "dead"},
        "statistic": "Maximum",
        "period": 60,
        "alarmActions": [TOPIC],
        "okActions": [TOPIC],
        **EVALUATION,
        **changed,
    }


def _rate(**changed: Any) -> dict[str, Any]:
    def read(identifier: str, name: str) -> dict[str, Any]:
        return {
            "id": identifier,
            "metric": {
                "namespace": "AWS/States",
                "metricName": name,
                "dimensions": {"StateMachineArn": "arn:m"},
                "period": 300,
                "stat": "Sum",
            },
        }

    expression = "IF(FILL(started, 0) >= 5, 100 * FILL(failed, 0) / started, 0)"
    return {
        "name": "rate",
        "metricQueries": [
            read("failed", "ExecutionsFailed"),
            read("started", "ExecutionsStarted"),
            {"id": "rate", "expression": expression, "returnData": True},
        ],
        **EVALUATION,
        **changed,
    }


def _store(samples: dict[MetricKey, list[tuple[float, float]]]) -> MetricStore:
    store = MetricStore()
    for each, points in samples.items():
        for minutes, value in points:
            store.add(each, NOON + minutes * 60, value)
    return store


def _minutes(monitor: Monitor, store: MetricStore, minutes: range) -> list[tuple[int, StateChange]]:
    return [
        (minute, change)
        for minute in minutes
        for change in monitor.evaluate(store, NOON + minute * 60 + 5)
    ]


def test_a_period_contains_its_start_but_not_its_end() -> None:
    store = _store({DEPTH: [(0, 1), (1, 2), (0.5, 4), (2, 8)]})
    query = StatisticQuery(DEPTH, "Sum", 60, NOON, 3)

    assert store.read([query])[query] == (5, 2, 8)


@pytest.mark.parametrize(
    ("name", "expected"),
    {"Sum": 10, "Average": 2.5, "Minimum": 1, "Maximum": 4, "SampleCount": 4, "p50": 2.5}.items(),
)
def test_a_statistic_of_samples(name: str, expected: float) -> None:
    assert statistic(name, [4, 1, 3, 2]) == expected


def test_percentiles_are_interpolated() -> None:
    values = [float(value) for value in range(101)]

    assert statistic("p95", values) == 95
    assert statistic("p99.5", values) == 99.5
    assert statistic("p0", values) == 0
    assert statistic("p100", values) == 100
    for unknown in ("p101", "median", "P95"):
        with pytest.raises(ValueError, match="Statistic"):
            statistic(unknown, values)


def test_the_evaluation_range_moves_every_minute_whatever_the_period() -> None:
    alarm = parse_metric_alarm(_one(period=300, evaluationPeriods=1, statistic="Sum", threshold=2))
    # three within five minutes, over the edge of the clock's own five
    store = _store({DEPTH: [(4, 1), (5, 1), (8, 1)]})

    states = [evaluate(alarm, store, NOON + minute * 60).state for minute in (8, 9, 10)]

    assert states == [AlarmState.OK, AlarmState.ALARM, AlarmState.OK]


def test_the_present_minute_is_not_evaluated() -> None:
    alarm = parse_metric_alarm(_one(evaluationPeriods=1))
    store = _store({DEPTH: [(0, 99)]})

    assert evaluate(alarm, store, NOON + 59).state is AlarmState.OK
    assert evaluate(alarm, store, NOON + 60).state is AlarmState.ALARM


def test_a_metric_with_other_dimensions_does_not_count() -> None:
    alarm = parse_metric_alarm(_one(evaluationPeriods=1))
    store = _store({metric_key("AWS/SQS", "Depth", QueueName="other"): [(0, 99)]})

    assert evaluate(alarm, store, NOON + 60).state is AlarmState.OK


def test_a_rate_by_metric_math_needs_enough_executions() -> None:
    alarm = parse_metric_alarm(_rate(evaluationPeriods=1))

    def state(failed: int, started: int) -> AlarmState | None:
        store = _store({FAILED: [(0, 1)] * failed, STARTED: [(0, 1)] * started})
        return evaluate(alarm, store, NOON + 60).state

    assert state(failed=0, started=0) is AlarmState.OK
    assert state(failed=4, started=4) is AlarmState.OK
    assert state(failed=1, started=10) is AlarmState.OK
    assert state(failed=2, started=10) is AlarmState.ALARM
    assert state(failed=10, started=101) is AlarmState.OK


def test_a_state_change_has_cloudwatchs_reason() -> None:
    monitor = Monitor([parse_metric_alarm(_one())])
    store = _store({DEPTH: [(0, 1), (1, 11), (2, 12.5), (3, 12), (4, 0)]})

    changes = _minutes(monitor, store, range(1, 7))

    assert [(minute, change.new) for minute, change in changes] == [
        (1, AlarmState.OK),
        (3, AlarmState.ALARM),
        (5, AlarmState.OK),
    ]
    fired = changes[1][1]
    assert fired.topics == (TOPIC,)
    assert fired.reason == (
        "Threshold Crossed: 2 out of the last 2 datapoints [12.5 (25/11/25 12:02:00), 11.0"
        " (25/11/25 12:01:00)] were greater than the threshold (10.0) (minimum 2 datapoints for OK"
        " -> ALARM transition)."
    )
    data = json.loads(fired.data)
    assert (data["recentDatapoints"], data["threshold"]) == ([11.0, 12.5], 10.0)
    assert data["queryDate"] == "2025-11-25T12:03:05.000+0000"
    assert "2 out of the last 2" in changes[2][1].reason
    assert "not greater than" in changes[2][1].reason


def test_the_reason_without_data_has_the_treatment() -> None:
    (change,) = Monitor([parse_metric_alarm(_one(treatMissingData="breaching"))]).evaluate(
        MetricStore(), NOON
    )

    assert change.reason == (
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were"
        " treated as [Breaching]."
    )


def test_extra_periods_delay_the_return_from_alarm() -> None:
    alarm = parse_metric_alarm(_one(evaluationPeriods=1))
    store = _store({DEPTH: [(0, 99)]})

    def last_alarm(assumptions: EvaluationAssumptions) -> int:
        states = {m: evaluate(alarm, store, NOON + m * 60, assumptions).state for m in range(1, 9)}
        return max(minute for minute, state in states.items() if state is AlarmState.ALARM)

    assert [last_alarm(EvaluationAssumptions(extra_periods=more)) for more in (0, 2, 4)] == [
        1,
        3,
        5,
    ]


def test_a_percentile_with_too_few_samples_is_ignored_if_declared_so() -> None:
    low = {"evaluateLowSampleCountPercentiles": "ignore", "statistic": None}
    alarm = parse_metric_alarm(_one(evaluationPeriods=1, extendedStatistic="p95", **low))

    def state(samples: int) -> AlarmState | None:
        store = MetricStore()
        store.add(DEPTH, NOON, 99, times=samples)
        return evaluate(alarm, store, NOON + 60).state

    assert required_samples(95) == pytest.approx(200)
    assert state(150) is None
    assert state(201) is AlarmState.ALARM


def test_alarms_on_dynamodb_ignore_missing_data_by_default() -> None:
    of_table = _one(namespace="AWS/DynamoDB", treatMissingData=None)

    assert parse_metric_alarm(of_table).missing_data is MissingData.IGNORE
    assert parse_metric_alarm(_one(treatMissingData=None)).missing_data is MissingData.MISSING
    assert (
        parse_metric_alarm(_one(namespace="AWS/DynamoDB")).missing_data is MissingData.NOT_BREACHING
    )


def test_composites_change_in_the_same_minute_as_their_children() -> None:
    def composite(name: str, rule: str) -> CompositeAlarmDefinition:
        return parse_composite_alarm(
            {"alarmName": name, "alarmRule": rule, "alarmActions": [TOPIC]}
        )

    silent = parse_metric_alarm(_one(alarmActions=[], okActions=[]))
    top = composite("top", "ALARM(service) AND NOT ALARM(maintenance)")
    alarms: list[MetricAlarmDefinition | CompositeAlarmDefinition] = [
        top,
        composite("maintenance", "FALSE"),
        composite("service", 'ALARM("depth")'),
        silent,
    ]
    monitor = Monitor(alarms)
    store = _store({DEPTH: [(minute, 99) for minute in range(5)]})

    changes = _minutes(monitor, store, range(1, 12))

    fired = [(minute, change.alarm.name) for minute, change in changes if change.new == "ALARM"]
    assert fired == [(2, "depth"), (2, "service"), (2, "top")]
    notifying = [change.alarm.name for _, change in changes if change.topics]
    assert notifying == ["service", "top"]
    with pytest.raises(ValueError, match="depend on each other"):
        Monitor([composite("a", "ALARM(b)"), composite("b", "ALARM(a)")])


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        (_one(statistic=None), "statistic"),
        (_one(period=90), "period 90"),
        (_one(datapointsToAlarm=3), "datapointsToAlarm 3"),
        (_one(comparisonOperator="GreaterThanUpperThreshold"), "comparisonOperator"),
        (_one(period=900, evaluationPeriods=97), "too long"),
        (_rate(metricQueries=[*_rate()["metricQueries"][:2]]), "0 queries return data"),
        (_rate(metricQueries=[*_rate()["metricQueries"], _rate()["metricQueries"][0]]), "same id"),
    ],
)
def test_an_invalid_alarm_is_refused(declared: dict[str, Any], problem: str) -> None:
    with pytest.raises(AlarmError, match=problem):
        parse_metric_alarm(declared)


def test_an_alarm_has_at_most_ten_metrics_of_one_period() -> None:
    failed, started, rate = _rate()["metricQueries"]
    eleven = [{**failed, "id": f"m{number}"} for number in range(11)]
    other_period = {**started, "metric": {**started["metric"], "period": 60}}

    with pytest.raises(AlarmError, match="more than 10 metrics"):
        parse_metric_alarm(_rate(metricQueries=[*eleven, rate]))
    with pytest.raises(AlarmError, match=r"periods \[60, 300\]"):
        parse_metric_alarm(_rate(metricQueries=[failed, other_period, rate]))

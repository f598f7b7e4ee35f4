"""The monitor of a running cloud: reads metrics and sets alarm states by CloudWatch's API."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.cloudwatch.alarm_definitions import (
    AlarmDefinition,
    AlarmState,
    MetricAlarmDefinition,
    parse_composite_alarm,
    parse_metric_alarm,
)
from localcloud.aws.cloudwatch.metrics import Series, StatisticQuery
from localcloud.aws.cloudwatch.monitor import Monitor, StateChange

Json = dict[str, Any]

_QUERIES_A_CALL = 500
_MINUTE = 60
_DEPTH = "ApproximateNumberOfMessagesVisible"
_DEPTH_ATTRIBUTE = "ApproximateNumberOfMessages"


class CloudMonitor:
    """Evaluates a cloud's alarms; `client` makes a boto3 client of a service.

    It holds no state: alarms and their states are the cloud's own.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._cloudwatch = client("cloudwatch")
        self._sqs = client("sqs")

    def evaluate(self, at: float) -> list[StateChange]:
        """Evaluate all alarms at a moment (Unix seconds) and set the states that change.

        The emulator updates composite alarms itself and runs the actions of every change.
        """
        self._put_queue_metrics(at)
        alarms, states = self._describe_alarms()
        monitor = Monitor(alarms)
        monitor.states.update(states)
        changes = monitor.evaluate(_CloudMetrics(self._cloudwatch), at)
        for change in changes:
            if isinstance(change.alarm, MetricAlarmDefinition):
                self._cloudwatch.set_alarm_state(
                    AlarmName=change.alarm.name,
                    StateValue=change.new,
                    StateReason=change.reason,
                    StateReasonData=change.data,
                )
        return changes

    def _describe_alarms(self) -> tuple[list[AlarmDefinition], dict[str, AlarmState]]:
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        alarms: list[AlarmDefinition] = []
        states: dict[str, AlarmState] = {}
        for page in pages:
            alarms += [parse_metric_alarm(_as_declared(each)) for each in page["MetricAlarms"]]
            alarms += [parse_composite_alarm(_as_declared(a)) for a in page["CompositeAlarms"]]
            for each in (*page["MetricAlarms"], *page["CompositeAlarms"]):
                states[each["AlarmName"]] = AlarmState(each["StateValue"])
        return alarms, states

    def _put_queue_metrics(self, at: float) -> None:
        """Put the depth of each queue, as SQS does every minute, into the minute that has ended."""
        samples: list[Json] = []
        for url in self._sqs.list_queues().get("QueueUrls", []):
            answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[_DEPTH_ATTRIBUTE])
            samples.append(
                {
                    "MetricName": _DEPTH,
                    "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
                    "Timestamp": datetime.fromtimestamp(at // _MINUTE * _MINUTE - 1, UTC),
                    "Value": float(answer["Attributes"][_DEPTH_ATTRIBUTE]),
                    "Unit": "Count",
                }
            )
        if samples:
            self._cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=samples)


class _CloudMetrics:
    """The cloud's metrics, by GetMetricData."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch

    def read(self, queries: Iterable[StatisticQuery], /) -> Mapping[StatisticQuery, Series]:
        """The series of each query."""
        series: dict[StatisticQuery, Series] = {}
        by_range: dict[tuple[float, float], list[StatisticQuery]] = {}
        for query in queries:
            end = query.start + query.count * query.period
            by_range.setdefault((query.start, end), []).append(query)
        for (start, end), together in by_range.items():
            for first in range(0, len(together), _QUERIES_A_CALL):
                series |= self._read(together[first : first + _QUERIES_A_CALL], start, end)
        return series

    def _read(
        self, queries: list[StatisticQuery], start: float, end: float
    ) -> dict[StatisticQuery, Series]:
        answer = self._cloudwatch.get_metric_data(
            MetricDataQueries=[
                {"Id": f"q{number}", "MetricStat": _metric_stat(query)}
                for number, query in enumerate(queries)
            ],
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(end, UTC),
        )
        results = {result["Id"]: result for result in answer["MetricDataResults"]}
        return {
            query: _series(query, results[f"q{number}"]) for number, query in enumerate(queries)
        }


def _metric_stat(query: StatisticQuery) -> Json:
    metric = query.metric
    return {
        "Metric": {
            "Namespace": metric.namespace,
            "MetricName": metric.name,
            "Dimensions": [
                {"Name": name, "Value": value} for name, value in sorted(metric.dimensions)
            ],
        },
        "Period": query.period,
        "Stat": query.statistic,
    }


def _series(query: StatisticQuery, result: Json) -> Series:
    values = {
        round((moment.timestamp() - query.start) / query.period): value
        for moment, value in zip(result["Timestamps"], result["Values"], strict=True)
    }
    return tuple(values.get(number) for number in range(query.count))


def _as_declared(described: Json) -> Json:
    """An alarm of DescribeAlarms, with the names of Pulumi's inputs."""
    declared = {name[0].lower() + name[1:]: value for name, value in described.items()}
    if "alarmRule" in declared:
        return {**declared, "okActions": described.get("OKActions")}
    return {
        **declared,
        "name": described["AlarmName"],
        "okActions": described.get("OKActions"),
        "evaluateLowSampleCountPercentiles": described.get("EvaluateLowSampleCountPercentile"),
        "dimensions": _by_name(described.get("Dimensions", [])),
        "metricQueries": [_query_as_declared(each) for each in described.get("Metrics", [])],
    }


def _query_as_declared(query: Json) -> Json:
    declared = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if "Expression" in query:
        return {**declared, "expression": query["Expression"]}
    stat = query["MetricStat"]
    return {
        **declared,
        "metric": {
            "namespace": stat["Metric"]["Namespace"],
            "metricName": stat["Metric"]["MetricName"],
            "dimensions": _by_name(stat["Metric"].get("Dimensions", [])),
            "period": stat["Period"],
            "stat": stat["Stat"],
        },
    }


def _by_name(dimensions: list[dict[str, str]]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in dimensions}

"""The monitor of a running cloud: its metrics in, its alarms' states out, by CloudWatch's API."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.cloudwatch.alarms import (
    CompositeAlarm,
    MetricAlarm,
    State,
    composite_alarm,
    metric_alarm,
)
from localcloud.aws.cloudwatch.metrics import Query, Series
from localcloud.aws.cloudwatch.monitor import Monitor, StateChange

Json = dict[str, Any]

_QUERIES_A_CALL = 500
_MINUTE = 60
_DEPTH = "ApproximateNumberOfMessagesVisible"
_DEPTH_ATTRIBUTE = "ApproximateNumberOfMessages"


class CloudMonitor:
    """Judges a cloud's alarms; `client` makes a boto3 client of a service.

    It keeps nothing: alarms and their states are the cloud's own.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._cloudwatch = client("cloudwatch")
        self._queues = client("sqs")

    def look(self, at: float) -> list[StateChange]:
        """Judge all alarms at a moment (Unix seconds) and set the state of those that change.

        The cloud itself lets composite alarms follow and publishes what their actions tell.
        """
        self._measure_queues(at)
        alarms, states = self._alarms()
        monitor = Monitor(alarms)
        monitor.states.update(states)
        changes = monitor.look(_Metrics(self._cloudwatch), at)
        for change in changes:
            if isinstance(change.alarm, MetricAlarm):
                self._cloudwatch.set_alarm_state(
                    AlarmName=change.alarm.name,
                    StateValue=change.new,
                    StateReason=change.reason,
                    StateReasonData=change.data,
                )
        return changes

    def _alarms(self) -> tuple[list[MetricAlarm | CompositeAlarm], dict[str, State]]:
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        alarms: list[MetricAlarm | CompositeAlarm] = []
        states: dict[str, State] = {}
        for page in pages:
            alarms += [metric_alarm(_as_declared(each)) for each in page["MetricAlarms"]]
            alarms += [composite_alarm(_as_declared(each)) for each in page["CompositeAlarms"]]
            for each in (*page["MetricAlarms"], *page["CompositeAlarms"]):
                states[each["AlarmName"]] = State(each["StateValue"])
        return alarms, states

    def _measure_queues(self, at: float) -> None:
        """What SQS tells CloudWatch of its queues each minute, as of the minute that has ended."""
        samples: list[Json] = []
        for url in self._queues.list_queues().get("QueueUrls", []):
            held = self._queues.get_queue_attributes(
                QueueUrl=url, AttributeNames=[_DEPTH_ATTRIBUTE]
            )
            samples.append(
                {
                    "MetricName": _DEPTH,
                    "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
                    "Timestamp": datetime.fromtimestamp(at // _MINUTE * _MINUTE - 1, UTC),
                    "Value": float(held["Attributes"][_DEPTH_ATTRIBUTE]),
                    "Unit": "Count",
                }
            )
        if samples:
            self._cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=samples)


class _Metrics:
    """The cloud's metrics, by GetMetricData."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch

    def read(self, queries: Iterable[Query], /) -> Mapping[Query, Series]:
        """The series of each query."""
        series: dict[Query, Series] = {}
        by_range: dict[tuple[float, float], list[Query]] = {}
        for query in queries:
            ends = query.start + query.count * query.period
            by_range.setdefault((query.start, ends), []).append(query)
        for (start, end), together in by_range.items():
            for first in range(0, len(together), _QUERIES_A_CALL):
                series |= self._read(together[first : first + _QUERIES_A_CALL], start, end)
        return series

    def _read(self, queries: list[Query], start: float, end: float) -> dict[Query, Series]:
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


def _metric_stat(query: Query) -> Json:
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


def _series(query: Query, result: Json) -> Series:
    found = {
        round((moment.timestamp() - query.start) / query.period): value
        for moment, value in zip(result["Timestamps"], result["Values"], strict=True)
    }
    return tuple(found.get(number) for number in range(query.count))


def _as_declared(described: Json) -> Json:
    """An alarm of DescribeAlarms by the names in which one is declared."""
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

"""The metrics that AWS's services put into CloudWatch, measured in the emulator.

MiniStack counts Invoke calls only, and reads no metrics from log lines. Names, dimensions and units
follow "Types of metrics for Lambda functions"; "Monitoring Step Functions metrics"; "Monitor HTTP
APIs with CloudWatch metrics"; "Monitoring Amazon SNS topics using CloudWatch"; "Embedded metric
format specification".
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from localcloud.aws.consistency import locked_environment
from localcloud.aws.functions import workers
from localcloud.aws.ministack import Json, cloudwatch, functions, gateway, logs, sns

_dispatch = functions._execute_function_dispatch
_append_log_events = logs._append_log_events
_handle_execute = gateway.handle_execute
_deliver_to_sqs = sns._deliver_to_sqs
_ENDINGS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
_CLIENT_ERROR, _SERVER_ERROR = 400, 500

_running: Counter[str] = Counter()
_lock = threading.Lock()


@dataclass(frozen=True)
class Sample:
    """One sample of a metric; `at` in Unix seconds."""

    namespace: str
    name: str
    value: float
    dimensions: Json
    unit: str = "Count"
    at: float = field(default_factory=time.time)

    def put(self) -> None:
        """Add the sample to MiniStack's CloudWatch."""
        key = (self.namespace, self.name, cloudwatch._dims_key(self.dimensions))
        cloudwatch._metric_bucket(key).append(
            {
                "Timestamp": self.at,
                "Value": float(self.value),
                "Unit": self.unit,
                "Dimensions": self.dimensions,
            }
        )


def execute_function(
    function: Json, config: Json, event: Any, request_id: str, started: float
) -> Any:
    """Run an invocation, and count it when it ends."""
    name: str = config["FunctionName"]
    with _lock:
        _running[name] += 1
        running, all_running = _running[name], _running.total()
    Sample("AWS/Lambda", "ConcurrentExecutions", all_running, {}).put()
    failed = True
    begun = time.time()
    try:
        result = locked_environment(config) or _dispatch(
            function, config, event, request_id, started
        )
        failed = bool(result.get("error"))
        return result
    finally:
        with _lock:
            _running[name] -= 1
        for dimensions in _of_function(name, config):
            Sample("AWS/Lambda", "Invocations", 1, dimensions).put()
            Sample("AWS/Lambda", "Errors", failed, dimensions).put()
            Sample("AWS/Lambda", "Throttles", 0, dimensions).put()
            duration = (time.time() - begun - workers.init_seconds()) * 1000
            Sample("AWS/Lambda", "Duration", duration, dimensions, "Milliseconds").put()
            Sample("AWS/Lambda", "ConcurrentExecutions", running, dimensions).put()


def emit_lambda_metrics(function_name: str, *, throttle: bool, **_more: Any) -> None:
    """Count a throttled call; `execute_function` counts the invocations."""
    if throttle:
        Sample("AWS/Lambda", "Throttles", 1, {"FunctionName": function_name}).put()


def execution_changed(execution: Json) -> None:
    """Count the start or the end of an execution."""
    by_machine = {"StateMachineArn": execution["stateMachineArn"]}
    if execution["status"] == "RUNNING":
        Sample("AWS/States", "ExecutionsStarted", 1, by_machine).put()
        return
    Sample("AWS/States", _ENDINGS[execution["status"]], 1, by_machine).put()
    milliseconds = (_moment(execution["stopDate"]) - _moment(execution["startDate"])) * 1000
    Sample("AWS/States", "ExecutionTime", milliseconds, by_machine, "Milliseconds").put()


async def handle_execute(api_id: str, *request: Any, **more: Any) -> Any:
    """Answer a request to an API, and count it."""
    begun = time.time()
    answer = await _handle_execute(api_id, *request, **more)
    status: int = answer[0]
    by_api = {"ApiId": api_id}
    Sample("AWS/ApiGateway", "Count", 1, by_api).put()
    Sample("AWS/ApiGateway", "4xx", _CLIENT_ERROR <= status < _SERVER_ERROR, by_api).put()
    Sample("AWS/ApiGateway", "5xx", status >= _SERVER_ERROR, by_api).put()
    latency = (time.time() - begun) * 1000
    Sample("AWS/ApiGateway", "Latency", latency, by_api, "Milliseconds").put()
    return answer


def deliver_to_sqs(queue: str, *message: Any, topic_arn: str = "", **more: Any) -> None:
    """Deliver a topic's message to a queue, and count it as delivered or failed."""
    _deliver_to_sqs(queue, *message, topic_arn=topic_arn, **more)
    *_, account, topic = topic_arn.split(":")
    arrives = sns._sqs._queue_by_arn(queue) is not None and sns._sqs.queue_policy_allows(
        queue, "sns.amazonaws.com", topic_arn, account
    )
    outcome = "Delivered" if arrives else "Failed"
    Sample("AWS/SNS", f"NumberOfNotifications{outcome}", 1, {"TopicName": topic}).put()


def append_log_events(stream: Json, events: list[Json]) -> None:
    """Append log lines, and put the metrics in them."""
    _append_log_events(stream, events)
    for event in events:
        for sample in embedded_metrics(event["message"]):
            sample.put()


def embedded_metrics(line: str) -> Iterator[Sample]:
    """The samples in a log line, one for each of the metric's dimension sets."""
    if '"_aws"' not in line:
        return
    try:
        document = json.loads(line)
        at = document["_aws"]["Timestamp"] / 1000
        directives = document["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    for directive in directives:
        for names in directive["Dimensions"]:
            dimensions = {name: str(document[name]) for name in names}
            for metric in directive["Metrics"]:
                name, unit = metric["Name"], metric.get("Unit", "None")
                held: Any = document[name]
                values = cast("list[float]", held) if isinstance(held, list) else [held]
                for value in values:
                    yield Sample(directive["Namespace"], name, value, dimensions, unit, at)


def get_metric_data(_params: Any, request: Json, is_cbor: bool, _is_json: bool = False) -> Any:
    """GetMetricData with periods that start at StartTime; MiniStack aligns them to the clock.

    (API reference, GetMetricData.) Expressions are not supported: `localcloud.aws.cloudwatch`
    evaluates them.
    """
    start = cloudwatch._parse_ts(request["StartTime"])
    end = cloudwatch._parse_ts(request["EndTime"])
    results = [_read(query, start, end) for query in request["MetricDataQueries"]]
    if is_cbor:
        shown = [cloudwatch._cbor_metric_data_result(result) for result in results]
        return cloudwatch._cbor_ok({"MetricDataResults": shown})
    return cloudwatch._json_ok({"MetricDataResults": results})


def _read(query: Json, start: float, end: float) -> Json:
    stat = query["MetricStat"]
    metric, period = stat["Metric"], stat["Period"]
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    key = (metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(dimensions))
    periods: dict[float, list[Json]] = {}
    for point in cloudwatch._metrics.get(key, []):
        if start <= point["Timestamp"] < end:
            begins = start + (point["Timestamp"] - start) // period * period
            periods.setdefault(begins, []).append(point)
    values = {
        begins: cloudwatch._stat_value(cloudwatch._calc_stats(points), stat["Stat"], points)
        for begins, points in sorted(periods.items())
    }
    there = {begins: value for begins, value in values.items() if value is not None}
    return {
        "Id": query["Id"],
        "Label": query.get("Label", query["Id"]),
        "Timestamps": list(there),
        "Values": list(there.values()),
        "StatusCode": "Complete",
    }


def _of_function(name: str, config: Json) -> Iterator[Json]:
    """The function's dimensions, alone and with each alias of the version."""
    yield {"FunctionName": name}
    aliases: Json = functions._functions[name]["aliases"] if name in functions._functions else {}
    for alias, found in aliases.items():
        if found.get("FunctionVersion") == config.get("Version"):
            yield {"FunctionName": name, "Resource": f"{name}:{alias}"}


def _moment(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()

"""The metrics that AWS's services put into CloudWatch."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.localcloud.emulated import EmulatedAws, Json, Read, wait_until

MEASURING = """
import json, time

def handler(event, context):
    moment = int(time.time() * 1000)
    print("a line that is no metric")
    print(json.dumps({
        "_aws": {"Timestamp": moment, "CloudWatchMetrics": [{
            "Namespace": "Test/Embedded",
            "Dimensions": [["environment"], ["environment", "status"]],
            "Metrics": [{"Name": "Ended", "Unit": "Count"}, {"Name": "Latency"}],
        }]},
        "environment": "local", "status": event["status"], "Ended": 1, "Latency": [3, 5],
    }))
"""


def _name(function_arn: str) -> str:
    return function_arn.split(":")[6]


def test_invocations_are_counted_however_they_end(aws: EmulatedAws, read: Read) -> None:
    function = aws.function(aws.role("lambda"))
    name = _name(function)
    for event in ({"sleep": 0.1}, {"raise": "Broken"}, {"kill": True}):
        aws.invoke(function, event)

    assert read("AWS/Lambda", "Invocations", FunctionName=name) == 3
    assert read("AWS/Lambda", "Errors", FunctionName=name) == 2
    assert read("AWS/Lambda", "Throttles", FunctionName=name) == 0
    duration = read("AWS/Lambda", "Duration", "Maximum", FunctionName=name)
    assert duration is not None
    assert duration >= 100
    assert read("AWS/Lambda", "ConcurrentExecutions", "Maximum", FunctionName=name) == 1


def test_invocations_by_a_machine_are_counted_by_function_and_alias(
    aws: EmulatedAws, read: Read
) -> None:
    function = aws.function(aws.role("lambda"))
    name = _name(function)
    version = aws.functions.publish_version(FunctionName=name)["Version"]
    aws.functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)

    aws.run({"Call": {"Type": "Task", "Resource": f"{function}:live", "End": True}})

    by_alias = {"FunctionName": name, "Resource": f"{name}:live"}
    assert read("AWS/Lambda", "Invocations", FunctionName=name) == 1
    assert read("AWS/Lambda", "Invocations", **by_alias) == 1


def test_a_throttled_call_is_no_invocation(aws: EmulatedAws, read: Read) -> None:
    function = aws.function(aws.role("lambda"))
    name = _name(function)
    aws.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    task: Json = {"Type": "Task", "Resource": function, "End": True}

    assert aws.run({"Call": task})["error"] == "Lambda.TooManyRequestsException"
    assert read("AWS/Lambda", "Throttles", FunctionName=name) == 1
    assert read("AWS/Lambda", "Invocations", FunctionName=name) is None


def test_executions_are_counted_by_their_end(aws: EmulatedAws, read: Read) -> None:
    endings = {
        "Succeeded": aws.machine({"Done": {"Type": "Succeed"}}),
        "Failed": aws.machine({"Broken": {"Type": "Fail", "Error": "E"}}),
        "TimedOut": aws.machine({"Wait": {"Type": "Wait", "Seconds": 9, "End": True}}, timeout=1),
    }
    for machine in endings.values():
        aws.ended(aws.start(machine))

    for ending, machine in endings.items():
        for name in (*endings, "Aborted"):
            counted = read("AWS/States", f"Executions{name}", StateMachineArn=machine)
            assert counted == (1 if name == ending else None)
        assert read("AWS/States", "ExecutionsStarted", StateMachineArn=machine) == 1
    longest = read("AWS/States", "ExecutionTime", "Maximum", StateMachineArn=endings["TimedOut"])
    assert longest == pytest.approx(1000, abs=500)


def test_embedded_metrics_in_a_functions_log_count_in_each_dimension_set(
    aws: EmulatedAws, read: Read
) -> None:
    function = aws.function(aws.role("lambda"), source=MEASURING)
    for status in ("FAILED", "SUCCEEDED", "SUCCEEDED"):
        aws.invoke(function, {"status": status})

    by_environment = {"environment": "local"}
    wait_until(lambda: read("Test/Embedded", "Ended", **by_environment) == 3)
    assert read("Test/Embedded", "Ended", **by_environment, status="SUCCEEDED") == 2
    assert read("Test/Embedded", "Ended", **by_environment, status="FAILED") == 1
    assert read("Test/Embedded", "Ended") is None
    assert read("Test/Embedded", "Latency", "SampleCount", **by_environment) == 6
    assert read("Test/Embedded", "Latency", "p50", **by_environment) == 4


def test_an_undelivered_notification_is_counted(aws: EmulatedAws, read: Read) -> None:
    sns, queues = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name="unsubscribed")["TopicArn"]
    queue = queues.create_queue(QueueName="closed")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])

    sns.publish(TopicArn=topic, Message=json.dumps("refused"))

    assert read("AWS/SNS", "NumberOfNotificationsFailed", TopicName="unsubscribed") == 1
    assert read("AWS/SNS", "NumberOfNotificationsDelivered", TopicName="unsubscribed") is None


def test_periods_of_get_metric_data_start_at_start_time(aws: EmulatedAws) -> None:
    cloudwatch: Any = aws.client("cloudwatch")
    # seven minutes past the hour: no period aligned to the clock starts there
    start = datetime.now(UTC).replace(minute=7, second=0, microsecond=0) - timedelta(hours=2)
    for minute in (0, 4, 5):
        cloudwatch.put_metric_data(
            Namespace="Test/Periods",
            MetricData=[
                {"MetricName": "M", "Value": 1, "Timestamp": start + timedelta(minutes=minute)}
            ],
        )
    metric = {"Namespace": "Test/Periods", "MetricName": "M"}
    stat = {"Metric": metric, "Period": 300, "Stat": "Sum"}

    (result,) = cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": stat}],
        StartTime=start,
        EndTime=start + timedelta(minutes=10),
    )["MetricDataResults"]

    assert result["Timestamps"] == [start, start + timedelta(minutes=5)]
    assert result["Values"] == [2, 1]

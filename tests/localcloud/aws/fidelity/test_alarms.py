"""Alarms keep their properties, change by SetAlarmState only, publish CloudWatch's message."""

import json
from typing import Any

import pytest

from tests.localcloud.emulated import (
    ACCOUNT_ID,
    REGION,
    EmulatedAws,
    Json,
    document,
    lines,
    wait_until,
)

RATE: list[Json] = [
    {"Id": "rate", "Expression": "100 * FILL(failed, 0) / started", "Label": "失敗率"},
    *(
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/States",
                    "MetricName": metric,
                    "Dimensions": [{"Name": "StateMachineArn", "Value": "arn:m"}],
                },
                "Period": 300,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for name, metric in (("failed", "ExecutionsFailed"), ("started", "ExecutionsStarted"))
    ),
]
EVALUATION = {
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 10.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}
DEPTH = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "dead-letters"}],
    "Period": 60,
    "Statistic": "Maximum",
}


class Listener:
    """A topic that alarms may publish to, and a queue that receives its messages."""

    def __init__(self, aws: EmulatedAws, name: str, *, allows_alarms: bool = True) -> None:
        self._queues = aws.client("sqs")
        sns = aws.client("sns")
        self.topic: str = sns.create_topic(Name=name)["TopicArn"]
        self._url = self._queues.create_queue(QueueName=name)["QueueUrl"]
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"
        may_send = _statement("sns", "sqs:SendMessage", queue)
        self._queues.set_queue_attributes(
            QueueUrl=self._url, Attributes={"Policy": document(may_send)}
        )
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue)
        over_tls = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": self.topic,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        service = "cloudwatch" if allows_alarms else "events"
        policy = document(_statement(service, "sns:Publish", self.topic), over_tls)
        sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=policy)

    def received(self) -> list[Json]:
        """The envelopes since the last call, each with its message parsed."""
        answer = self._queues.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        envelopes = [json.loads(each["Body"]) for each in answer.get("Messages", [])]
        for each in answer.get("Messages", []):
            self._queues.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
        return [{**each, "Message": json.loads(each["Message"])} for each in envelopes]


def _statement(service: str, action: str, resource: str) -> Json:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": action,
        "Resource": resource,
    }


@pytest.fixture
def cloudwatch(aws: EmulatedAws) -> Any:
    return aws.client("cloudwatch")


def _set(cloudwatch: Any, name: str, state: str) -> None:
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="by a test")


def _described(cloudwatch: Any, name: str) -> Json:
    answer = cloudwatch.describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return alarm


def test_an_alarm_on_metric_math_keeps_its_queries(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="math", Metrics=RATE, **EVALUATION)

    alarm = _described(cloudwatch, "math")

    assert alarm["Metrics"] == RATE
    assert {name: alarm[name] for name in EVALUATION} == EVALUATION
    assert not {"MetricName", "Namespace", "Statistic", "Period"} & set(alarm)


def test_a_percentile_alarm_has_no_other_statistic(cloudwatch: Any) -> None:
    percentile = {"ExtendedStatistic": "p95", "EvaluateLowSampleCountPercentile": "ignore"}
    metric = {name: value for name, value in DEPTH.items() if name != "Statistic"}
    cloudwatch.put_metric_alarm(AlarmName="percentile", **metric, **percentile, **EVALUATION)

    alarm = _described(cloudwatch, "percentile")

    assert "Statistic" not in alarm
    assert {name: alarm[name] for name in percentile} == percentile


def test_metric_data_change_no_alarm_state(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="patient", **DEPTH, **EVALUATION)
    datum = {"MetricName": DEPTH["MetricName"], "Value": 99.0}

    cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[datum])

    assert _described(cloudwatch, "patient")["StateValue"] == "INSUFFICIENT_DATA"


def test_the_message_of_an_alarm_on_one_metric_has_its_trigger(
    aws: EmulatedAws, cloudwatch: Any
) -> None:
    listener = Listener(aws, "one-metric")
    actions = {"AlarmActions": [listener.topic], "OKActions": [listener.topic]}
    cloudwatch.put_metric_alarm(
        AlarmName="depth", AlarmDescription="見に行く", **DEPTH, **EVALUATION, **actions
    )

    _set(cloudwatch, "depth", "ALARM")
    (envelope,) = listener.received()
    message = envelope["Message"]

    assert envelope["Subject"] == 'ALARM: "depth" in Asia Pacific (Tokyo)'
    assert message["AlarmArn"] == f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:depth"
    assert (message["OldStateValue"], message["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert (message["AlarmDescription"], message["NewStateReason"]) == ("見に行く", "by a test")
    assert message["Trigger"] == {
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Namespace": "AWS/SQS",
        "StatisticType": "Statistic",
        "Statistic": "MAXIMUM",
        "Unit": None,
        "Dimensions": [{"value": "dead-letters", "name": "QueueName"}],
        "Period": 60,
        "EvaluateLowSampleCountPercentile": "",
        **EVALUATION,
    }


def test_the_message_of_an_alarm_on_metric_math_has_its_queries(
    aws: EmulatedAws, cloudwatch: Any
) -> None:
    listener = Listener(aws, "metric-math")
    cloudwatch.put_metric_alarm(
        AlarmName="rate", Metrics=RATE, AlarmActions=[listener.topic], **EVALUATION
    )

    _set(cloudwatch, "rate", "ALARM")
    trigger = listener.received()[0]["Message"]["Trigger"]

    assert (trigger["Period"], "MetricName" in trigger) == (300, False)
    assert trigger["Metrics"][0] == {
        "Expression": "100 * FILL(failed, 0) / started",
        "Id": "rate",
        "Label": "失敗率",
        "ReturnData": True,
    }
    assert trigger["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"] == [
        {"value": "arn:m", "name": "StateMachineArn"}
    ]


def test_a_composite_alarm_publishes_once_for_its_children(
    aws: EmulatedAws, cloudwatch: Any
) -> None:
    listener = Listener(aws, "composite")
    for child in ("first", "second"):
        cloudwatch.put_metric_alarm(AlarmName=child, **DEPTH, **EVALUATION)
    rule = 'ALARM("first") OR ALARM("second")'
    cloudwatch.put_composite_alarm(
        AlarmName="service",
        AlarmRule=rule,
        AlarmActions=[listener.topic],
        OKActions=[listener.topic],
    )
    wait_until(lambda: _described(cloudwatch, "service")["StateValue"] == "OK")
    listener.received()  # the first OK of the new alarm

    for child, state in (("first", "ALARM"), ("second", "ALARM"), ("first", "OK")):
        _set(cloudwatch, child, state)
    (alarm,) = listener.received()
    _set(cloudwatch, "second", "OK")
    (ok,) = listener.received()

    assert (alarm["Message"]["NewStateValue"], ok["Message"]["NewStateValue"]) == ("ALARM", "OK")
    assert alarm["Message"]["AlarmRule"] == rule
    (child,) = alarm["Message"]["TriggeringChildren"]
    assert child["Arn"].endswith(":alarm:first")
    assert child["State"]["Value"] == "ALARM"


def test_an_alarm_needs_a_topic_whose_policy_allows_cloudwatch(
    aws: EmulatedAws, cloudwatch: Any
) -> None:
    listener = Listener(aws, "refused", allows_alarms=False)
    cloudwatch.put_metric_alarm(
        AlarmName="refused", **DEPTH, **EVALUATION, AlarmActions=[listener.topic]
    )

    _set(cloudwatch, "refused", "ALARM")

    assert listener.received() == []


def test_e_mail_subscribers_get_the_alarm_as_text(aws: EmulatedAws, cloudwatch: Any) -> None:
    listener = Listener(aws, "mailed")
    address = "oncall@example.com"
    aws.client("sns").subscribe(TopicArn=listener.topic, Protocol="email", Endpoint=address)
    cloudwatch.put_metric_alarm(
        AlarmName="mailed",
        AlarmDescription="docs/runbook.md#depth",
        **DEPTH,
        **EVALUATION,
        AlarmActions=[listener.topic],
    )

    _set(cloudwatch, "mailed", "ALARM")
    (mail,) = [mail for mail in lines(aws.emulator.mails) if mail["to"] == address]

    assert mail["subject"] == 'ALARM: "mailed" in Asia Pacific (Tokyo)'
    assert "has entered the ALARM state" in mail["text"]
    assert "- Description: docs/runbook.md#depth" in mail["text"]
    assert len(listener.received()) == 1

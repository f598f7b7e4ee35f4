"""Alarms: kept as they were put, changed by SetAlarmState alone, telling what CloudWatch tells."""

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
JUDGED = {
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
    """A topic that alarms may publish to, and a queue that hears what is published."""

    def __init__(self, aws: EmulatedAws, name: str, *, lets_alarms: bool = True) -> None:
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
        service = "cloudwatch" if lets_alarms else "events"
        policy = document(_statement(service, "sns:Publish", self.topic), over_tls)
        sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=policy)

    def heard(self) -> list[Json]:
        """The envelopes that have arrived since the last look, each with its message parsed."""
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
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="so it was judged")


def _described(cloudwatch: Any, name: str) -> Json:
    answer = cloudwatch.describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return alarm


def test_an_alarm_on_metric_math_keeps_its_queries(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="math", Metrics=RATE, **JUDGED)

    alarm = _described(cloudwatch, "math")

    assert alarm["Metrics"] == RATE
    assert {name: alarm[name] for name in JUDGED} == JUDGED
    assert not {"MetricName", "Namespace", "Statistic", "Period"} & set(alarm)


def test_a_percentile_alarm_has_no_other_statistic(cloudwatch: Any) -> None:
    percentile = {"ExtendedStatistic": "p95", "EvaluateLowSampleCountPercentile": "ignore"}
    metric = {name: value for name, value in DEPTH.items() if name != "Statistic"}
    cloudwatch.put_metric_alarm(AlarmName="percentile", **metric, **percentile, **JUDGED)

    alarm = _described(cloudwatch, "percentile")

    assert "Statistic" not in alarm
    assert {name: alarm[name] for name in percentile} == percentile


def test_data_change_no_state_here(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(AlarmName="patient", **DEPTH, **JUDGED)
    datum = {"MetricName": DEPTH["MetricName"], "Value": 99.0}

    cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[datum])

    assert _described(cloudwatch, "patient")["StateValue"] == "INSUFFICIENT_DATA"


def test_an_alarm_on_one_metric_tells_its_trigger(aws: EmulatedAws, cloudwatch: Any) -> None:
    listener = Listener(aws, "one-metric")
    actions = {"AlarmActions": [listener.topic], "OKActions": [listener.topic]}
    cloudwatch.put_metric_alarm(
        AlarmName="depth", AlarmDescription="見に行く", **DEPTH, **JUDGED, **actions
    )

    _set(cloudwatch, "depth", "ALARM")
    (envelope,) = listener.heard()
    told = envelope["Message"]

    assert envelope["Subject"] == 'ALARM: "depth" in Asia Pacific (Tokyo)'
    assert told["AlarmArn"] == f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:depth"
    assert (told["OldStateValue"], told["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert (told["AlarmDescription"], told["NewStateReason"]) == ("見に行く", "so it was judged")
    assert told["Trigger"] == {
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Namespace": "AWS/SQS",
        "StatisticType": "Statistic",
        "Statistic": "MAXIMUM",
        "Unit": None,
        "Dimensions": [{"value": "dead-letters", "name": "QueueName"}],
        "Period": 60,
        "EvaluateLowSampleCountPercentile": "",
        **JUDGED,
    }


def test_an_alarm_on_metric_math_tells_its_queries(aws: EmulatedAws, cloudwatch: Any) -> None:
    listener = Listener(aws, "metric-math")
    cloudwatch.put_metric_alarm(
        AlarmName="rate", Metrics=RATE, AlarmActions=[listener.topic], **JUDGED
    )

    _set(cloudwatch, "rate", "ALARM")
    trigger = listener.heard()[0]["Message"]["Trigger"]

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


def test_a_composite_alarm_speaks_once_for_its_children(aws: EmulatedAws, cloudwatch: Any) -> None:
    listener = Listener(aws, "composite")
    for child in ("first", "second"):
        cloudwatch.put_metric_alarm(AlarmName=child, **DEPTH, **JUDGED)
    rule = 'ALARM("first") OR ALARM("second")'
    cloudwatch.put_composite_alarm(
        AlarmName="service",
        AlarmRule=rule,
        AlarmActions=[listener.topic],
        OKActions=[listener.topic],
    )
    wait_until(lambda: _described(cloudwatch, "service")["StateValue"] == "OK")
    listener.heard()  # a new alarm's first OK

    for child, state in (("first", "ALARM"), ("second", "ALARM"), ("first", "OK")):
        _set(cloudwatch, child, state)
    (alarm,) = listener.heard()
    _set(cloudwatch, "second", "OK")
    (ok,) = listener.heard()

    assert (alarm["Message"]["NewStateValue"], ok["Message"]["NewStateValue"]) == ("ALARM", "OK")
    assert alarm["Message"]["AlarmRule"] == rule
    (child,) = alarm["Message"]["TriggeringChildren"]
    assert child["Arn"].endswith(":alarm:first")
    assert child["State"]["Value"] == "ALARM"


def test_a_topic_whose_policy_does_not_let_cloudwatch_publish_hears_nothing(
    aws: EmulatedAws, cloudwatch: Any
) -> None:
    deaf = Listener(aws, "refused", lets_alarms=False)
    cloudwatch.put_metric_alarm(AlarmName="mute", **DEPTH, **JUDGED, AlarmActions=[deaf.topic])

    _set(cloudwatch, "mute", "ALARM")

    assert deaf.heard() == []


def test_subscribers_by_e_mail_get_the_same_in_words(aws: EmulatedAws, cloudwatch: Any) -> None:
    listener = Listener(aws, "mailed")
    address = "oncall@example.com"
    aws.client("sns").subscribe(TopicArn=listener.topic, Protocol="email", Endpoint=address)
    cloudwatch.put_metric_alarm(
        AlarmName="mailed",
        AlarmDescription="docs/runbook.md#depth",
        **DEPTH,
        **JUDGED,
        AlarmActions=[listener.topic],
    )

    _set(cloudwatch, "mailed", "ALARM")
    (mail,) = [mail for mail in lines(aws.emulator.mails) if mail["to"] == address]

    assert mail["subject"] == 'ALARM: "mailed" in Asia Pacific (Tokyo)'
    assert "has entered the ALARM state" in mail["text"]
    assert "- Description: docs/runbook.md#depth" in mail["text"]
    assert len(listener.heard()) == 1

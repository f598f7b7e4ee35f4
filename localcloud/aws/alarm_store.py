"""Alarms as CloudWatch stores them, and the messages that their actions publish.

MiniStack drops the queries of a metric math alarm, evaluates alarms by the metric's name alone and
publishes messages of another form. Here an alarm keeps all its properties, only SetAlarmState
changes its state (`localcloud.aws.cloudwatch` evaluates it), and its actions publish CloudWatch's
message, if the topic's policy allows CloudWatch to publish for the alarm.
"""

import json
import logging
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.cloudwatch.notifications import mail_text, notification
from localcloud.aws.ministack import Json, Response, cloudwatch, iam, responses, sns

_put_metric_alarm = cloudwatch._put_metric_alarm
_SUCCESS = 200
_ONE_METRIC = ("MetricName", "Namespace", "Dimensions", "Period", "Statistic", "ExtendedStatistic")
_KEPT = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")
_ACTIONS = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}


def put_metric_alarm(params: Any, request: Json, *encoding: bool) -> Response:
    """PutMetricAlarm, with the fields that MiniStack drops."""
    answer = _put_metric_alarm(params, request, *encoding)
    name = request.get("AlarmName")
    if answer[0] == _SUCCESS and name in cloudwatch._alarms:
        alarm = cloudwatch._alarms[name]
        alarm.update({field: request[field] for field in _KEPT if field in request})
        unset = _ONE_METRIC if "Metrics" in request else ("Statistic", "ExtendedStatistic")
        for field in unset:
            if field not in request:
                alarm.pop(field, None)
    return answer


def evaluate_alarm(_alarm: Json) -> None:
    """Do nothing: alarms are evaluated outside of the emulator, by SetAlarmState."""


def dispatch_actions(alarm: Json, old_state: str, new_state: str, _reason: str) -> None:
    """Publish to the topics of an alarm's new state."""
    if not alarm.get("ActionsEnabled", True):
        return
    now = datetime.now(UTC)
    subject, message = notification(alarm, old_state, now)
    by_protocol = {"default": message, "email": mail_text(alarm, old_state, now)}
    topics: list[str] = alarm.get(_ACTIONS[new_state]) or []
    for topic in topics:
        copy_context().run(_publish, alarm, topic, subject, json.dumps(by_protocol))


def _publish(alarm: Json, topic: str, subject: str, message: str) -> None:
    # CloudWatch calls SNS inside AWS, which counts as TLS
    iam.pin_request_origin("127.0.0.1", True)
    account = responses.get_account_id()
    service = "cloudwatch.amazonaws.com"
    if not sns.topic_policy_allows(topic, service, alarm["AlarmArn"], account):
        logging.getLogger("cloudwatch").error(
            "%s may not publish to %s: the topic's policy does not allow it",
            alarm["AlarmArn"],
            topic,
        )
        return
    sns._fanout(topic, responses.new_uuid(), message, subject, "json")

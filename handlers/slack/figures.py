"""A composite alarm's children with their figures: CloudWatch tells only their names."""

from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from handlers.slack.notices import AlarmChange, measured

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_MOST = 100
"""Names in one DescribeAlarms (CloudWatch API Reference)."""


def with_figures(change: AlarmChange, cloudwatch: "CloudWatchClient") -> AlarmChange:
    """The change with what its children measure; as it is if CloudWatch does not say."""
    unknown = [each.alarm for each in change.measured if not each.reason][:_MOST]
    if change.state != "ALARM" or not unknown:
        return change
    try:
        answer = cloudwatch.describe_alarms(AlarmNames=unknown, AlarmTypes=["MetricAlarm"])
    except (BotoCoreError, ClientError):
        return change  # an alarm is told in any case
    found = {
        alarm["AlarmName"]: replace(
            measured(
                alarm["AlarmName"],
                alarm.get("ComparisonOperator", ""),
                alarm.get("Threshold"),
                alarm.get("StateReason", ""),
            ),
            description=alarm.get("AlarmDescription", ""),
        )
        for alarm in answer["MetricAlarms"]
        if "AlarmName" in alarm
    }
    shown = tuple(found.get(each.alarm, each) for each in change.measured)
    return replace(change, measured=shown)

"""The values of the alarms below a composite: CloudWatch's notification holds only their names."""

from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from handlers.slack.notices import AlarmNotice, alarm_value

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_MOST_NAMES = 100
"""Names in one DescribeAlarms (CloudWatch API Reference)."""


def with_child_values(notice: AlarmNotice, cloudwatch: "CloudWatchClient") -> AlarmNotice:
    """The notice with the values of those alarms; unchanged if CloudWatch does not answer."""
    unknown = [each.alarm for each in notice.values if not each.reason][:_MOST_NAMES]
    if notice.state != "ALARM" or not unknown:
        return notice
    try:
        answer = cloudwatch.describe_alarms(AlarmNames=unknown, AlarmTypes=["MetricAlarm"])
    except (BotoCoreError, ClientError):
        return notice  # The alarm is sent without values.
    found = {
        alarm["AlarmName"]: replace(
            alarm_value(
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
    return replace(notice, values=tuple(found.get(each.alarm, each) for each in notice.values))

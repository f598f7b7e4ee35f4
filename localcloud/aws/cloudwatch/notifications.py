"""The message that CloudWatch publishes to SNS when an alarm changes its state.

Field names and their order are those of recorded messages: alarms on one metric and on metric math
have "Trigger", composite alarms have "AlarmRule" and "TriggeringChildren". A subject has at most
100 characters (SNS API reference: Publish).
"""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.session import get_session

Json = dict[str, Any]

_SUBJECT_CHARACTERS = 100
_ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")


def notification(alarm: Json, old_state: str, changed_at: datetime) -> tuple[str, str]:
    """Subject and message for an alarm's present state; `alarm` in the form of DescribeAlarms."""
    _, _, _, region, account, *_ = str(alarm["AlarmArn"]).split(":")
    place = region_name(region)
    fields: Json = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": timestamp(
            datetime.fromtimestamp(alarm["AlarmConfigurationUpdatedTimestamp"], UTC)
        ),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": alarm["StateReason"],
        "StateChangeTime": timestamp(changed_at),
        "Region": place,
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old_state,
        **{field: alarm.get(field) or [] for field in _ACTIONS},
    }
    fields |= _composite(alarm) if "AlarmRule" in alarm else {"Trigger": _trigger(alarm)}
    return _subject(alarm["StateValue"], alarm["AlarmName"], place), json.dumps(
        fields, ensure_ascii=False
    )


def mail_text(alarm: Json, old_state: str, changed_at: datetime) -> str:
    """The text that e-mail subscribers get, worded as in recorded e-mails."""
    _, _, _, region, account, *_ = str(alarm["AlarmArn"]).split(":")
    name, state, at = (
        alarm["AlarmName"],
        alarm["StateValue"],
        f"{changed_at:%A %d %B, %Y %H:%M:%S} UTC",
    )
    rule = [f"- Alarm Rule: {alarm['AlarmRule']}"] if "AlarmRule" in alarm else []
    return "\n".join(
        [
            f'You are receiving this email because your Amazon CloudWatch Alarm "{name}" in the'
            f" {region_name(region)} region has entered the {state} state, because"
            f' "{alarm["StateReason"]}" at "{at}".',
            "",
            "Alarm Details:",
            f"- Name: {name}",
            f"- Description: {alarm.get('AlarmDescription', '')}",
            f"- State Change: {old_state} -> {state}",
            *rule,
            f"- Reason for State Change: {alarm['StateReason']}",
            f"- Timestamp: {at}",
            f"- AWS Account: {account}",
            f"- Alarm Arn: {alarm['AlarmArn']}",
        ]
    )


def timestamp(moment: datetime) -> str:
    """A time in CloudWatch's form: with milliseconds, and the offset without a colon."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}+0000"
    )


@cache
def region_name(region: str) -> str:
    """A region's name in CloudWatch's messages, `Asia Pacific (Tokyo)`; its code if unknown."""
    session: Any = get_session()
    for partition in session.get_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return partition["regions"][region]["description"]
    return region


def _subject(state: str, name: str, place: str) -> str:
    def subject(shown: str) -> str:
        return f'{state}: "{shown}" in {place}'

    whole = subject(name)
    excess = len(whole) - _SUBJECT_CHARACTERS
    return whole if excess <= 0 else subject(f"{name[: -excess - 3]}...")


def _composite(alarm: Json) -> Json:
    children = json.loads(alarm.get("StateReasonData") or "{}").get("triggeringAlarms", [])
    return {
        "AlarmRule": alarm["AlarmRule"],
        "TriggeringChildren": [
            {
                "Arn": child["arn"],
                "State": {
                    "Value": child["state"]["value"],
                    "Timestamp": child["state"]["timestamp"],
                },
            }
            for child in children
        ],
    }


def _trigger(alarm: Json) -> Json:
    datapoints = {name: alarm[name] for name in ("DatapointsToAlarm",) if name in alarm}
    evaluation = {
        "EvaluationPeriods": alarm["EvaluationPeriods"],
        **datapoints,
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile") or "",
    }
    if metrics := alarm.get("Metrics"):
        periods = {each["MetricStat"]["Period"] for each in metrics if "MetricStat" in each}
        return {
            "Period": max(periods, default=60),
            **evaluation,
            "Metrics": [_query(each) for each in metrics],
        }
    extended = alarm.get("ExtendedStatistic")
    return {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm["Namespace"],
        "StatisticType": "ExtendedStatistic" if extended else "Statistic",
        "ExtendedStatistic" if extended else "Statistic": extended or alarm["Statistic"].upper(),
        "Unit": alarm.get("Unit"),
        "Dimensions": _dimensions(alarm.get("Dimensions") or []),
        "Period": alarm["Period"],
        **evaluation,
    }


def _query(query: Json) -> Json:
    shown = {name: query[name] for name in ("Expression", "Id", "Label") if name in query}
    if stat := query.get("MetricStat"):
        metric = stat["Metric"]
        shown["MetricStat"] = {
            "Metric": {
                "Dimensions": _dimensions(metric.get("Dimensions") or []),
                "MetricName": metric["MetricName"],
                "Namespace": metric["Namespace"],
            },
            "Period": stat["Period"],
            "Stat": stat["Stat"],
        }
    return {**shown, "ReturnData": query.get("ReturnData", True)}


def _dimensions(dimensions: list[Json]) -> list[Json]:
    # recorded messages have lower-case names and the value first
    return [{"value": each["Value"], "name": each["Name"]} for each in dimensions]

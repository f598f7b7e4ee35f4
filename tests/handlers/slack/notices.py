"""Messages of the topics in AWS's form.

Alarms: CloudWatch User Guide, alarm notifications; SNS's envelope: Amazon SNS Developer Guide,
fanout to Amazon SQS queues.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from handlers.slack.notices import AlarmNotice, AlarmState, ExecutionNotice, Notice, read
from handlers.slack.queue import Delivery

RUNBOOK = "https://example.com/runbook"
LOG_GROUPS = tuple(f"/aws/lambda/goal-mandala-test-function-{number}" for number in range(11))
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EXECUTION_ID = "01932f5e-1111-7000-8000-000000000001"
GOAL_ID = "01932f5e-2222-7000-8000-000000000002"
_ALARMS = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:"
_EXECUTIONS = "arn:aws:states:ap-northeast-1:123456789012:execution:TaskGenerationWorkflow-test:"


def enveloped(message: object, subject: str | None = None, message_id: str = "") -> str:
    """SNS's envelope around a message."""
    text = message if isinstance(message, str) else json.dumps(message)
    envelope = {
        "Type": "Notification",
        "MessageId": message_id or str(uuid4()),
        "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:workflow-alerts-test",
        "Message": text,
        "Timestamp": AT.isoformat().replace("+00:00", ".000Z"),
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "UnsubscribeURL": "https://sns.ap-northeast-1.amazonaws.com/?Action=Unsubscribe",
    }
    return json.dumps({**envelope, **({"Subject": subject} if subject else {})})


def metric_alarm(name: str = "goal-mandala-test-slack-failing", **changed: Any) -> dict[str, Any]:
    """CloudWatch's message about a metric alarm."""
    return {
        "AlarmName": name,
        "AlarmDescription": f"Look at Slack. {RUNBOOK}#slack-failing",
        "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2026-11-24T09:00:00.000+0000",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed: 1 out of the last 1 datapoints [12.5 (24/11/26"
        " 09:25:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM"
        " transition).",
        "StateChangeTime": "2026-11-24T09:30:00.463+0000",
        "Region": "Asia Pacific (Tokyo)",
        "AlarmArn": f"{_ALARMS}{name}",
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": ["arn:aws:sns:ap-northeast-1:123456789012:workflow-alerts-test"],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "SlackFailures",
            "Namespace": "GoalMandala/Workflow",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": "test", "name": "environment"}],
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 10.0,
            "TreatMissingData": "notBreaching",
        },
        **changed,
    }


def composite_alarm(name: str = "goal-mandala-test-outage", **changed: Any) -> dict[str, Any]:
    """CloudWatch's message about a composite alarm."""
    child = f"{_ALARMS}goal-mandala-test-workflow-failure-rate-high"
    return {
        "AlarmName": name,
        "AlarmDescription": f"Users do not get what they ask for. {RUNBOOK}#outage",
        "AWSAccountId": "123456789012",
        "NewStateValue": "ALARM",
        "NewStateReason": f"{child} transitioned to ALARM at Tuesday 24 November, 2026 09:30 UTC",
        "StateChangeTime": "2026-11-24T09:30:00.463+0000",
        "Region": "Asia Pacific (Tokyo)",
        "AlarmArn": f"{_ALARMS}{name}",
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "OldStateValue": "OK",
        "AlarmRule": 'ALARM("goal-mandala-test-workflow-failure-rate-high")',
        "TriggeringChildren": [
            {"Arn": child, "State": {"Value": "ALARM", "Timestamp": "2026-11-24T09:30:00.000+0000"}}
        ],
        **changed,
    }


def ended(execution_id: str = EXECUTION_ID, **changed: Any) -> dict[str, Any]:
    """The state machine's message about an ended execution."""
    return {
        "executionId": execution_id,
        "executionArn": f"{_EXECUTIONS}{execution_id}",
        "goalId": GOAL_ID,
        "status": "PARTIALLY_SUCCEEDED",
        "totalActions": 64,
        "succeededActions": 60,
        "failedActions": 4,
        "startedAt": "2026-11-24T09:27:57.000Z",
        **changed,
    }


def change(
    state: AlarmState = "ALARM",
    *,
    previous: AlarmState = "OK",
    minutes: float = 0,
    name: str = "goal-mandala-test-outage",
) -> AlarmNotice:
    """An alarm's change, so many minutes after 9:30."""
    at = AT + timedelta(minutes=minutes)
    return AlarmNotice(name, f"{_ALARMS}{name}", "", state, previous, "", at)


def ending(number: int = 1, **changed: Any) -> ExecutionNotice:
    """The notice of an ended execution, one for each number."""
    notice = read(enveloped(ended(f"01932f5e-1111-7000-8000-{number:012d}", **changed)))
    assert isinstance(notice, ExecutionNotice)
    return notice


def delivery(notice: Notice, received: int = 1) -> Delivery:
    """A message of the queue with a notice."""
    message_id = str(uuid4())
    return Delivery(message_id, f"receipt of {message_id}", received, "body", notice)

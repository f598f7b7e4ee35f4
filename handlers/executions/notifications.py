"""Notifications of ended executions: ids, counts and codes, none of a user's texts.

The state machine publishes the end of an execution that it brought to its end, workflow-reconcile
the end of any other.
"""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from handlers.contract.environment import ReconcileVariables, read
from handlers.contract.statuses import ExecutionStatus
from handlers.runtime.clients import STEADY, client
from handlers.storage.execution_records import ExecutionRecord

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class NotificationsTopic:
    """The SNS topic of notifications."""

    def __init__(self, client: "SNSClient", arn: str) -> None:
        self._client = client
        self._arn = arn

    def publish(self, record: ExecutionRecord) -> None:
        """Publish an execution that has ended, as the state machine does; raises boto3's errors."""
        message = notification(record.execution_id, record.goal_id, record)
        message |= {"executionArn": record.execution_arn, "startedAt": record.started_at}
        self._client.publish(
            TopicArn=self._arn,
            Message=json.dumps(message),
            MessageAttributes={
                "status": {"DataType": "String", "StringValue": record.status.value}
            },
        )


def notification(execution_id: str, goal_id: str, record: ExecutionRecord | None) -> dict[str, Any]:
    """`{executionId, goalId, status, totalActions, succeededActions, failedActions, errorCode?}`.

    succeededActions, failedActions: numbers that add up to the total. A missing record is FAILED.
    """
    total, succeeded = (record.total_actions, record.succeeded_actions) if record else (0, 0)
    message: dict[str, Any] = {
        "executionId": execution_id,
        "goalId": goal_id,
        "status": (record.status if record else ExecutionStatus.FAILED).value,
        "totalActions": total,
        "succeededActions": succeeded,
        "failedActions": total - succeeded,
    }
    return {**message, "errorCode": record.error_code} if record and record.error_code else message


@cache
def notifications_topic() -> NotificationsTopic:
    """The topic of this function's stack."""
    return NotificationsTopic(
        client("sns", STEADY), read(ReconcileVariables).NOTIFICATIONS_TOPIC_ARN
    )

"""What the notifications topic is told of an ending: ids, counts and codes, no text of a user's.

The state machine tells of executions that come to their end by themselves, workflow-reconcile of
those that it gives theirs.
"""

import json
from typing import TYPE_CHECKING, Any

from handlers.contract.statuses import ExecutionStatus
from handlers.storage.execution_records import ExecutionRecord

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Announcements:
    """The notifications topic."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def tell(self, record: ExecutionRecord) -> None:
        """Tell of an execution that has ended, as the state machine does; raises boto3's errors."""
        facts = ending_facts(record.execution_id, record.goal_id, record)
        facts |= {"executionArn": record.execution_arn, "startedAt": record.started_at}
        self._client.publish(
            TopicArn=self._topic_arn,
            Message=json.dumps(facts),
            MessageAttributes={
                "status": {"DataType": "String", "StringValue": record.status.value}
            },
        )


def ending_facts(execution_id: str, goal_id: str, record: ExecutionRecord | None) -> dict[str, Any]:
    """`{executionId, goalId, status, totalActions, succeededActions, failedActions, errorCode?}`.

    succeededActions, failedActions: how many; together the total.
    """
    total, succeeded = (record.total_actions, record.succeeded_actions) if record else (0, 0)
    facts: dict[str, Any] = {
        "executionId": execution_id,
        "goalId": goal_id,
        "status": (record.status if record else ExecutionStatus.FAILED).value,
        "totalActions": total,
        "succeededActions": succeeded,
        "failedActions": total - succeeded,
    }
    return {**facts, "errorCode": record.error_code} if record and record.error_code else facts

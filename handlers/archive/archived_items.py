"""What the archive reads and marks in the table `WorkflowExecution`."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from handlers.archive.document import WireItem
from handlers.contract.archive import ARCHIVED_ATTRIBUTE
from handlers.contract.clock import timestamp
from handlers.contract.ids import first_id_at
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.table_keys import EXECUTION_SK, MONTH_INDEX
from handlers.storage.errors import ConditionFailedError
from handlers.storage.items import Items, known_errors, serialised

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_UNARCHIVED = f"attribute_not_exists({ARCHIVED_ATTRIBUTE}) AND #status <> :running"


class ArchivedItems:
    """The items of executions; every method raises TableUnavailableError."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name
        self._items = Items(client, table_name)

    def unarchived(self, month: str, before: datetime) -> Iterator[str]:
        """Ids of a month's executions that have ended, in order of time.

        Only those that were started before a moment and are not marked. An execution that expired
        and that TTL has not yet deleted is one of them.
        """
        values = {
            ":month": month,
            ":before": first_id_at(before),
            ":running": ExecutionStatus.RUNNING.value,
        }
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            IndexName=MONTH_INDEX,
            KeyConditionExpression="#month = :month AND pk < :before",
            FilterExpression=_UNARCHIVED,
            ProjectionExpression="pk",
            ExpressionAttributeNames={"#month": "month", "#status": "status"},
            ExpressionAttributeValues=serialised(values),
        )
        with known_errors():
            for page in pages:
                for item in page["Items"]:
                    yield item["pk"].get("S", "")

    def of(self, execution_id: str) -> list[WireItem]:
        """All items of an execution, as they are stored."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=serialised({":pk": execution_id}),
            ConsistentRead=True,
        )
        with known_errors():
            return [dict(item) for page in pages for item in page["Items"]]

    def mark(self, execution_id: str, at: datetime) -> None:
        """Note in the record that it is archived; TTL may have deleted it meanwhile."""
        with suppress(ConditionFailedError):
            self._items.update(
                execution_id,
                EXECUTION_SK,
                f"SET {ARCHIVED_ATTRIBUTE} = :at",
                "attribute_exists(pk)",
                {":at": timestamp(at)},
            )

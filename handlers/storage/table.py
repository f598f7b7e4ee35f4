"""The table `WorkflowExecution`, by the kinds of items in it. It needs no database driver."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

from handlers.contract.environment import TableVariables, read
from handlers.runtime.clients import Patience, client
from handlers.storage.execution_queries import ExecutionQueries
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.idempotency_keys import IdempotencyKeys
from handlers.storage.work_items import WorkItems

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class WorkflowTable:
    """The table's records, work items, lists and idempotency keys."""

    records: ExecutionRecords
    work_items: WorkItems
    queries: ExecutionQueries
    keys: IdempotencyKeys

    @classmethod
    def of(cls, dynamodb: "DynamoDBClient", name: str, ttl_days: int) -> Self:
        """The table of this name, in which items are kept so many days."""
        return cls(
            ExecutionRecords(dynamodb, name, ttl_days),
            WorkItems(dynamodb, name, ttl_days),
            ExecutionQueries(dynamodb, name, ttl_days),
            IdempotencyKeys(dynamodb, name),
        )


@cache
def table(patience: Patience) -> WorkflowTable:
    """The table of this function."""
    variables = read(TableVariables)
    dynamodb = client("dynamodb", patience)
    return WorkflowTable.of(dynamodb, variables.TABLE_NAME, variables.TTL_DAYS)

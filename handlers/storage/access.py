"""The access of this function to the table `WorkflowExecution`."""

from typing import TYPE_CHECKING, NamedTuple

from handlers.contract.environment import env
from handlers.runtime.clients import Patience, client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class TableAccess(NamedTuple):
    """The arguments of the classes that read and write the table.

    ttl_days: how long items are kept.
    """

    client: "DynamoDBClient"
    table_name: str
    ttl_days: int


def table_access(patience: Patience) -> TableAccess:
    """The access of this function."""
    return TableAccess(client("dynamodb", patience), env.TABLE_NAME, env.TTL_DAYS)

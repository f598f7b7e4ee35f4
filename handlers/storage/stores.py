"""What an execution's steps read and write: the database and the table."""

from dataclasses import dataclass
from functools import cache

from handlers.contract.environment import DatabaseVariables, read
from handlers.runtime.clients import STEADY, client
from handlers.storage.database import Database
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.idempotency_keys import IdempotencyKeys
from handlers.storage.table import WorkflowTable, table
from handlers.storage.work_items import WorkItems


@dataclass(frozen=True)
class Stores:
    """The database, and of the table what the steps use."""

    database: Database
    records: ExecutionRecords
    work_items: WorkItems
    keys: IdempotencyKeys

    @classmethod
    def of(cls, database: Database, table: WorkflowTable) -> "Stores":
        """The stores in a database and a table."""
        return cls(database, table.records, table.work_items, table.keys)


@cache
def stores() -> Stores:
    """The stores of this function."""
    secret_arn = read(DatabaseVariables).DATABASE_URL_SECRET_ARN
    return Stores.of(Database(client("secretsmanager", STEADY), secret_arn), table(STEADY))

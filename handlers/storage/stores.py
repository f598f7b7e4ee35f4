"""What the steps of an execution read and write: the database and the table."""

from dataclasses import dataclass
from functools import cache

from handlers.contract.environment import env
from handlers.runtime.clients import STEADY, client
from handlers.storage.access import TableAccess, table_access
from handlers.storage.database import Database
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.idempotency_keys import IdempotencyKeys
from handlers.storage.turns import Turns
from handlers.storage.work_items import WorkItems


@dataclass(frozen=True)
class Stores:
    """The database, and the table's records, work items, idempotency keys and turns."""

    database: Database
    records: ExecutionRecords
    work_items: WorkItems
    keys: IdempotencyKeys
    turns: Turns

    @classmethod
    def of(cls, database: Database, access: TableAccess) -> "Stores":
        """The stores in a database and a table."""
        keys = IdempotencyKeys(access.client, access.table_name)
        turns = Turns(access.client, access.table_name)
        return cls(database, ExecutionRecords(*access), WorkItems(*access), keys, turns)


@cache
def stores() -> Stores:
    """The stores of this function."""
    database = Database(
        client("secretsmanager", STEADY),
        env.DATABASE_URL_SECRET_ARN,
        local=env.ENVIRONMENT == "local",
    )
    return Stores.of(database, table_access(STEADY))

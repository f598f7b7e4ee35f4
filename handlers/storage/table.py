"""What workflow-status and operators read of the table `WorkflowExecution`."""

from dataclasses import dataclass
from functools import cache

from handlers.runtime.clients import Patience
from handlers.storage.access import TableAccess, table_access
from handlers.storage.execution_queries import ExecutionQueries
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.work_items import WorkItems


@dataclass(frozen=True)
class WorkflowTable:
    """The table's records, work items and lists."""

    records: ExecutionRecords
    work_items: WorkItems
    queries: ExecutionQueries

    @classmethod
    def of(cls, access: TableAccess) -> "WorkflowTable":
        """The table that an access leads to."""
        return cls(ExecutionRecords(*access), WorkItems(*access), ExecutionQueries(*access))


@cache
def table(patience: Patience) -> WorkflowTable:
    """The table of this function."""
    return WorkflowTable.of(table_access(patience))

"""Draw an execution: read what the table and Step Functions have of it."""

from datetime import UTC, datetime
from typing import Any

from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.work_items import WorkItems
from localcloud.run.calls import read_history
from localcloud.run.history import Event
from ops.stack import OperatorError, Stack
from ops.trace.attempts import read_steps
from ops.trace.page import page
from ops.trace.picture import picture


def draw(stack: Stack, execution_id: str, *, with_titles: bool = False) -> str:
    """The page of one execution, running or ended; raises OperatorError if there is none."""
    dynamodb, table = stack.client("dynamodb"), stack.names.table
    record = ExecutionRecords(dynamodb, table).get(execution_id)
    if record is None:
        raise OperatorError(
            f"no execution {execution_id} in {table}, which keeps them for table.ttlDays"
        )
    items = WorkItems(dynamodb, table).of(execution_id)
    steps = read_steps(_history(stack.client("stepfunctions"), record.execution_arn))
    return page(picture(record, items, steps, datetime.now(UTC)), with_titles=with_titles)


def _history(client: Any, execution_arn: str) -> list[Event]:
    """All events; none if Step Functions has no such execution (it keeps them for 90 days)."""
    try:
        return read_history(client, execution_arn)
    except client.exceptions.ExecutionDoesNotExist:
        return []

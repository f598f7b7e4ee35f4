"""Draw an execution: read its record, work items and history, and write the page."""

from datetime import UTC, datetime
from typing import Any

from handlers.storage.access import TableAccess
from handlers.storage.table import WorkflowTable
from ops.executions.reading import machine_execution
from ops.problems import OperatorError
from ops.stack import Stack
from ops.trace.attempts import Event, read_end, read_states
from ops.trace.language import Words
from ops.trace.page import page
from ops.trace.picture import picture

_ENGLISH = Words()


def draw(
    stack: Stack, execution_id: str, *, with_titles: bool = False, say: Words = _ENGLISH
) -> str:
    """The page of one execution, running or ended; raises OperatorError if there is none."""
    name = stack.names.table
    access = TableAccess(stack.client("dynamodb"), name, ttl_days=0)  # It is only read.
    table = WorkflowTable.of(access)
    record = table.records.get(execution_id)
    if record is None:
        raise OperatorError(
            f"no execution {execution_id} in {name}, which keeps them for table.ttlDays"
        )
    items = table.work_items.of(execution_id)
    events = history(stack.client("stepfunctions"), record.execution_arn)
    machine = machine_execution(stack, record.execution_arn) or {}
    drawn = picture(
        record,
        items,
        read_states(events),
        datetime.now(UTC),
        end=read_end(events),
        trace_id=_root(machine.get("traceHeader", "")),
    )
    return page(drawn, with_titles=with_titles, say=say)


def _root(trace_header: str) -> str:
    """The trace's id in a header such as `Root=1-...;Sampled=1`."""
    roots = (part for part in trace_header.split(";") if part.startswith("Root="))
    return next(roots, "").removeprefix("Root=")


def history(client: Any, execution_arn: str) -> list[Event]:
    """All events; none once Step Functions has dropped the execution (after 90 days)."""
    try:
        pages = client.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [event for page in pages for event in page["events"]]
    except client.exceptions.ExecutionDoesNotExist:
        return []

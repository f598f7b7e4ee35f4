"""One invocation of the function, and what it has left in the table."""

import time
from typing import Any

import handlers.task_generation as entry
from handlers.storage.items import Items
from handlers.storage.models import WorkItem
from handlers.storage.work_items import WorkItems
from tests.handlers.lambda_context import LambdaContext

EXECUTION = "0193b3a0-0000-7000-8000-000000000001"
ACTION = "0193b3a0-0000-4000-8000-000000000002"
NEXT_ACTION = "0193b3a0-0000-4000-8000-000000000003"
GOAL = "0193b3a0-0000-4000-8000-000000000004"
REQUEST = "JKJaXmPLvHcESHA="


def run(remaining_ms: int = 120_000, **changed: Any) -> dict[str, Any]:
    """Invoke the function. changed: what differs in its event."""
    event = {
        "executionId": EXECUTION,
        "goalId": GOAL,
        "requestId": REQUEST,
        "actionId": ACTION,
        "deadline": int(time.time()) + 900,
    } | changed
    return entry.handler(event, LambdaContext(remaining_ms))


def item(work_items: WorkItems, action: str = ACTION) -> WorkItem:
    found = work_items.get(EXECUTION, action)
    assert found
    return found


def kept_tasks(items: Items) -> Any:
    kept = items.get(EXECUTION, f"tasks#{ACTION}")
    return kept and kept["tasks"]


def end(items: Items) -> None:
    """End the action, as a cancel does."""
    items.update(
        EXECUTION,
        f"action#{ACTION}",
        "SET #status = :failed",
        "attribute_exists(pk)",
        {":failed": "FAILED"},
    )

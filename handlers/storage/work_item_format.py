"""Work items and tasks as items of the table: camelCase attributes, none of them empty."""

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from handlers.contract.errors import current_code
from handlers.contract.ids import request_token
from handlers.contract.statuses import ActionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX
from handlers.storage.items import Item
from handlers.storage.models import (
    ActionContext,
    ActionProgress,
    GeneratedTask,
    Usage,
    WorkItem,
)

PROGRESS_ATTRIBUTES = (
    *("actionId", "status", "attempts", "inputTokens", "outputTokens", "costUsd", "errorCode"),
    *("taskCount", "startedAt", "endedAt"),
)
"""Those of a work item's attributes that its progress needs: botocore takes its time for each."""


def new_work_item(execution_id: str, action_id: str, context: ActionContext) -> Item:
    """The item of an action before its first attempt."""
    return {
        "pk": execution_id,
        "sk": ACTION_SK_PREFIX + action_id,
        "executionId": execution_id,
        "actionId": action_id,
        "status": ActionStatus.PENDING.value,
        "context": context_values(context),
        "attempts": 0,
        "callsStarted": 0,
        "callsEnded": 0,
        "inputTokens": 0,
        "outputTokens": 0,
        "costUsd": Decimal(0),
    }


def work_item(item: Item) -> WorkItem:
    """The work item in an item."""
    return WorkItem(
        **_progress_values(item),
        execution_id=item["executionId"],
        context=_context(item["context"]),
        throttles=int(item.get("throttles", 0)),
        calls_started=int(item["callsStarted"]),
        calls_ended=int(item["callsEnded"]),
        hedged_calls=int(item.get("hedgedCalls", 0)),
        prompt_version=item.get("promptVersion"),
        error_detail=item.get("errorDetail"),
        coerced=tuple(item.get("coerced", ())),
    )


def is_one_of(statuses: Sequence[ActionStatus]) -> tuple[str, Item]:
    """A condition on an item's status, and the values of its placeholders."""
    values = {f":from{index}": status.value for index, status in enumerate(statuses)}
    return f"#status IN ({', '.join(values)})", values


def started_call() -> str:
    """The attribute that a request sets which counts a call as started, to the call's number.

    Each request has its own: one that arrives twice finds it there.
    """
    return f"startedCall{request_token()}"


def ended_call(number: int) -> str:
    """The attribute that says that a call is accounted for: its request may arrive twice."""
    return f"endedCall{number}"


def noted_error() -> str:
    """The attribute that says that an attempt's error is noted; each request has its own."""
    return f"notedError{request_token()}"


def before_call(item: WorkItem, number: int) -> WorkItem:
    """An item with the counts that it had before an attempt began with this call."""
    since = item.calls_started - (number - 1)
    attempts = max(item.attempts - since, 0)
    return replace(item, calls_started=number - 1, attempts=attempts)


def action_progress(item: Item) -> ActionProgress:
    """The progress in an item, which needs no more than PROGRESS_ATTRIBUTES."""
    return ActionProgress(**_progress_values(item))


def _progress_values(item: Item) -> dict[str, Any]:
    return {
        "action_id": item["actionId"],
        "status": ActionStatus(item["status"]),
        "attempts": int(item["attempts"]),
        "usage": usage(item),
        "error_code": error_code(item),
        "task_count": int(item.get("taskCount", 0)),
        "started_at": item.get("startedAt"),
        "ended_at": item.get("endedAt"),
    }


def error_code(item: Item) -> str | None:
    """The error code of a work item or an execution record, by its present name."""
    code = item.get("errorCode")
    return current_code(code) if code else None


def usage(item: Item) -> Usage:
    """Tokens and cost of a work item or an execution record."""
    return Usage(int(item["inputTokens"]), int(item["outputTokens"]), Decimal(item["costUsd"]))


def usage_values(usage: Usage) -> Item:
    """The same as values of the placeholders :input, :output and :cost."""
    return {
        ":input": usage.input_tokens,
        ":output": usage.output_tokens,
        ":cost": usage.cost_usd,
    }


def task_values(task: GeneratedTask) -> Item:
    """A task as attributes."""
    return {
        "title": task.title,
        "description": task.description,
        "type": task.type,
        "estimatedMinutes": task.estimated_minutes,
    }


def generated_task(values: Item) -> GeneratedTask:
    """The task in attributes."""
    return GeneratedTask(
        title=values["title"],
        description=values["description"],
        type=values["type"],
        estimated_minutes=int(values["estimatedMinutes"]),
    )


def context_values(context: ActionContext) -> Item:
    """The prompt's texts as attributes."""
    values = {_camel_case(field.name): getattr(context, field.name) for field in fields(context)}
    if context.goal_deadline:
        values["goalDeadline"] = context.goal_deadline.isoformat()
    return {name: value for name, value in values.items() if value is not None}


def _context(values: Item) -> ActionContext:
    known: dict[str, Any] = {
        field.name: values[_camel_case(field.name)]
        for field in fields(ActionContext)
        if _camel_case(field.name) in values
    }
    if "goal_deadline" in known:
        known["goal_deadline"] = date.fromisoformat(known["goal_deadline"])
    return ActionContext(**known)


@cache
def _camel_case(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)

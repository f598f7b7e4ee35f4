"""The work items of an execution, for those who lay them out, save them and end them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from handlers.contract.clock import expiry, timestamp, utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import ActionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX, TASKS_SK_PREFIX, TTL_ATTRIBUTE
from handlers.storage.errors import ConditionFailedError
from handlers.storage.items import Item, Items
from handlers.storage.models import ActionContext, GeneratedTask, WorkItem
from handlers.storage.work_item_format import generated_task, new_work_item, work_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ITEMS_A_TRANSACTION = 25
"""DynamoDB takes 100 items and 4 MB: this leaves each item 160 KB."""


class WorkItems:
    """The work items in the table; every method raises TableUnavailableError."""

    def __init__(self, client: "DynamoDBClient", table_name: str, ttl_days: int = 90) -> None:
        self._items = Items(client, table_name)
        self._ttl_days = ttl_days

    def add(self, execution_id: str, contexts: Mapping[str, ActionContext]) -> None:
        """One PENDING work item an action; those that are there already stay as they are."""
        expires = expiry(self._ttl_days)
        items = [
            {**new_work_item(execution_id, action_id, context), TTL_ATTRIBUTE: expires}
            for action_id, context in contexts.items()
        ]
        for first in range(0, len(items), _ITEMS_A_TRANSACTION):
            self._add_missing(items[first : first + _ITEMS_A_TRANSACTION])

    def get(self, execution_id: str, action_id: str) -> WorkItem | None:
        """One work item, or None."""
        item = self._items.get(execution_id, ACTION_SK_PREFIX + action_id)
        return work_item(item) if item else None

    def of(self, execution_id: str) -> list[WorkItem]:
        """All work items of an execution."""
        return [work_item(item) for item in self._items.query(execution_id, ACTION_SK_PREFIX)]

    def tasks(self, execution_id: str, action_id: str) -> list[GeneratedTask]:
        """What was generated for an action; empty if nothing was."""
        item = self._items.get(execution_id, TASKS_SK_PREFIX + action_id)
        return [generated_task(values) for values in item["tasks"]] if item else []

    def mark_saved(self, execution_id: str, action_id: str) -> None:
        """GENERATED -> SAVED; from any other status nothing happens."""
        self._change(
            execution_id,
            action_id,
            [ActionStatus.GENERATED],
            "SET #status = :saved",
            {":saved": ActionStatus.SAVED.value},
        )

    def fail(
        self,
        execution_id: str,
        action_id: str,
        code: ErrorCode,
        *,
        only_from: Sequence[ActionStatus],
        detail: str | None = None,
    ) -> None:
        """One of these statuses -> FAILED with the code; from any other status nothing happens.

        detail: kept with it; without one, what the last attempt noted stays.
        """
        values: Item = {
            ":failed": ActionStatus.FAILED.value,
            ":code": code.value,
            ":now": timestamp(utc_now()),
        }
        expression = "SET #status = :failed, errorCode = :code, endedAt = :now"
        if detail:
            expression += ", errorDetail = :detail"
            values[":detail"] = detail
        self._change(execution_id, action_id, only_from, expression, values)

    def _change(
        self,
        execution_id: str,
        action_id: str,
        only_from: Sequence[ActionStatus],
        expression: str,
        values: Item,
    ) -> None:
        allowed = {f":from{index}": status.value for index, status in enumerate(only_from)}
        condition = f"#status IN ({', '.join(allowed)})"
        try:
            self._items.update(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                expression,
                condition,
                {**values, **allowed},
            )
        except ConditionFailedError:
            return  # somebody else has ended it, or it was never there

    def _add_missing(self, items: Sequence[Item]) -> None:
        try:
            self._items.put_all_new(items)
        except ConditionFailedError:
            # an earlier attempt came this far: complete it one by one
            for item in items:
                self._add_one(item)

    def _add_one(self, item: Item) -> None:
        try:
            self._items.put_new(item)
        except ConditionFailedError:
            return

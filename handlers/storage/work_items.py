"""The work items of executions, and the tasks that were generated for them.

Every change of status is conditional on the statuses that it may follow. So a step that is late or
repeated, or whose execution has ended meanwhile, moves no item backwards or past its end.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from handlers.contract.clock import expiry, timestamp, utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.contract.table_keys import (
    ACTION_SK_PREFIX,
    EXECUTION_SK,
    TASKS_SK_PREFIX,
    TTL_ATTRIBUTE,
)
from handlers.storage.errors import ConditionFailedError
from handlers.storage.items import Guard, Item, Items
from handlers.storage.models import (
    ActionContext,
    ActionProgress,
    GeneratedTask,
    WorkItem,
    total_usage,
)
from handlers.storage.work_item_format import (
    PROGRESS_ATTRIBUTES,
    action_progress,
    generated_task,
    is_one_of,
    new_work_item,
    usage_values,
    work_item,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class WorkItems:
    """The work items in the table; every method raises TableUnavailableError.

    ttl_days: how long items are kept.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str, ttl_days: int) -> None:
        self._items = Items(client, table_name)
        self._ttl_days = ttl_days

    def add(self, execution_id: str, contexts: Mapping[str, ActionContext]) -> None:
        """Add a PENDING work item for each action; an item that exists stays as it is.

        None is added once the execution has ended, also if the write arrives late. With them it
        waits no more. The record counts them, so an end that was decided before they came is
        refused, however late it is.
        """
        expires = expiry(self._ttl_days)
        items = [
            {**new_work_item(execution_id, action_id, context), TTL_ATTRIBUTE: expires}
            for action_id, context in contexts.items()
        ]
        running = Guard(
            execution_id,
            EXECUTION_SK,
            "SET totalActions = :total REMOVE turnAt ADD itemCount :added",
            "#status = :running",
            {":total": len(contexts), ":running": ExecutionStatus.RUNNING.value},
        )
        self._items.put_missing(items, running)

    def get(self, execution_id: str, action_id: str) -> WorkItem | None:
        """One work item, or None; by a Query, which generation may make anyway."""
        sk = ACTION_SK_PREFIX + action_id
        found = (item for item in self._items.query(execution_id, sk) if item["sk"] == sk)
        item = next(found, None)
        return work_item(item) if item else None

    def of(self, execution_id: str) -> list[WorkItem]:
        """All work items of an execution."""
        return [work_item(item) for item in self._items.query(execution_id, ACTION_SK_PREFIX)]

    def progress(self, execution_id: str) -> list[ActionProgress]:
        """The progress of all actions of an execution."""
        items = self._items.query(execution_id, ACTION_SK_PREFIX, PROGRESS_ATTRIBUTES)
        return [action_progress(item) for item in items]

    def generated(
        self, execution_id: str, action_ids: Sequence[str]
    ) -> dict[str, list[GeneratedTask]]:
        """Of those of the actions that are GENERATED: their tasks, by the action's id."""
        prefixes = (ACTION_SK_PREFIX, TASKS_SK_PREFIX)
        keys = [(execution_id, prefix + each) for each in action_ids for prefix in prefixes]
        items = {item["sk"]: item for item in self._items.get_all(keys)}
        return {
            each: _tasks_in(items[TASKS_SK_PREFIX + each])
            for each in action_ids
            if items.get(ACTION_SK_PREFIX + each, {}).get("status") == ActionStatus.GENERATED
        }

    def all_generated(self, execution_id: str) -> dict[str, list[GeneratedTask]]:
        """Of the actions that are GENERATED: their tasks, by the action's id."""
        waiting = {
            each.action_id
            for each in self.progress(execution_id)
            if each.status == ActionStatus.GENERATED
        }
        items = self._items.query(execution_id, TASKS_SK_PREFIX) if waiting else []
        by_action = {item["sk"].removeprefix(TASKS_SK_PREFIX): item for item in items}
        return {each: _tasks_in(item) for each, item in by_action.items() if each in waiting}

    def mark_saved(self, execution_id: str, action_ids: Sequence[str]) -> None:
        """GENERATED -> SAVED; of an action in any other status nothing changes."""
        condition, statuses = is_one_of((ActionStatus.GENERATED,))
        self._items.update_all(
            [(execution_id, ACTION_SK_PREFIX + each) for each in action_ids],
            "SET #status = :saved",
            condition,
            {":saved": ActionStatus.SAVED.value, **statuses},
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

        detail: kept with the code; without one the detail of the last attempt stays.
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
        condition, statuses = is_one_of(only_from)
        sk = ACTION_SK_PREFIX + action_id
        with suppress(ConditionFailedError):
            self._items.update(execution_id, sk, expression, condition, {**values, **statuses})

    def settle_usage(self, execution_id: str) -> None:
        """Write the usage of all calls to the record of an execution that has ended.

        Whoever ends an execution does so after that, and whoever accounts for a late call after
        that: the later one of them reads what both wrote. Usage only grows, so the condition keeps
        the later sum, whichever is written first.
        """
        total = total_usage(self.progress(execution_id))
        with suppress(ConditionFailedError):  # It runs on, a later sum is there, or it expired.
            self._items.update(
                execution_id,
                EXECUTION_SK,
                "SET inputTokens = :input, outputTokens = :output, costUsd = :cost",
                "#status <> :running AND inputTokens <= :input AND outputTokens <= :output",
                {":running": ExecutionStatus.RUNNING.value, **usage_values(total)},
            )


def _tasks_in(item: Item) -> list[GeneratedTask]:
    return [generated_task(values) for values in item["tasks"]]

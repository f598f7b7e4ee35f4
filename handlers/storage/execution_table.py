"""One action's work item and tasks, as the worker that generates them needs it.

Every change of status is conditional on the statuses it may follow, so nothing that is late,
repeated or a zombie can move an item backwards or past its end.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handlers.contract.clock import expiry, timestamp, utc_now
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ActionStatus
from handlers.contract.table_keys import (
    ACTION_SK_PREFIX,
    EXECUTION_SK,
    TASKS_SK_PREFIX,
    TTL_ATTRIBUTE,
)
from handlers.storage.errors import ConditionFailedError, FencedError, TableUnavailableError
from handlers.storage.items import Items
from handlers.storage.models import GeneratedTask, Usage, WorkItem
from handlers.storage.work_item_format import task_values, work_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["ExecutionTable", "FencedError", "TableUnavailableError"]

_ERROR_DETAIL_CHARACTERS = 500
_IS_OPEN = "#status IN (:pending, :generating)"
_OPEN = {":pending": "PENDING", ":generating": "GENERATING"}
_EXISTS = "attribute_exists(pk)"


class ExecutionTable:
    """The worker's side of the table.

    ttl_days: how long items are kept.
    Every method raises TableUnavailableError.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str, ttl_days: int = 90) -> None:
        self._items = Items(client, table_name)
        self._ttl_days = ttl_days

    def get_work_item(self, execution_id: str, action_id: str) -> WorkItem | None:
        """The work item as it stands, or None."""
        item = self._items.get(execution_id, ACTION_SK_PREFIX + action_id)
        return work_item(item) if item else None

    def begin_attempt(
        self, execution_id: str, action_id: str, *, prompt_version: str, model: str
    ) -> None:
        """Open -> GENERATING, one attempt more; raises FencedError if the item has ended."""
        self._update_open(
            execution_id,
            action_id,
            "SET #status = :generating, attempts = attempts + :one, promptVersion = :prompt,"
            " model = :model, startedAt = if_not_exists(startedAt, :now)",
            {":one": 1, ":prompt": prompt_version, ":model": model, ":now": _now()},
        )

    def begin_call(self, execution_id: str, action_id: str) -> None:
        """Account for a model call before it is made; raises FencedError if the item has ended."""
        self._update_open(
            execution_id, action_id, "SET callsStarted = callsStarted + :one", {":one": 1}
        )

    def end_call(self, execution_id: str, action_id: str, usage: Usage) -> None:
        """Account for a model call that has answered, however late: on the item and on the record.

        Adding to both here, and summing nowhere, counts a call that outlives its execution too.
        """
        spent = "inputTokens :input, outputTokens :output, costUsd :cost"
        values = {
            ":input": usage.input_tokens,
            ":output": usage.output_tokens,
            ":cost": usage.cost_usd,
        }
        for sk, expression, amounts in (
            (ACTION_SK_PREFIX + action_id, f"ADD callsEnded :one, {spent}", {**values, ":one": 1}),
            (EXECUTION_SK, f"ADD {spent}", values),
        ):
            try:
                self._items.update(execution_id, sk, expression, _EXISTS, amounts)
            except ConditionFailedError:
                return  # expired: nothing is left to account on

    def note_error(
        self, execution_id: str, action_id: str, detail: str, *, throttles: int = 0
    ) -> None:
        """Keep why an attempt failed (first 500 characters), while the item is open.

        throttles: 1 if it was throttled.
        """
        try:
            self._items.update(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                "SET errorDetail = :detail ADD throttles :throttles",
                _IS_OPEN,
                {
                    ":detail": detail[:_ERROR_DETAIL_CHARACTERS],
                    ":throttles": throttles,
                    **_OPEN,
                },
            )
        except ConditionFailedError:
            return

    def keep_tasks(
        self,
        execution_id: str,
        action_id: str,
        tasks: Sequence[GeneratedTask],
        coerced: Sequence[str] = (),
    ) -> bool:
        """Keep the tasks and make the item GENERATED, in one transaction.

        coerced: how the answer had to be read.
        The first answer stays: if the item is GENERATED or SAVED already, nothing changes (False).
        Raises FencedError if the item has failed or is gone.
        """
        sk = ACTION_SK_PREFIX + action_id
        how = {":coerced": list(coerced)} if coerced else {}
        item = self._items.get(execution_id, sk)
        if _is_kept(item):
            return False
        if item is None or item["status"] not in OPEN_ACTION_STATUSES:
            raise _fenced(execution_id, action_id)
        kept = {
            "pk": execution_id,
            "sk": TASKS_SK_PREFIX + action_id,
            "tasks": [task_values(task) for task in tasks],
            "promptVersion": item.get("promptVersion"),
            "model": item.get("model"),
            TTL_ATTRIBUTE: expiry(self._ttl_days),
        }
        try:
            self._items.update_and_put(
                execution_id,
                sk,
                "SET #status = :generated, taskCount = :count, endedAt = :now"
                + (", coerced = :coerced" if how else ""),
                _IS_OPEN,
                {
                    ":generated": "GENERATED",
                    ":count": len(tasks),
                    **how,
                    ":now": _now(),
                    **_OPEN,
                },
                put=kept,
            )
        except ConditionFailedError as error:
            if not _is_kept(self._items.get(execution_id, sk)):
                raise FencedError(
                    f"action {action_id} of execution {execution_id} has ended"
                ) from error
            return False
        return True

    def _update_open(
        self, execution_id: str, action_id: str, expression: str, values: dict[str, object]
    ) -> None:
        sk = ACTION_SK_PREFIX + action_id
        try:
            self._items.update(execution_id, sk, expression, _IS_OPEN, {**values, **_OPEN})
        except ConditionFailedError as error:
            raise FencedError(
                f"action {action_id} of execution {execution_id} has ended"
            ) from error


def _is_kept(item: dict[str, object] | None) -> bool:
    return item is not None and item["status"] in (ActionStatus.GENERATED, ActionStatus.SAVED)


def _fenced(execution_id: str, action_id: str) -> FencedError:
    return FencedError(f"action {action_id} of execution {execution_id} has ended")


def _now() -> str:
    return timestamp(utc_now())

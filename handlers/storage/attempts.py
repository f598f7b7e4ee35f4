"""Attempts to generate an action's tasks: their calls of the model, and how they end.

A worker may be late, or die at any place, and DynamoDB may get a request of it twice. So each call
has a number, and what counts something marks the item, on the condition that the mark is not there.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from handlers.contract.clock import expiry, timestamp, utc_now
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ActionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX, TASKS_SK_PREFIX, TTL_ATTRIBUTE
from handlers.storage.errors import (
    ConditionFailedError,
    FencedError,
    MissingItemError,
    TableUnavailableError,
)
from handlers.storage.items import Item, Items
from handlers.storage.models import KeptAnswer, Usage, WorkItem
from handlers.storage.work_item_format import (
    before_call,
    ended_call,
    is_one_of,
    noted_error,
    started_call,
    task_values,
    usage_values,
    work_item,
)
from handlers.storage.work_items import WorkItems

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ERROR_DETAIL_CHARACTERS = 500
_BEGIN_CALL = "SET #call = callsStarted + :one, callsStarted = callsStarted + :one"
_END_CALL = "ADD callsEnded :one, inputTokens :input, outputTokens :output, costUsd :cost"


class Attempts:
    """What workers write to work items; every method raises TableUnavailableError.

    ttl_days: how long tasks are kept.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str, ttl_days: int) -> None:
        self._items = Items(client, table_name)
        self._work_items = WorkItems(client, table_name, ttl_days)
        self._ttl_days = ttl_days

    def begin(
        self, execution_id: str, action_id: str, *, prompt_version: str, model: str
    ) -> WorkItem:
        """Open -> GENERATING, one attempt and its first call more; returns the item before that.

        It counts once, however often its request arrives. An item that has its tasks already stays
        as it is, and is returned. Raises FencedError if the item has failed, MissingItemError if
        there is none.
        """
        condition, statuses = is_one_of(OPEN_ACTION_STATUSES)
        started = started_call()
        values: Item = {
            ":generating": ActionStatus.GENERATING.value,
            ":one": 1,
            ":prompt": prompt_version,
            ":model": model,
            ":now": timestamp(utc_now()),
        }
        try:
            item = self._items.update_and_get(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                f"{_BEGIN_CALL}, attempts = attempts + :one, #status = :generating,"
                " promptVersion = :prompt, model = :model,"
                " startedAt = if_not_exists(startedAt, :now)",
                f"{condition} AND attribute_not_exists(#call)",
                {**values, **statuses, "#call": started},
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise MissingItemError(execution_id, action_id) from error
            item = error.item
            if _is_open(item):
                return before_call(work_item(item), int(item[started]))
            if not work_item(item).has_tasks:
                raise _ended(execution_id, action_id) from error
        return work_item(item)

    def begin_call(self, execution_id: str, action_id: str) -> int:
        """Count a further call before it is made, once; returns its number.

        Raises FencedError if the item has ended.
        """
        return self._begin_call(execution_id, action_id, _BEGIN_CALL)

    def begin_second_call(self, execution_id: str, action_id: str) -> int:
        """The same, of a call that is made while another one is in flight."""
        return self._begin_call(execution_id, action_id, f"{_BEGIN_CALL} ADD hedgedCalls :one")

    def _begin_call(self, execution_id: str, action_id: str, expression: str) -> int:
        condition, statuses = is_one_of(OPEN_ACTION_STATUSES)
        started = started_call()
        try:
            item = self._items.update_and_get(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                expression,
                f"{condition} AND attribute_not_exists(#call)",
                {":one": 1, **statuses, "#call": started},
            )
        except ConditionFailedError as error:
            if error.item and _is_open(error.item):
                return int(error.item[started])
            raise _ended(execution_id, action_id) from error
        return int(item["callsStarted"]) + 1

    def end_call(self, execution_id: str, action_id: str, call: int, usage: Usage) -> None:
        """Account for a model call that was answered, however late, once.

        call: its number. An expired item stays gone.
        """
        ended = ended_call(call)
        try:
            item = self._items.update_and_get(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                f"SET {ended} = :one {_END_CALL}",
                f"attribute_exists(pk) AND attribute_not_exists({ended})",
                {":one": 1, **usage_values(usage)},
            )
        except ConditionFailedError as error:
            if error.item is None:
                return
            item = error.item
        if not _is_open(item):
            self._work_items.settle_usage(execution_id)

    def note_error(
        self, execution_id: str, action_id: str, detail: str, *, throttles: int = 0
    ) -> None:
        """Keep why an attempt failed (first 500 characters), once, while the item is open.

        throttles: 1 if it was throttled.
        """
        condition, statuses = is_one_of(OPEN_ACTION_STATUSES)
        values: Item = {":detail": detail[:_ERROR_DETAIL_CHARACTERS], ":throttles": throttles}
        with suppress(ConditionFailedError):
            self._items.update(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                "SET errorDetail = :detail, #noted = :throttles ADD throttles :throttles",
                f"{condition} AND attribute_not_exists(#noted)",
                {**values, **statuses, "#noted": noted_error()},
            )

    def keep_tasks(
        self,
        execution_id: str,
        action_id: str,
        call: int,
        answer: KeptAnswer,
        usage: Usage,
    ) -> bool:
        """Account for the call that was answered, keep the tasks and make the item GENERATED.

        call: its number.

        All in one transaction. The first answer stays: if the item is GENERATED or SAVED already,
        only the call is accounted for (False). So it is if the item has failed or is gone, which
        raises FencedError.
        """
        kept: Item = {
            "pk": execution_id,
            "sk": TASKS_SK_PREFIX + action_id,
            "tasks": [task_values(task) for task in answer.tasks],
            "promptVersion": answer.prompt_version,
            "model": answer.model,
            TTL_ATTRIBUTE: expiry(self._ttl_days),
        }
        expression = "SET #status = :generated, taskCount = :count, endedAt = :now"
        values: Item = {
            ":generated": ActionStatus.GENERATED.value,
            ":count": len(answer.tasks),
            ":now": timestamp(utc_now()),
            ":one": 1,
            **usage_values(usage),
        }
        if answer.coerced:
            expression += ", coerced = :coerced"
            values[":coerced"] = list(answer.coerced)
        condition, statuses = is_one_of(OPEN_ACTION_STATUSES)
        ended = ended_call(call)
        try:
            self._items.update_and_put(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                f"{expression}, {ended} = :one {_END_CALL}",
                f"{condition} AND attribute_not_exists({ended})",
                {**values, **statuses},
                put=kept,
            )
        except ConditionFailedError as error:
            self.end_call(execution_id, action_id, call, usage)
            item = self._work_items.get(execution_id, action_id)
            if item is None or not item.has_tasks:
                raise _ended(execution_id, action_id) from error
            return False
        except TableUnavailableError:
            # Nothing was written, or only the answer was lost. A cancel may have come since.
            item = self._work_items.get(execution_id, action_id)
            if item is None or not item.task_count:
                self.end_call(execution_id, action_id, call, usage)
            raise
        return True


def _is_open(item: Item) -> bool:
    return item["status"] in OPEN_ACTION_STATUSES


def _ended(execution_id: str, action_id: str) -> FencedError:
    return FencedError(f"action {action_id} of execution {execution_id} has ended")

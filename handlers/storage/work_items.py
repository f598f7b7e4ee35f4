"""The work items of executions, and the tasks that were generated for them.

Every change of status is conditional on the statuses that it may follow. So a step that is late or
repeated, or whose execution has ended meanwhile, moves no item backwards or past its end.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from handlers.contract.clock import expiry, timestamp, utc_now
from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ActionStatus, ExecutionStatus
from handlers.contract.table_keys import (
    ACTION_SK_PREFIX,
    EXECUTION_SK,
    TASKS_SK_PREFIX,
    TTL_ATTRIBUTE,
)
from handlers.storage.errors import (
    ConditionFailedError,
    FencedError,
    MissingItemError,
    TableUnavailableError,
)
from handlers.storage.items import Guard, Item, Items
from handlers.storage.models import (
    ActionContext,
    ActionProgress,
    GeneratedTask,
    KeptAnswer,
    Usage,
    WorkItem,
    total_usage,
)
from handlers.storage.work_item_format import (
    PROGRESS_ATTRIBUTES,
    action_progress,
    before_call,
    ended_call,
    generated_task,
    new_work_item,
    noted_error,
    started_call,
    task_values,
    work_item,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ERROR_DETAIL_CHARACTERS = 500
_EXISTS = "attribute_exists(pk)"
_BEGIN_CALL = "SET #call = callsStarted + :one, callsStarted = callsStarted + :one"
_END_CALL = "ADD callsEnded :one, inputTokens :input, outputTokens :output, costUsd :cost"


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

    def begin_attempt(
        self, execution_id: str, action_id: str, *, prompt_version: str, model: str
    ) -> WorkItem:
        """Open -> GENERATING, one attempt and its first call more; returns the item before that.

        It counts once, however often its request arrives. An item that has its tasks already stays
        as it is, and is returned. Raises FencedError if the item has failed, MissingItemError if
        there is none.
        """
        condition, statuses = _is_one_of(OPEN_ACTION_STATUSES)
        started = started_call()
        values: Item = {
            ":generating": ActionStatus.GENERATING.value,
            ":one": 1,
            ":prompt": prompt_version,
            ":model": model,
            ":now": _now(),
        }
        try:
            item = self._items.update_and_get(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                "SET #call = callsStarted + :one, callsStarted = callsStarted + :one,"
                " attempts = attempts + :one, #status = :generating, promptVersion = :prompt,"
                " model = :model, startedAt = if_not_exists(startedAt, :now)",
                f"{condition} AND attribute_not_exists(#call)",
                {**values, **statuses, "#call": started},
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise missing(execution_id, action_id) from error
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
        condition, statuses = _is_one_of(OPEN_ACTION_STATUSES)
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
        try:
            item = self._items.update_and_get(
                execution_id,
                ACTION_SK_PREFIX + action_id,
                f"SET {ended_call(call)} = :one {_END_CALL}",
                f"{_EXISTS} AND attribute_not_exists({ended_call(call)})",
                _end_call_values(usage),
            )
        except ConditionFailedError as error:
            if error.item is None:
                return
            item = error.item
        if not _is_open(item):
            self.settle_usage(execution_id)

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
                {":running": ExecutionStatus.RUNNING.value, **_usage_values(total)},
            )

    def note_error(
        self, execution_id: str, action_id: str, detail: str, *, throttles: int = 0
    ) -> None:
        """Keep why an attempt failed (first 500 characters), once, while the item is open.

        throttles: 1 if it was throttled.
        """
        condition, statuses = _is_one_of(OPEN_ACTION_STATUSES)
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
        sk = ACTION_SK_PREFIX + action_id
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
            ":now": _now(),
            **_end_call_values(usage),
        }
        if answer.coerced:
            expression += ", coerced = :coerced"
            values[":coerced"] = list(answer.coerced)
        condition, statuses = _is_one_of(OPEN_ACTION_STATUSES)
        try:
            self._items.update_and_put(
                execution_id,
                sk,
                f"{expression}, {ended_call(call)} = :one {_END_CALL}",
                f"{condition} AND attribute_not_exists({ended_call(call)})",
                {**values, **statuses},
                put=kept,
            )
        except ConditionFailedError as error:
            self.end_call(execution_id, action_id, call, usage)
            if not self._has_tasks(execution_id, action_id):
                raise _ended(execution_id, action_id) from error
            return False
        except TableUnavailableError:
            # Nothing was written, or only the answer was lost. A cancel may have come since.
            if not self._was_kept(execution_id, sk):
                self.end_call(execution_id, action_id, call, usage)
            raise
        return True

    def _has_tasks(self, execution_id: str, action_id: str) -> bool:
        item = self.get(execution_id, action_id)
        return item is not None and item.has_tasks

    def _was_kept(self, execution_id: str, sk: str) -> bool:
        items = self._items.query(execution_id, sk)
        return any(item["sk"] == sk and "taskCount" in item for item in items)

    def mark_saved(self, execution_id: str, action_ids: Sequence[str]) -> None:
        """GENERATED -> SAVED; of an action in any other status nothing changes."""
        condition, statuses = _is_one_of((ActionStatus.GENERATED,))
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
            ":now": _now(),
        }
        expression = "SET #status = :failed, errorCode = :code, endedAt = :now"
        if detail:
            expression += ", errorDetail = :detail"
            values[":detail"] = detail
        condition, statuses = _is_one_of(only_from)
        sk = ACTION_SK_PREFIX + action_id
        with suppress(ConditionFailedError):
            self._items.update(execution_id, sk, expression, condition, {**values, **statuses})


def _is_one_of(statuses: Sequence[ActionStatus]) -> tuple[str, Item]:
    """A condition on an item's status, and the values of its placeholders."""
    values = {f":from{index}": status.value for index, status in enumerate(statuses)}
    return f"#status IN ({', '.join(values)})", values


def _is_open(item: Item) -> bool:
    return item["status"] in OPEN_ACTION_STATUSES


def _end_call_values(usage: Usage) -> Item:
    return {":one": 1, **_usage_values(usage)}


def _usage_values(usage: Usage) -> Item:
    return {
        ":input": usage.input_tokens,
        ":output": usage.output_tokens,
        ":cost": usage.cost_usd,
    }


def _tasks_in(item: Item) -> list[GeneratedTask]:
    return [generated_task(values) for values in item["tasks"]]


def missing(execution_id: str, action_id: str) -> MissingItemError:
    """What is raised for an action that the execution does not have."""
    return MissingItemError(f"execution {execution_id} has no action {action_id}")


def _ended(execution_id: str, action_id: str) -> FencedError:
    return FencedError(f"action {action_id} of execution {execution_id} has ended")


def _now() -> str:
    return timestamp(utc_now())

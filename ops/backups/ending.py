"""Items of an execution that ran when they were saved and runs no longer: they come back as ended.

As they were they would say RUNNING for ever, since nothing runs that could end them.
"""

from collections.abc import Mapping
from typing import Any

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ActionStatus, ExecutionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX, EXECUTION_SK
from handlers.storage.items import deserialised, serialised
from ops.backups.items import Item, Key

_CODE = ErrorCode.EXECUTION_FAILED.value


def as_ended(key: Key, items: Mapping[Key, Item], now: str) -> Item:
    """The item to write back.

    items: those of its execution as they will be. now: a time stamp as the program writes it.
    """
    if key[1].startswith(ACTION_SK_PREFIX):
        return serialised(_ended_action(deserialised(items[key]), now))
    if key[1] != EXECUTION_SK or items[key]["status"] != {"S": ExecutionStatus.RUNNING.value}:
        return items[key]
    actions = [
        _ended_action(deserialised(item), now)
        for (pk, sk), item in items.items()
        if pk == key[0] and sk.startswith(ACTION_SK_PREFIX)
    ]
    saved = [each for each in actions if each["status"] == ActionStatus.SAVED]
    failed = [each["actionId"] for each in actions if each["status"] == ActionStatus.FAILED]
    return serialised(
        {
            **deserialised(items[key]),
            "status": ExecutionStatus.FAILED.value,
            "errorCode": _CODE,
            "stoppedAt": now,
            "succeededActions": len(saved),
            "failedActions": failed,
            "taskCount": sum(int(each.get("taskCount", 0)) for each in saved),
        }
    )


def _ended_action(item: dict[str, Any], now: str) -> dict[str, Any]:
    if item["status"] not in OPEN_ACTION_STATUSES:
        return item
    ended = {"status": ActionStatus.FAILED.value, "errorCode": _CODE, "endedAt": now}
    return {**item, **ended}

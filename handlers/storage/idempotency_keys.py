"""Idempotency keys of clients: an item for each holds the execution that it started, 24 hours."""

import hashlib
import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.contract.clock import utc_now
from handlers.contract.table_keys import TTL_ATTRIBUTE
from handlers.storage.errors import ConditionFailedError
from handlers.storage.items import Item, Items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LIFETIME = timedelta(hours=24)

_SK = "key"


class IdempotencyKeys:
    """The keys in the table; every method raises TableUnavailableError."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._items = Items(client, table_name)

    def take(self, key: str, execution_id: str) -> str:
        """Give the key to this execution, unless it has another; the execution that has it now.

        A key that was taken before is marked as shared by several requests, so that none of them
        releases it while another is at work.
        """
        free = "attribute_not_exists(pk) OR #ttl < :now"
        while True:
            try:
                self._items.put(_item(key, execution_id), free, {":now": _now()})
            except ConditionFailedError:
                with suppress(ConditionFailedError):  # It was released, or has expired.
                    taken = self._items.update_and_get(
                        key,
                        _SK,
                        "SET isShared = :true",
                        "#ttl >= :now",
                        {":true": True, ":now": _now()},
                    )
                    return taken["executionId"]
            else:
                return execution_id

    def move(self, key: str, old_execution_id: str, execution_id: str) -> str:
        """Give the key of an execution that never ran to another; the one that has it now."""
        try:
            self._items.put(
                _item(key, execution_id), "executionId = :old", {":old": old_execution_id}
            )
        except ConditionFailedError:
            return self.take(key, execution_id)
        return execution_id

    def release(self, key: str, execution_id: str) -> None:
        """Free the key of an execution that was not started, unless another request has it too."""
        with suppress(ConditionFailedError):
            self._items.update(
                key,
                _SK,
                "SET #ttl = :past",
                "executionId = :execution AND attribute_not_exists(isShared)",
                {":past": 0, ":execution": execution_id},
            )


def scoped(key: str, *, user_id: str, purpose: str) -> str:
    """The key for this user and this purpose, in fixed length: others may use the same text."""
    text = json.dumps([user_id, purpose, key])
    return f"idempotency#{hashlib.sha256(text.encode()).hexdigest()}"


def _item(key: str, execution_id: str) -> Item:
    expires = int((utc_now() + LIFETIME).timestamp())
    return {"pk": key, "sk": _SK, "executionId": execution_id, TTL_ATTRIBUTE: expires}


def _now() -> int:
    return int(utc_now().timestamp())

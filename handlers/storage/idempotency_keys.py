"""Which execution a client's Idempotency-Key stands for: an item of its own for 24 hours."""

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
        """The execution that the key stands for: this one, unless it was taken before."""
        free = "attribute_not_exists(pk) OR #ttl < :now"
        while True:
            try:
                self._items.put(_item(key, execution_id), free, {":now": _now()})
            except ConditionFailedError:
                if taken := self._items.get(key, _SK):
                    return taken["executionId"]
            else:
                return execution_id

    def move(self, key: str, dead_execution_id: str, execution_id: str) -> str:
        """Let the key stand for another execution than a dead one; which one it stands for now."""
        try:
            self._items.put(
                _item(key, execution_id), "executionId = :dead", {":dead": dead_execution_id}
            )
        except ConditionFailedError:
            return self.take(key, execution_id)
        return execution_id

    def give_back(self, key: str, execution_id: str) -> None:
        """Let the key be used again, since that execution was not started."""
        with suppress(ConditionFailedError):
            self._items.update(
                key,
                _SK,
                "SET #ttl = :past",
                "executionId = :execution",
                {":past": 0, ":execution": execution_id},
            )


def scoped(key: str, *, user_id: str, purpose: str) -> str:
    """A client's key as this caller's, for this purpose, in fixed length."""
    text = json.dumps([user_id, purpose, key])
    return f"idempotency#{hashlib.sha256(text.encode()).hexdigest()}"


def _item(key: str, execution_id: str) -> Item:
    expires = int((utc_now() + LIFETIME).timestamp())
    return {"pk": key, "sk": _SK, "executionId": execution_id, TTL_ATTRIBUTE: expires}


def _now() -> int:
    return int(utc_now().timestamp())

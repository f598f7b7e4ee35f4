"""Items of one DynamoDB table as plain values, and DynamoDB's errors by what they mean here."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from handlers.contract.metric_names import MetricName
from handlers.observability.emit_metrics import count
from handlers.storage.errors import ConditionFailedError, TableUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""Attributes by name; numbers are int or Decimal."""

_TRANSIENT_CODES = {
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionCanceledException",  # a conflict or lack of capacity; a failed condition is not
    "TransactionConflictException",
    "TransactionInProgressException",
}
_WRONG_REQUESTS = {"ItemCollectionSizeLimitExceeded", "ValidationError"}
"""Reasons for which DynamoDB would cancel the same transaction again."""

_ITEMS_PER_TRANSACTION = 25
"""DynamoDB takes 100 items and 4 MB: this leaves each item 160 KB."""

_KEYS_PER_BATCH = 100
"""DynamoDB takes no more, and answers with at most 16 MB."""

_SERVER_ERROR = 500
_RESERVED = ("status", "ttl", "until")


class Items:
    """The items of one table.

    Every method raises TableUnavailableError, every read is consistent, and in every expression
    `#status`, `#ttl` and `#until` stand for attributes whose names are reserved words. Among the
    values of an expression, one whose placeholder begins with # is the name of an attribute.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, or None."""
        with known_errors():
            reply = self._client.get_item(
                TableName=self._table_name, Key=serialised(_key(pk, sk)), ConsistentRead=True
            )
        return deserialised(reply["Item"]) if "Item" in reply else None

    def get_all(self, keys: Sequence[tuple[str, str]]) -> list[Item]:
        """The items with these keys (pk, sk), in no order; a key without an item gives none."""
        found = list[Item]()
        left: list[Any] = [serialised(_key(*key)) for key in keys]
        while left:
            asked, left = left[:_KEYS_PER_BATCH], left[_KEYS_PER_BATCH:]
            request: Any = {self._table_name: {"Keys": asked, "ConsistentRead": True}}
            with known_errors():
                reply: Any = self._client.batch_get_item(RequestItems=request)
            unread: list[Any] = (
                reply.get("UnprocessedKeys", {}).get(self._table_name, {}).get("Keys", [])
            )
            if len(unread) == len(asked):
                raise TableUnavailableError("UnprocessedKeys")
            found += map(deserialised, reply.get("Responses", {}).get(self._table_name, []))
            left += unread
        return found

    def query(self, pk: str, sk_prefix: str, attributes: Sequence[str] = ()) -> list[Item]:
        """The items of a partition whose sort key begins with the prefix, in its order.

        attributes: those to read; by default all.
        """
        values = {":pk": pk, ":prefix": sk_prefix}
        return self._query("pk = :pk AND begins_with(sk, :prefix)", values, attributes)

    def until(self, pk: str, sk: str, attributes: Sequence[str]) -> list[Item]:
        """The items of a partition up to sort key `sk`, the last first."""
        values = {":pk": pk, ":sk": sk}
        return self._query("pk = :pk AND sk <= :sk", values, attributes, ScanIndexForward=False)

    def _query(
        self, key_condition: str, values: Item, attributes: Sequence[str], **order: Any
    ) -> list[Item]:
        chosen: dict[str, Any] = {}
        if attributes:
            chosen["ProjectionExpression"] = ", ".join(map(_placeholder, attributes))
            chosen |= _names(chosen["ProjectionExpression"], {})
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression=key_condition,
            ExpressionAttributeValues=serialised(values),
            ConsistentRead=True,
            **chosen,
            **order,
        )
        with known_errors():
            return [deserialised(item) for page in pages for item in page["Items"]]

    def last_until(self, pk: str, sk: str, limit: int) -> list[Item]:
        """Up to so many items of a partition, the last first, from sort key `sk` backwards."""
        with known_errors():
            reply = self._client.query(
                TableName=self._table_name,
                KeyConditionExpression="pk = :pk AND sk <= :sk",
                ExpressionAttributeValues=serialised({":pk": pk, ":sk": sk}),
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=limit,
            )
        return [deserialised(item) for item in reply["Items"]]

    def delete(self, pk: str, sk: str) -> None:
        """Delete an item, if it is there."""
        with known_errors():
            self._client.delete_item(TableName=self._table_name, Key=serialised(_key(pk, sk)))

    def put_new(self, item: Item) -> None:
        """Write an item that must not exist yet, else ConditionFailedError."""
        self.put(item, "attribute_not_exists(pk)", {})

    def put(self, item: Item, condition: str, values: Item) -> None:
        """Write an item if the condition holds of the one there, else ConditionFailedError."""
        with known_errors():
            self._client.put_item(
                TableName=self._table_name,
                Item=serialised(item),
                ConditionExpression=condition,
                **_placeholders(values, condition),
            )

    def put_missing(self, items: Sequence[Item], guard: "Guard") -> None:
        """Write the items that do not exist yet; those that exist stay as they are.

        Each is written together with the guard's update, or not at all. In that `:added` stands for
        the number of items which are written with it.
        """
        for first in range(0, len(items), _ITEMS_PER_TRANSACTION):
            together = items[first : first + _ITEMS_PER_TRANSACTION]
            try:
                self._put_all_new(together, guard)
            except ConditionFailedError:
                # Some of them exist, since an earlier attempt wrote them; or the guard fails.
                for item in together:
                    with suppress(ConditionFailedError):
                        self._put_all_new([item], guard)

    def _put_all_new(self, items: Sequence[Item], guard: "Guard") -> None:
        counted = guard._replace(values={**guard.values, ":added": len(items)})
        update: Any = {"Update": {"TableName": self._table_name, **_update(*counted)}}
        puts: Any = [
            {
                "Put": {
                    "TableName": self._table_name,
                    "Item": serialised(item),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for item in items
        ]
        with known_errors():
            self._client.transact_write_items(TransactItems=[update, *puts])

    def update(self, pk: str, sk: str, expression: str, condition: str, values: Item) -> None:
        """Update an item if the condition holds, else ConditionFailedError."""
        with known_errors():
            self._client.update_item(
                TableName=self._table_name, **_update(pk, sk, expression, condition, values)
            )

    def update_and_get(
        self, pk: str, sk: str, expression: str, condition: str, values: Item
    ) -> Item:
        """Update an item if the condition holds; returns it as it was before.

        Else ConditionFailedError, which has the item.
        """
        with known_errors():
            reply = self._client.update_item(
                TableName=self._table_name,
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_update(pk, sk, expression, condition, values),
            )
        return deserialised(reply.get("Attributes", {}))

    def update_all(
        self, keys: Sequence[tuple[str, str]], expression: str, condition: str, values: Item
    ) -> None:
        """Make the same update of each item (pk, sk) of which the condition holds.

        One transaction for 25 items: on AWS it costs what the single updates would cost twice, and
        takes the time of one.
        """
        for first in range(0, len(keys), _ITEMS_PER_TRANSACTION):
            together = keys[first : first + _ITEMS_PER_TRANSACTION]
            updates: Any = [
                {
                    "Update": {
                        "TableName": self._table_name,
                        **_update(*key, expression, condition, values),
                    }
                }
                for key in together
            ]
            try:
                with known_errors():
                    self._client.transact_write_items(TransactItems=updates)
            except ConditionFailedError:
                # Of some it does not hold, so none was updated.
                for key in together:
                    with suppress(ConditionFailedError):
                        self.update(*key, expression, condition, values)

    def update_and_put(
        self, pk: str, sk: str, expression: str, condition: str, values: Item, *, put: Item
    ) -> None:
        """Update one item and write another, both or (ConditionFailedError) neither."""
        update: Any = {
            "TableName": self._table_name,
            **_update(pk, sk, expression, condition, values),
        }
        with known_errors():
            self._client.transact_write_items(
                TransactItems=[
                    {"Update": update},
                    {"Put": {"TableName": self._table_name, "Item": serialised(put)}},
                ]
            )


class Guard(NamedTuple):
    """An update of another item whose condition must hold for a write."""

    pk: str
    sk: str
    expression: str
    condition: str
    values: Item


def serialised(item: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values in DynamoDB's wire form."""
    serialise: Any = TypeSerializer().serialize
    return {name: serialise(value) for name, value in item.items()}


def deserialised(item: Mapping[str, Any]) -> Item:
    """DynamoDB's wire form as plain values."""
    deserialise: Any = TypeDeserializer().deserialize
    return {name: deserialise(value) for name, value in item.items()}


def _key(pk: str, sk: str) -> Item:
    return {"pk": pk, "sk": sk}


def _update(pk: str, sk: str, expression: str, condition: str, values: Item) -> dict[str, Any]:
    return {
        "Key": serialised(_key(pk, sk)),
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        **_placeholders(values, expression + condition),
    }


def _placeholders(given: Item, expressions: str) -> dict[str, Any]:
    """The values and names behind the placeholders of expressions."""
    names = {name: value for name, value in given.items() if name.startswith("#")}
    values = {name: value for name, value in given.items() if name not in names}
    return {
        **({"ExpressionAttributeValues": serialised(values)} if values else {}),
        **_names(expressions, names),
    }


def _names(expressions: str, given: Mapping[str, str]) -> dict[str, Any]:
    # DynamoDB refuses a name that no expression uses, and an empty map.
    reserved = {f"#{name}": name for name in _RESERVED if f"#{name}" in expressions}
    names = {**reserved, **given}
    return {"ExpressionAttributeNames": names} if names else {}


def _placeholder(name: str) -> str:
    return f"#{name}" if name in _RESERVED else name


@contextmanager
def known_errors() -> Generator[None]:
    """Turn botocore's errors into TableUnavailableError and ConditionFailedError where they are."""
    try:
        yield
    except (ConnectionError, HTTPClientError) as error:
        raise TableUnavailableError(type(error).__name__) from error
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
        if "ConditionalCheckFailed" in reasons or code == "ConditionalCheckFailedException":
            item: Any = error.response.get("Item")
            raise ConditionFailedError(code, deserialised(item) if item else None) from error
        is_wrong = reasons & _WRONG_REQUESTS
        if not is_wrong and (code in _TRANSIENT_CODES or status >= _SERVER_ERROR):
            raise TableUnavailableError(code) from error
        count(MetricName.TABLE_USER_ERRORS)
        raise

"""Items of one DynamoDB table as plain values, and DynamoDB's errors as those we tell apart."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from handlers.storage.errors import ConditionFailedError, TableUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""Attributes by name; numbers are int or Decimal."""

_TRANSIENT_CODES = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionCanceledException",  # by a conflict or a lack of capacity: failed conditions apart
    "TransactionConflictException",
    "TransactionInProgressException",
}
_SERVER_ERROR = 500


class Items:
    """The items of one table.

    Every method raises TableUnavailableError, every read is consistent, and in every expression
    `#status` stands for the attribute `status` (a reserved word).
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, or None."""
        with _known_errors():
            reply = self._client.get_item(
                TableName=self._table_name, Key=serialised(_key(pk, sk)), ConsistentRead=True
            )
        return deserialised(reply["Item"]) if "Item" in reply else None

    def query(self, pk: str, sk_prefix: str) -> list[Item]:
        """The items of a partition whose sort key begins with the prefix, in its order."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=serialised({":pk": pk, ":prefix": sk_prefix}),
            ConsistentRead=True,
        )
        with _known_errors():
            return [deserialised(item) for page in pages for item in page["Items"]]

    def put_new(self, item: Item) -> None:
        """Write an item that must not exist yet, else ConditionFailedError."""
        with _known_errors():
            self._client.put_item(
                TableName=self._table_name,
                Item=serialised(item),
                ConditionExpression="attribute_not_exists(pk)",
            )

    def put_all_new(self, items: Sequence[Item]) -> None:
        """Write up to 100 items that must not exist yet, else ConditionFailedError and none."""
        with _known_errors():
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Put": {
                            "TableName": self._table_name,
                            "Item": serialised(item),
                            "ConditionExpression": "attribute_not_exists(pk)",
                        }
                    }
                    for item in items
                ]
            )

    def update(self, pk: str, sk: str, expression: str, condition: str, values: Item) -> None:
        """Update an item if the condition holds, else ConditionFailedError."""
        with _known_errors():
            self._client.update_item(
                TableName=self._table_name, **_update(pk, sk, expression, condition, values)
            )

    def update_and_put(
        self, pk: str, sk: str, expression: str, condition: str, values: Item, *, put: Item
    ) -> None:
        """Update one item and write another, both or (ConditionFailedError) neither."""
        update: Any = {
            "TableName": self._table_name,
            **_update(pk, sk, expression, condition, values),
        }
        with _known_errors():
            self._client.transact_write_items(
                TransactItems=[
                    {"Update": update},
                    {"Put": {"TableName": self._table_name, "Item": serialised(put)}},
                ]
            )


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
    # DynamoDB refuses a name that no expression uses; `status` is a reserved word.
    names = {"#status": "status"} if "#status" in expression + condition else {}
    return {
        "Key": serialised(_key(pk, sk)),
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        "ExpressionAttributeValues": serialised(values),
        **({"ExpressionAttributeNames": names} if names else {}),
    }


@contextmanager
def _known_errors() -> Generator[None]:
    try:
        yield
    except (ConnectionError, HTTPClientError) as error:
        raise TableUnavailableError(type(error).__name__) from error
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
        if "ConditionalCheckFailed" in reasons or code == "ConditionalCheckFailedException":
            raise ConditionFailedError(code) from error
        if (
            code == "TransactionCanceledException"
            or code in _TRANSIENT_CODES
            or status >= _SERVER_ERROR
        ):
            raise TableUnavailableError(code) from error
        raise

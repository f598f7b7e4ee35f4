"""The errors of DynamoDB, by what they mean for the functions."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from handlers.storage.errors import ConditionFailedError, TableUnavailableError
from handlers.storage.items import Items, known_errors
from tests.handlers.measured import measured
from tests.handlers.world import TABLE_NAME, new_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def items(dynamodb: "DynamoDBClient") -> Items:
    return Items(dynamodb, TABLE_NAME)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("ProvisionedThroughputExceededException", 400),
        ("TransactionConflictException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_a_transient_error_of_dynamodb_is_unavailable(
    dynamodb: "DynamoDBClient", items: Items, code: str, status: int
) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("update_item", code, http_status_code=status)
        with pytest.raises(TableUnavailableError, match=code):
            items.update("e", "a", "SET x = :one", "attribute_exists(pk)", {":one": 1})


def test_keys_that_a_batch_left_unread_are_read_next(
    dynamodb: "DynamoDBClient", items: Items
) -> None:
    first, second = ({"pk": {"S": "e"}, "sk": {"S": sk}} for sk in ("1", "2"))
    with Stubber(dynamodb) as stub:
        stub.add_response(
            "batch_get_item",
            {
                "Responses": {TABLE_NAME: [first]},
                "UnprocessedKeys": {TABLE_NAME: {"Keys": [second]}},
            },
        )
        stub.add_response("batch_get_item", {"Responses": {TABLE_NAME: [second]}})
        found = items.get_all([("e", "1"), ("e", "2")])
        stub.assert_no_pending_responses()
    assert [item["sk"] for item in found] == ["1", "2"]


def test_a_batch_of_which_nothing_is_read_is_unavailable(
    dynamodb: "DynamoDBClient", items: Items
) -> None:
    unread = {TABLE_NAME: {"Keys": [{"pk": {"S": "e"}, "sk": {"S": "1"}}]}}
    with Stubber(dynamodb) as stub:
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": unread})
        with pytest.raises(TableUnavailableError, match="UnprocessedKeys"):
            items.get_all([("e", "1")])


def test_a_lost_connection_to_the_table_is_unavailable(dynamodb: "DynamoDBClient") -> None:
    def lose(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

    client = new_client("dynamodb")
    client.meta.events.register("before-send.dynamodb.GetItem", lose)
    with pytest.raises(TableUnavailableError, match="ReadTimeoutError"):
        Items(client, TABLE_NAME).get("e", "a")


def test_a_missing_permission_is_not_unavailable(dynamodb: "DynamoDBClient", items: Items) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("get_item", "AccessDeniedException", http_status_code=400)
        with pytest.raises(ClientError, match="AccessDenied"):
            items.get("e", "a")


@pytest.mark.parametrize(
    ("code", "reasons", "counted"),
    [
        ("ValidationException", [], [1]),
        ("AccessDeniedException", [], [1]),
        ("TransactionCanceledException", ["None", "ValidationError"], [1]),
        ("TransactionCanceledException", ["None", "TransactionConflict"], []),
        ("TransactionCanceledException", ["None", "ConditionalCheckFailed"], []),
        ("ConditionalCheckFailedException", [], []),
        ("ThrottlingException", [], []),
        ("InternalServerError", [], []),
    ],
)
def test_only_invalid_requests_to_the_table_are_counted(
    capsys: pytest.CaptureFixture[str], code: str, reasons: list[str], counted: list[float]
) -> None:
    answer: Any = {
        "Error": {"Code": code},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
        "ResponseMetadata": {"HTTPStatusCode": 500 if code == "InternalServerError" else 400},
    }
    known = (ClientError, ConditionFailedError, TableUnavailableError)
    with pytest.raises(known), known_errors():
        raise ClientError(answer, "TransactWriteItems")
    assert measured(capsys.readouterr().out).get("TableUserErrors", []) == counted

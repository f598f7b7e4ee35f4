"""A table and a product database for the handlers, fresh in every test."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from handlers.storage.execution_table import ExecutionTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})
TABLE_NAME = "WorkflowExecution-test"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process, with nobody's credentials."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_REGION": "ap-northeast-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> "DynamoDBClient":
    """A client, and the table of executions with its keys and indexes."""
    client: DynamoDBClient = boto3.client("dynamodb", config=ONE_ATTEMPT)  # pyright: ignore[reportUnknownMemberType]
    client.create_table(
        TableName=TABLE_NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "goalId")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "goalId-index",
                "KeySchema": [
                    {"AttributeName": "goalId", "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return client


@pytest.fixture
def table(dynamodb: "DynamoDBClient") -> ExecutionTable:
    """The worker's side of the table."""
    return ExecutionTable(dynamodb, TABLE_NAME)

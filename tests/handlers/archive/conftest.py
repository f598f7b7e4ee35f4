"""A table with its index of months, a bucket, and the function that copies to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from handlers import workflow_archive
from handlers.archive.document import items_in
from handlers.contract.archive import archive_key
from handlers.contract.clock import timestamp, utc_now
from handlers.contract.environment import Env
from handlers.contract.statuses import ExecutionStatus
from handlers.storage.items import Item, deserialised, serialised
from tests.handlers.lambda_context import LambdaContext
from tests.handlers.world import ACCOUNT, REGION, TABLE_NAME, TTL_DAYS, client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

BUCKET = "archive-of-tests"
GOAL_TEXT = "秘密の目標"


@dataclass
class Archived:
    """The table, the bucket, and the function between them."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    started: list[str] = field(default_factory=list[str])

    def add(
        self,
        age: timedelta,
        status: ExecutionStatus = ExecutionStatus.SUCCEEDED,
        *,
        ttl_days: int = TTL_DAYS,
    ) -> str:
        """An execution that was started so long ago, with one action and its tasks."""
        at = utc_now() - age
        random = uuid4().int & ((1 << 62) - 1)
        number = int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62 | random
        execution_id = str(UUID(int=number))
        expires = int((at + timedelta(days=ttl_days)).timestamp())
        record: Item = {
            "sk": "execution",
            "goalId": str(uuid4()),
            "userId": str(uuid4()),
            "month": f"{at.astimezone(UTC):%Y-%m}",
            "status": status.value,
            "executionArn": f"arn:aws:states:{REGION}:{ACCOUNT}:execution:m:{execution_id}",
            "startedAt": timestamp(at),
            "totalActions": 1,
            "inputTokens": 700,
            "outputTokens": 500,
            "costUsd": Decimal("0.000095"),
            "taskCount": 1,
        }
        tasks: Item = {"sk": "tasks#a", "tasks": [{"title": GOAL_TEXT, "estimatedMinutes": 30}]}
        for item in (record, {"sk": "action#a", "status": "SAVED"}, tasks):
            whole = {"pk": execution_id, "ttl": expires, **item}
            self.dynamodb.put_item(TableName=TABLE_NAME, Item=serialised(whole))
        self.started.append(execution_id)
        return execution_id

    def items(self, execution_id: str) -> list[Item]:
        """The items in the table."""
        found = self.dynamodb.query(
            TableName=TABLE_NAME,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": execution_id}},
        )
        return [deserialised(item) for item in found["Items"]]

    def expire(self, execution_id: str) -> None:
        """What TTL does."""
        for item in self.items(execution_id):
            key = serialised({"pk": item["pk"], "sk": item["sk"]})
            self.dynamodb.delete_item(TableName=TABLE_NAME, Key=key)

    def object_keys(self) -> list[str]:
        """The keys of the bucket's objects."""
        return [
            each.get("Key", "")
            for each in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        ]

    def copy(self, execution_id: str) -> list[Item]:
        """The items in the bucket."""
        found = self.s3.get_object(Bucket=BUCKET, Key=archive_key(execution_id))
        return [deserialised(item) for item in items_in(found["Body"].read())]

    def run(self, milliseconds: int = 900_000) -> dict[str, Any]:
        """One invocation by the schedule."""
        event: dict[str, Any] = {"id": str(uuid4()), "source": "aws.events", "detail": {}}
        return workflow_archive.handler(event, LambdaContext(milliseconds))


@pytest.fixture
def archived(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archived]:
    """Nothing in the table, nothing in the bucket."""
    for variable, value in {
        Env.TABLE_NAME: TABLE_NAME,
        Env.TTL_DAYS: TTL_DAYS,
        Env.ARCHIVE_BUCKET: BUCKET,
        Env.ARCHIVE_AFTER_DAYS: 7,
    }.items():
        monkeypatch.setenv(variable.name, str(value))
    dynamodb: DynamoDBClient = client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE_NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "month")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "month-index",
                "KeySchema": [
                    {"AttributeName": "month", "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    s3: S3Client = client("s3")
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    workflow_archive._archive.cache_clear()  # pyright: ignore[reportPrivateUsage]
    yield Archived(dynamodb, s3)
    workflow_archive._archive.cache_clear()  # pyright: ignore[reportPrivateUsage]

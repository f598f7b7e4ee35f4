"""DynamoDB: conditions, transactions, limits, sparse indexes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.emulated import EmulatedAws, Json


def _item(pk: str, sk: str = "action#1", **attributes: Json) -> Json:
    return {"pk": {"S": pk}, "sk": {"S": sk}, **attributes}


def _put(table: str, item: Json, condition: str = "") -> Json:
    extra = {"ConditionExpression": condition} if condition else {}
    return {"Put": {"TableName": table, "Item": item, **extra}}


def test_a_write_whose_condition_fails_changes_nothing(aws: EmulatedAws) -> None:
    table = aws.table()
    aws.tables.put_item(TableName=table, Item=_item("e", status={"S": "SAVED"}))

    with pytest.raises(aws.tables.exceptions.ConditionalCheckFailedException):
        aws.tables.update_item(
            TableName=table,
            Key=_item("e"),
            UpdateExpression="SET #s = :failed ADD attempts :one",
            ConditionExpression="#s IN (:pending, :generating)",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={
                ":failed": {"S": "FAILED"},
                ":pending": {"S": "PENDING"},
                ":generating": {"S": "GENERATING"},
                ":one": {"N": "1"},
            },
        )

    found = aws.tables.get_item(TableName=table, Key=_item("e"), ConsistentRead=True)
    assert found.get("Item") == _item("e", status={"S": "SAVED"})


def test_a_transaction_is_all_or_nothing_and_has_its_cancellation_reasons(aws: EmulatedAws) -> None:
    table = aws.table()
    aws.tables.put_item(TableName=table, Item=_item("taken"))

    with pytest.raises(aws.tables.exceptions.TransactionCanceledException) as refused:
        aws.tables.transact_write_items(
            TransactItems=[
                _put(table, _item("new")),
                _put(table, _item("taken"), "attribute_not_exists(pk)"),
            ]
        )

    response: Any = refused.value.response
    reasons = [reason["Code"] for reason in response["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed"]
    assert "Item" not in aws.tables.get_item(TableName=table, Key=_item("new"))


def test_a_transaction_has_each_item_once_and_at_most_100_items(aws: EmulatedAws) -> None:
    table = aws.table()
    twice = [_put(table, _item("same")), _put(table, _item("same"))]
    many = [_put(table, _item(str(number))) for number in range(101)]

    for writes in (twice, many):
        with pytest.raises(ClientError, match="ValidationException"):
            aws.tables.transact_write_items(TransactItems=writes)


def test_counters_add_up_from_many_threads(aws: EmulatedAws) -> None:
    table = aws.table()

    def add(_: int) -> None:
        aws.tables.update_item(
            TableName=table,
            Key=_item("e"),
            UpdateExpression="ADD callsStarted :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))

    found = aws.tables.get_item(TableName=table, Key=_item("e")).get("Item", {})
    assert found["callsStarted"] == {"N": "40"}


def test_an_index_holds_only_items_that_carry_its_key(aws: EmulatedAws) -> None:
    name = "goalId-index"
    table = aws.tables.create_table(
        TableName="sparse",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "goalId")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": name,
                "KeySchema": [
                    {"AttributeName": "goalId", "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )["TableDescription"].get("TableName", "")
    for pk in ("2", "1"):
        aws.tables.put_item(TableName=table, Item=_item(pk, "execution", goalId={"S": "g"}))
        aws.tables.put_item(TableName=table, Item=_item(pk, "action#1"))

    found = aws.tables.query(
        TableName=table,
        IndexName=name,
        KeyConditionExpression="goalId = :g",
        ExpressionAttributeValues={":g": {"S": "g"}},
        ScanIndexForward=False,
    )["Items"]

    assert [item["pk"]["S"] for item in found] == ["2", "1"]
    with pytest.raises(ClientError, match="Consistent"):
        aws.tables.query(
            TableName=table,
            IndexName=name,
            ConsistentRead=True,
            KeyConditionExpression="goalId = :g",
            ExpressionAttributeValues={":g": {"S": "g"}},
        )


def test_an_item_over_400_kb_is_refused(aws: EmulatedAws) -> None:
    table = aws.table()

    with pytest.raises(ClientError, match="ValidationException"):
        aws.tables.put_item(TableName=table, Item=_item("e", text={"S": "x" * 400 * 1024}))


def test_the_settings_of_a_table_are_read_back(aws: EmulatedAws) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    encryption: Any = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    table = aws.table(SSESpecification=encryption, DeletionProtectionEnabled=True)
    aws.tables.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True}
    )
    aws.tables.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    described = aws.tables.describe_table(TableName=table)["Table"]
    backups = aws.tables.describe_continuous_backups(TableName=table)
    recovery: Any = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    lifetime = aws.tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert described.get("SSEDescription", {}).get("KMSMasterKeyArn") == key
    assert described.get("DeletionProtectionEnabled") is True
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    assert lifetime == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    with pytest.raises(ClientError, match=r"(?i)deletion"):
        aws.tables.delete_table(TableName=table)

"""DynamoDB: backups on demand, and restores to a point in time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.emulated import EmulatedAws, Json

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}


@pytest.fixture
def table(aws: EmulatedAws) -> str:
    """A table with a key of its own, whose recovery is enabled while it holds `KEY` with n = 0."""
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    name = aws.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    put(aws, name, 0)
    aws.tables.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return name


def put(aws: EmulatedAws, table: str, n: int) -> None:
    aws.tables.put_item(TableName=table, Item={**KEY, "n": {"N": str(n)}})


def items(aws: EmulatedAws, table: str) -> list[Json]:
    return list(aws.tables.scan(TableName=table, ConsistentRead=True)["Items"])


def second_after() -> datetime:
    """A whole second that lies after what was written before and before what comes next."""
    time.sleep(1.1)
    now = datetime.now(UTC).replace(microsecond=0)
    time.sleep(1.1)
    return now


def test_a_restore_has_the_items_of_its_second(aws: EmulatedAws, table: str) -> None:
    before = second_after()
    aws.tables.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    updated = second_after()
    aws.tables.delete_item(TableName=table, Key=KEY)
    deleted = second_after()
    aws.tables.transact_write_items(
        TransactItems=[{"Put": {"TableName": table, "Item": {**KEY, "n": {"N": "7"}}}}]
    )
    found = list[list[str]]()
    for number, when in enumerate((before, updated, deleted)):
        target = f"{table}-{number}"
        aws.tables.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=target, RestoreDateTime=when
        )
        found.append([item["n"]["N"] for item in items(aws, target)])
    latest: Any = aws.tables.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=f"{table}-latest", UseLatestRestorableTime=True
    )["TableDescription"]

    assert found == [["0"], ["1"], []]
    assert [item["n"]["N"] for item in items(aws, f"{table}-latest")] == ["7"]
    source: Any = aws.tables.describe_table(TableName=table)["Table"]
    assert latest["SSEDescription"] == source["SSEDescription"]
    backups: Any = aws.tables.describe_continuous_backups(TableName=f"{table}-latest")
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_restore_outside_of_the_recovery_period_is_refused(aws: EmulatedAws, table: str) -> None:
    now = datetime.now(UTC)
    restore = aws.tables.restore_table_to_point_in_time
    for when in (now - timedelta(hours=1), now + timedelta(hours=1)):
        with pytest.raises(ClientError, match="InvalidRestoreTime"):
            restore(SourceTableName=table, TargetTableName="never", RestoreDateTime=when)
    with pytest.raises(ClientError, match="PointInTimeRecoveryUnavailable"):
        restore(SourceTableName=aws.table(), TargetTableName="never", UseLatestRestorableTime=True)
    described: Any = aws.tables.describe_continuous_backups(TableName=table)
    recovery = described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert (
        now - timedelta(minutes=1)
        < recovery["EarliestRestorableDateTime"]
        <= recovery["LatestRestorableDateTime"]
    )


def test_a_table_can_be_restored_to_the_present_second_and_is_active_at_once(
    aws: EmulatedAws, table: str
) -> None:
    aws.tables.restore_table_to_point_in_time(
        SourceTableName=table,
        TargetTableName=f"{table}-now",
        RestoreDateTime=datetime.now(UTC),
    )
    described: Any = aws.tables.describe_table(TableName=f"{table}-now")["Table"]
    assert described["TableStatus"] == "ACTIVE"


def test_a_backup_is_restored_into_a_new_table(aws: EmulatedAws, table: str) -> None:
    backup: Any = aws.tables.create_backup(TableName=table, BackupName="before")["BackupDetails"]
    put(aws, table, 9)

    aws.tables.restore_table_from_backup(
        TargetTableName=f"{table}-restored", BackupArn=backup["BackupArn"]
    )

    assert backup["BackupStatus"] == "AVAILABLE"
    assert [item["n"]["N"] for item in items(aws, f"{table}-restored")] == ["0"]

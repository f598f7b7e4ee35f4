"""The new table: what it is made from, what is set on it, and when it is refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from ops.backups import restored
from ops.backups.items import read_table
from ops.backups.restored import Source, drop, make, of_backup, of_time
from ops.backups.table_form import TableForm, lacking, mend, read_form, temporary
from ops.problems import OperatorError
from ops.stack import Stack
from tests.ops.backups.conftest import NAMES, Session
from tests.ops.backups.saved import ended_executions

NEW = f"{NAMES.table}-restored-label"


@pytest.fixture
def tables(dev: Stack) -> Any:
    return dev.client("dynamodb")


@pytest.fixture
def stub(session: Session, dev: Stack) -> Iterator[Stubber]:
    """Answers of DynamoDB that moto does not give."""
    with Stubber(dev.client("dynamodb")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def recovery(status: str, earliest: datetime | None = None) -> dict[str, Any]:
    times = {"EarliestRestorableDateTime": earliest, "LatestRestorableDateTime": datetime.now(UTC)}
    found = {"PointInTimeRecoveryStatus": status, **(times if earliest else {})}
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": found,
        }
    }


def test_a_time_needs_recovery(dev: Stack, stub: Stubber) -> None:
    stub.add_response("describe_continuous_backups", recovery("DISABLED"))
    with pytest.raises(OperatorError, match=r"point-in-time recovery .* is off"):
        of_time(dev, datetime.now(UTC))


@pytest.mark.parametrize("hours", [-3, 1])
def test_a_time_outside_of_recovery_is_refused_with_the_limits(
    hours: int, dev: Stack, stub: Stubber
) -> None:
    now = datetime.now(UTC)
    stub.add_response("describe_continuous_backups", recovery("ENABLED", now - timedelta(hours=2)))
    with pytest.raises(OperatorError, match=r"AWS can restore from .* to "):
        of_time(dev, now + timedelta(hours=hours))


def test_a_time_is_asked_for_to_the_second_and_with_the_tables_key(
    dev: Stack, stub: Stubber
) -> None:
    when = datetime(2026, 11, 29, 8, 0, 0, 400_000, tzinfo=UTC)
    stub.add_response("describe_continuous_backups", recovery("ENABLED", when - timedelta(hours=2)))
    source = of_time(dev, when)
    assert source.label == "20261129T080000"
    stub.add_response(
        "restore_table_to_point_in_time",
        {},
        {
            "SourceTableName": NAMES.table,
            "TargetTableName": NEW,
            "RestoreDateTime": when.replace(microsecond=0),
            "BillingModeOverride": "PAY_PER_REQUEST",
            "SSESpecificationOverride": {
                "Enabled": True,
                "SSEType": "KMS",
                "KMSMasterKeyId": "arn:key",
            },
        },
    )
    source.begin(NEW, FORM)


def ignored(*_given: Any, **_named: Any) -> None:
    """In place of a call that has no effect."""


FORM = TableForm((), (), {}, "arn:key", "ttl", True, {"Project": "goal-mandala"}, protected=False)


@pytest.mark.parametrize(
    ("table", "status", "words"),
    [
        ("WorkflowExecution-prod", "AVAILABLE", "is of WorkflowExecution-prod, not of"),
        (NAMES.table, "CREATING", "is CREATING, not AVAILABLE"),
    ],
)
def test_a_backup_must_be_this_tables_and_available(
    table: str, status: str, words: str, dev: Stack, stub: Stubber
) -> None:
    now = datetime.now(UTC)
    arn = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/t/backup/1"
    details = {
        "BackupArn": arn,
        "BackupName": "ops-1",
        "BackupStatus": status,
        "BackupType": "USER",
        "BackupCreationDateTime": now,
    }
    source = {
        "TableName": table,
        "TableId": "00000000-0000-0000-0000-000000000000",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "TableCreationDateTime": now,
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    }
    described = {"BackupDetails": details, "SourceTableDetails": source}
    stub.add_response("describe_backup", {"BackupDescription": described})
    with pytest.raises(OperatorError, match=words):
        of_backup(dev, arn)


def test_an_unknown_backup_is_one_sentence(dev: Stack) -> None:
    arn = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/t/backup/01"
    with pytest.raises(OperatorError, match="there is no such backup"):
        of_backup(dev, arn)


def test_a_recovery_point_of_aws_backup_is_restored_there(dev: Stack) -> None:
    arn = "arn:aws:backup:ap-northeast-1:123456789012:recovery-point:1"
    with pytest.raises(OperatorError, match=r"is AWS Backup's: .* --table NAME"):
        of_backup(dev, arn)


def test_a_restored_table_gets_every_setting_that_it_lacks(dev: Stack, tables: Any) -> None:
    wanted = replace(
        read_form(tables, NAMES.table),
        ttl="ttl",
        recovery=True,
        tags={"Project": "goal-mandala"},
        protected=True,
    )
    done = mend(tables, NAMES.table, wanted, is_local=True)
    assert {*done} == {"ttl", "recovery", "tags", "protected"}
    assert read_form(tables, NAMES.table) == wanted
    assert mend(tables, NAMES.table, wanted, is_local=True) == []


def test_a_table_of_another_form_is_refused(tables: Any) -> None:
    wanted = replace(read_form(tables, NAMES.table), indexes={})
    with pytest.raises(OperatorError, match="has other indexes than the live table"):
        mend(tables, NAMES.table, wanted, is_local=True)


def test_a_setting_that_does_not_stay_is_found(
    tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = replace(read_form(tables, NAMES.table), protected=True)
    monkeypatch.setattr(tables, "update_table", ignored)
    monkeypatch.setattr("ops.backups.table_form._TRIES", 2)
    with pytest.raises(OperatorError, match="not so when read back: protected"):
        mend(tables, NAMES.table, wanted, is_local=True)


def test_a_temporary_table_takes_part_in_nothing() -> None:
    assert lacking(temporary(FORM), FORM) == ["ttl", "recovery"]


def archived(dev: Stack, tables: Any) -> Source:
    """A source that is filled by us, from the live table."""
    tables.update_time_to_live(
        TableName=NAMES.table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )

    def begin(name: str, _form: TableForm) -> None:
        described = tables.describe_table(TableName=NAMES.table)["Table"]
        tables.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=described["AttributeDefinitions"],
            KeySchema=described["KeySchema"],
            GlobalSecondaryIndexes=[
                {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
                for index in described["GlobalSecondaryIndexes"]
            ],
        )

    return Source("label", "a test", begin, read_table(tables, NAMES.table))


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.backups.table_form._PAUSE", 0)


def test_an_interrupted_restore_goes_on_with_its_table(dev: Stack, tables: Any) -> None:
    ended_executions(dev, 2)
    source, said = archived(dev, tables), list[str]()
    source.begin(NEW, FORM)  # and then Ctrl-C
    assert make(dev, source, keep=False, say=said.append) == NEW
    assert said[0] == f"{NEW} is there already: going on with it"
    assert read_table(tables, NEW) == source.items


def test_a_kept_table_has_everything_and_no_later_restore_deletes_it(
    dev: Stack, tables: Any
) -> None:
    source = archived(dev, tables)
    make(dev, source, keep=True, say=lambda _: None)
    kept = read_form(tables, NEW)
    assert (kept.ttl, kept.protected) == ("ttl", True)
    make(dev, source, keep=False, say=lambda _: None)
    assert read_form(tables, NEW) == kept
    assert drop(dev, NEW) is False


def test_a_temporary_table_is_deleted(dev: Stack, tables: Any) -> None:
    make(dev, archived(dev, tables), keep=False, say=lambda _: None)
    assert drop(dev, NEW) is True
    assert NEW not in tables.list_tables()["TableNames"]


def test_a_table_that_does_not_hold_what_was_written_is_refused(
    dev: Stack, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended_executions(dev, 1)
    monkeypatch.setattr(restored, "fill", ignored)
    with pytest.raises(OperatorError, match="has 0 items, 7 of 7 not as the archive has them"):
        make(dev, archived(dev, tables), keep=False, say=lambda _: None)

"""Backups that exist and are whole, costs in Cost Explorer's shapes, the security audit."""

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from components.names import Names
from ops.maintenance import auditing
from ops.maintenance.auditing import read_audit
from ops.maintenance.backups import archive_backup, table_backup
from ops.maintenance.checklist import State
from ops.maintenance.costs import Bill, costs, months, read_bill
from ops.maintenance.reading import limits
from ops.maintenance.security import Audit, open_to_all, security, unused_grants
from ops.settings import settings_of
from ops.stack import Stack
from ops.tune.metrics import Span

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
NAMES = Names("prod", "123456789012", "ap-northeast-1")


def backup(**changed: Any) -> dict[str, Any]:
    made = NOW - timedelta(days=3)
    return {"BackupStatus": "AVAILABLE", "BackupCreationDateTime": made, "BackupSizeBytes": 9,
            **changed}  # fmt: skip


@pytest.mark.parametrize(
    ("summaries", "state", "reason"),
    [
        ([backup()], State.DONE, ""),
        ([], State.NOT_DONE, "no backup: python -m ops backup create --stack prod"),
        ([backup(BackupStatus="CREATING")], State.NOT_DONE, "no backup"),
        ([backup(BackupSizeBytes=0)], State.NOT_DONE, "holds no byte"),
        ([backup(BackupCreationDateTime=NOW - timedelta(days=31))], State.DONE, ""),
        ([backup(BackupCreationDateTime=NOW - timedelta(days=32))], State.NOT_DONE, "older than"),
    ],
)
def test_a_tables_backup_counts_if_it_is_new_and_holds_something(
    summaries: list[dict[str, Any]], state: State, reason: str
) -> None:
    found = table_backup(summaries, "ENABLED", NOW, "prod")
    assert found.state == state
    assert reason in found.reason


def test_a_table_without_recovery_needs_attention() -> None:
    assert table_backup([backup()], "DISABLED", NOW, "prod").attention


def archive(folder: Path, day: int, members: dict[str, bytes], *, damaged: bool = False) -> None:
    sums = {name: {"sha256": hashlib.sha256(text).hexdigest()} for name, text in members.items()}
    with zipfile.ZipFile(folder / f"backup-prod-202611{day:02}T080000Z.zip", "w") as held:
        held.writestr("manifest.json", json.dumps({"members": sums}))
        for name, text in members.items():
            held.writestr(name, text + b"!" if damaged else text)


def test_a_whole_archive_of_this_month_is_a_backup(tmp_path: Path) -> None:
    archive(tmp_path, 20, {"code/a.zip": b"a", "state-machine/7.json": b"{}"})
    for name, prefix in (("function backup", "code/"), ("definition backup", "state-machine/")):
        found = archive_backup(name, prefix, tmp_path, "prod", NOW)
        assert found.state == State.DONE
        assert found.facts[1] == "1 member with the manifest's checksums"


@pytest.mark.parametrize(
    ("members", "damaged", "reason"),
    [
        ({"code/a.zip": b"a"}, True, "code/a.zip is damaged"),
        ({"items.jsonl": b""}, False, "holds no code/"),
    ],
)
def test_an_archive_that_lacks_it_or_is_damaged_is_none(
    members: dict[str, bytes], damaged: bool, reason: str, tmp_path: Path
) -> None:
    archive(tmp_path, 20, members, damaged=damaged)
    found = archive_backup("function backup", "code/", tmp_path, "prod", NOW)
    assert found.state == State.NOT_DONE
    assert reason in found.reason


def test_no_archive_and_a_file_that_is_none_are_not_done(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert archive_backup("function backup", "code/", folder, "prod", NOW).reason
    (tmp_path / "backup-prod-20261120T080000Z.zip").write_bytes(b"not a zip")
    assert (
        "holds no code/" in archive_backup("function backup", "code/", tmp_path, "prod", NOW).reason
    )


class OneService:
    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, _service: str) -> Any:
        return self._client


def month(start: str, **services: str) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": start, "End": "2026-12-01"},
        "Groups": [
            {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
            for name, amount in services.items()
        ],
        "Estimated": False,
    }


def test_the_bill_is_read_in_cost_explorers_shapes_page_by_page() -> None:
    aws: Any = boto3
    client = aws.client(
        "ce", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t"
    )
    with Stubber(client) as stub:
        wanted = {
            "TimePeriod": {"Start": "2026-09-01", "End": "2026-11-30"},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
            "Filter": {"Tags": {"Key": "Environment", "Values": ["prod"]}},
        }
        first = [month("2026-09-01", Lambda="2"), month("2026-10-01", Lambda="3.5")]
        stub.add_response(
            "get_cost_and_usage", {"ResultsByTime": first, "NextPageToken": "more"}, wanted
        )
        second = [month("2026-10-01", DynamoDB="1"), month("2026-11-01", Lambda="1")]
        stub.add_response(
            "get_cost_and_usage", {"ResultsByTime": second}, {**wanted, "NextPageToken": "more"}
        )
        bill = read_bill(Stack(NAMES, OneService(client)), date(2026, 11, 29))
    assert bill == Bill(
        last={"Lambda": Decimal("3.5"), "DynamoDB": Decimal(1)},
        before={"Lambda": Decimal(2)},
        current={"Lambda": Decimal(1)},
    )


def test_months_cross_the_new_year() -> None:
    assert months(date(2027, 1, 31)) == (date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1))


@pytest.mark.parametrize(("last", "well"), [("12", True), ("12.01", False)])
def test_a_service_that_grows_by_more_than_a_fifth_needs_a_look(last: str, well: bool) -> None:
    bill = Bill({"Lambda": Decimal(last)}, {"Lambda": Decimal(10)}, {})
    found = costs(bill, {"g": Decimal("0.5")}, 2)
    assert found.is_well is well
    assert f"all services a goal: {Decimal(last):.4f} USD" in found.facts
    assert "goal g: 0.5000 USD" in found.facts


def test_without_cost_explorer_the_models_costs_are_known_all_the_same() -> None:
    found = costs("AWS failed: no", {"g": Decimal("0.5"), "h": Decimal("1.5")}, 3)
    assert found.state == State.NOT_ASKED
    assert (
        "model, from the table: 2.0000 USD for 2 goals, 3 executions, 1.0000 a goal" in found.facts
    )


CALM = Audit(
    used={"role": {"dynamodb": NOW}},
    policies={"topic t": json.dumps({"Statement": []})},
    urls=[],
    rotates=True,
    old_versions=0,
    unconfirmed=[],
    mfa="OPTIONAL",
    admins=1,
    admins_without_mfa=0,
)
OPEN = json.dumps({"Statement": {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "*"}})


def test_a_calm_audit_needs_nobody() -> None:
    assert security(CALM, NOW, "prod").is_well


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"used": {"role": {"sns": None}}}, "role may call sns, last used never"),
        ({"used": {"role": {"sns": NOW - timedelta(days=91)}}}, "last used 2026-08-30"),
        ({"policies": {"topic t": OPEN}}, "open to everybody: topic t: All"),
        ({"urls": ["f"]}, "function URL of f"),
        ({"rotates": False}, "the key is not rotated"),
        ({"old_versions": 3}, "3 old versions: python -m ops prune --stack prod --delete"),
        ({"unconfirmed": ["email of alerts"]}, "subscription email of alerts waits"),
        ({"admins_without_mfa": 1}, "1 of 1 admins have no MFA"),
    ],
)
def test_each_finding_of_the_audit_needs_somebody(changed: dict[str, Any], words: str) -> None:
    (line,) = security(replace(CALM, **changed), NOW, "prod").attention
    assert words in line


def test_a_grant_used_ninety_days_ago_counts_as_used() -> None:
    assert [*unused_grants({"role": {"sns": NOW - timedelta(days=90)}}, NOW)] == []


@pytest.mark.parametrize(
    ("statement", "is_open"),
    [
        ({"Effect": "Allow", "Principal": "*"}, True),
        ({"Effect": "Allow", "Principal": {"AWS": "*"}}, True),
        ({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::1:root", "*"]}}, True),
        ({"Effect": "Deny", "Principal": "*"}, False),
        ({"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {}}}, True),
        ({"Effect": "Allow", "Principal": "*",
          "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Effect": "Allow", "Principal": "*",
          "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "1"}}}, True),
        ({"Effect": "Allow", "Principal": "*", "Condition": {"ArnLike": {"aws:SourceArn": "a"}}},
         False),
    ],
)  # fmt: skip
def test_a_policy_is_open_if_it_lets_everybody_in(statement: dict[str, Any], is_open: bool) -> None:
    assert bool([*open_to_all(json.dumps({"Statement": [statement]}))]) is is_open


def test_grants_are_read_in_iams_shapes_when_the_job_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws: Any = boto3
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = aws.client("iam", region_name="us-east-1", **keys)
    monkeypatch.setattr(auditing, "_POLL_SECONDS", 0)
    answer = {"JobStatus": "COMPLETED", "JobCreationDate": NOW, "JobCompletionDate": NOW}
    sqs = {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs", "LastAuthenticated": NOW}
    sns = {"ServiceName": "Amazon SNS", "ServiceNamespace": "sns"}
    pages: list[dict[str, Any]] = [
        {**answer, "JobStatus": "IN_PROGRESS", "ServicesLastAccessed": []},
        {**answer, "ServicesLastAccessed": [sqs], "IsTruncated": True, "Marker": "more"},
        {**answer, "ServicesLastAccessed": [sns]},
    ]
    with Stubber(client) as stub:
        for page in pages:
            stub.add_response("get_service_last_accessed_details", page)
        found = auditing.last_used_services(client, "0" * 36)
        stub.assert_no_pending_responses()
    assert found == {"sqs": NOW, "sns": None}


def test_provisioned_capacity_is_held_against_its_share() -> None:
    settings = settings_of("staging")
    table = settings.table.model_copy(update={"billing": "provisioned", "read": 5, "write": 10})
    span = Span(NOW - timedelta(seconds=100), NOW)
    given = limits({}, settings.model_copy(update={"table": table}), 1000, span)
    assert given == {
        "ConcurrentExecutions": 800,
        "table ConsumedReadCapacityUnits": 400,
        "table ConsumedWriteCapacityUnits": 800,
    }
    assert "table ConsumedReadCapacityUnits" not in limits({}, settings, 1000, span)


def test_a_topic_opened_by_hand_is_found_on_a_real_stack(stack: Stack) -> None:
    before = read_audit(stack)
    assert security(before, NOW, "local").facts
    assert not any([*open_to_all(text)] for text in before.policies.values())
    assert set(before.not_asked) == {"grants"}
    assert (before.old_versions, before.rotates, before.mfa) == (0, True, "OFF")
    arn, sns = stack.names.topic_arns[0], stack.client("sns")
    own = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=OPEN)
    found = security(read_audit(stack), NOW, "local").attention
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=own)
    assert any(f"open to everybody: topic {arn}" in line for line in found)

"""`verify` names each defect of the archive's bucket and of the backups' vault and plan."""

import pytest

from ops.stack import Stack
from tests.ops.verify.checked import Plant, newly_failed
from tests.ops.verify.conftest import Damaged

BUCKET = "bucket goal-mandala-local-archive-123456789012-ap-northeast-1"
PLAN = "backup plan goal-mandala-local-backups"


def test_the_copies_are_among_what_is_checked(damaged: Damaged) -> None:
    declared = damaged.declared
    assert {BUCKET, PLAN} < {line.subject for line in damaged.healthy if line.passed}
    assert set(declared[PLAN]) == {
        "rule daily",
        "rule monthly",
        "selection goal-mandala-local-table",
    }
    assert declared[BUCKET]["plain HTTP"] == "denied"


def an_open_bucket(stack: Stack) -> None:
    stack.client("s3").delete_public_access_block(Bucket=stack.names.archive_bucket)


def a_bucket_of_many_owners(stack: Stack) -> None:
    stack.client("s3").put_bucket_ownership_controls(
        Bucket=stack.names.archive_bucket,
        OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
    )


def a_bucket_without_our_key(stack: Stack) -> None:
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    stack.client("s3").put_bucket_encryption(
        Bucket=stack.names.archive_bucket,
        ServerSideEncryptionConfiguration={"Rules": [default]},
    )


def a_bucket_without_versions(stack: Stack) -> None:
    stack.client("s3").put_bucket_versioning(
        Bucket=stack.names.archive_bucket, VersioningConfiguration={"Status": "Suspended"}
    )


def an_earlier_expiry(stack: Stack) -> None:
    client, bucket = stack.client("s3"), stack.names.archive_bucket
    rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    rules[0]["Expiration"]["Days"] = 30
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": rules}
    )


def a_bucket_over_plain_http(stack: Stack) -> None:
    stack.client("s3").delete_bucket_policy(Bucket=stack.names.archive_bucket)


def _plan_id(stack: Stack) -> str:
    plans = stack.client("backup").list_backup_plans()["BackupPlansList"]
    return plans[0]["BackupPlanId"]


def backups_kept_for_a_day(stack: Stack) -> None:
    client, plan_id = stack.client("backup"), _plan_id(stack)
    plan = client.get_backup_plan(BackupPlanId=plan_id)["BackupPlan"]
    kept = ("RuleName", "TargetBackupVaultName", "ScheduleExpression", "Lifecycle")
    rules = [{key: rule[key] for key in kept} for rule in plan["Rules"]]
    rules[0]["Lifecycle"] = {"DeleteAfterDays": 1}
    client.update_backup_plan(
        BackupPlanId=plan_id,
        BackupPlan={"BackupPlanName": plan["BackupPlanName"], "Rules": rules},
    )


def a_plan_that_backs_nothing_up(stack: Stack) -> None:
    client, plan_id = stack.client("backup"), _plan_id(stack)
    for each in client.list_backup_selections(BackupPlanId=plan_id)["BackupSelectionsList"]:
        client.delete_backup_selection(BackupPlanId=plan_id, SelectionId=each["SelectionId"])


def no_vault(stack: Stack) -> None:
    stack.client("backup").delete_backup_vault(BackupVaultName=stack.names.backup_vault)


PLANTED: list[tuple[Plant, str, str]] = [
    (an_open_bucket, BUCKET, "public access"),
    (a_bucket_of_many_owners, BUCKET, "object ownership"),
    (a_bucket_without_our_key, BUCKET, "encryption"),
    (a_bucket_without_versions, BUCKET, "versioning"),
    (an_earlier_expiry, BUCKET, "lifecycle expire"),
    (a_bucket_over_plain_http, BUCKET, "plain HTTP"),
    (backups_kept_for_a_day, PLAN, "rule daily"),
    (a_plan_that_backs_nothing_up, PLAN, "selection goal-mandala-local-table"),
    (no_vault, "backup vault goal-mandala-local-backups", "key"),
]


@pytest.mark.parametrize(
    ("plant", "subject", "check"), PLANTED, ids=[plant.__name__ for plant, _, _ in PLANTED]
)
def test_a_planted_defect_is_named_and_hides_no_other(
    plant: Plant, subject: str, check: str, damaged: Damaged
) -> None:
    assert newly_failed(plant, damaged.declared, damaged.stack) == {(subject, check)}

"""The resource of a request to AWS Backup, from the paths that botocore writes."""

from typing import Any
from urllib.parse import urlparse

import boto3
import pytest

from localcloud.aws.permissions.backup_requests import resource_arn

HERE = "arn:aws:backup:ap-northeast-1:123456789012"
POINT = f"{HERE}:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
IN_VAULT = {"BackupVaultName": "v", "RecoveryPointArn": POINT}
PLAN: dict[str, Any] = {"BackupPlan": {"BackupPlanName": "p", "Rules": []}}
JOB = {"BackupVaultName": "v", "ResourceArn": "arn:aws:dynamodb:x", "IamRoleArn": "arn:aws:iam::x"}


@pytest.mark.parametrize(
    ("operation", "parameters", "resource"),
    [
        ("CreateBackupVault", {"BackupVaultName": "v"}, f"{HERE}:backup-vault:v"),
        ("DescribeBackupVault", {"BackupVaultName": "v"}, f"{HERE}:backup-vault:v"),
        ("DeleteBackupVaultAccessPolicy", {"BackupVaultName": "v"}, f"{HERE}:backup-vault:v"),
        ("ListRecoveryPointsByBackupVault", {"BackupVaultName": "v"}, f"{HERE}:backup-vault:v"),
        ("StartBackupJob", JOB, f"{HERE}:backup-vault:v"),
        ("DescribeRecoveryPoint", IN_VAULT, POINT),
        ("GetRecoveryPointRestoreMetadata", IN_VAULT, POINT),
        ("DisassociateRecoveryPoint", IN_VAULT, POINT),
        ("CreateBackupPlan", PLAN, f"{HERE}:backup-plan:*"),
        ("GetBackupPlan", {"BackupPlanId": "id"}, f"{HERE}:backup-plan:id"),
        ("ListBackupSelections", {"BackupPlanId": "id"}, f"{HERE}:backup-plan:id"),
        ("ListTags", {"ResourceArn": f"{HERE}:backup-plan:id"}, f"{HERE}:backup-plan:id"),
        ("UntagResource", {"ResourceArn": f"{HERE}:backup-vault:v", "TagKeyList": []},
         f"{HERE}:backup-vault:v"),
        ("ListBackupPlans", {}, "*"),
        ("ListBackupVaults", {}, "*"),
        ("DescribeBackupJob", {"BackupJobId": "id"}, "*"),
    ],
)  # fmt: skip
def test_a_request_is_judged_on_what_its_path_names(
    operation: str, parameters: dict[str, Any], resource: str
) -> None:
    aws: Any = boto3
    client: Any = aws.client(
        "backup", "ap-northeast-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    model = client.meta.service_model.operation_model(operation)
    request: dict[str, Any] = client._serializer.serialize_to_request(parameters, model)
    path = urlparse(str(request["url_path"])).path
    found = resource_arn(request["method"], path, parameters, "ap-northeast-1", "123456789012")
    assert found == resource

"""What AWS Backup may do with the table, and with the vault."""

from components.iam import grants
from components.iam.documents import Statement, allow
from components.names import Names


def backup_policy(names: Names) -> list[Statement]:
    """The role's statements; DynamoDB makes up the ids of backups.

    (AWS Backup Developer Guide: managed policies, customer managed policy for DynamoDB; Amazon
    DynamoDB Developer Guide: using AWS Backup, usage notes.)
    """
    return [
        allow(
            [
                "dynamodb:CreateBackup",
                "dynamodb:DescribeTable",
                "dynamodb:ListTagsOfResource",
                "dynamodb:StartAwsBackupJob",
            ],
            [names.table_arn],
        ),
        allow(["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], [names.table_backups]),
        grants.use_key(names, "dynamodb", *grants.ENVELOPE_ENCRYPTION),
        allow(
            ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"], [names.backup_vault_arn]
        ),
    ]

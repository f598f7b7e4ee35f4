"""What AWS Backup may do with the table."""

from components.iam import grants
from components.iam.documents import Statement, allow
from components.names import Names


def backup_policy(names: Names) -> list[Statement]:
    """The role's statements; DynamoDB makes up the ids of backups.

    What AWS gives its own role for DynamoDB: the statements DynamoDBPermissions,
    DynamoDBBackupResourcePermissions, DynamodbBackupPermissions and KMSDynamoDBPermissions of
    AWSBackupServiceRolePolicyForBackup (AWS Backup Developer Guide: managed policies, customer
    managed policies); with the key, what DynamoDB asks of all its callers.
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
    ]

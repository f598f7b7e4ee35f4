"""What the operators' commands call: a line a command, from which two roles get their grants.

`look` reads; `act` changes, and reads what that takes. Run by a test as these roles, every command
has to get through, and every grant has to be needed (tests/workflow/operators.py).
"""

from components.iam.operator_places import On

Call = tuple[On, str]

_ITEMS = ((On.TABLE, "dynamodb:GetItem"), (On.TABLE, "dynamodb:Query"))
_EXECUTION = (*_ITEMS, (On.EXECUTIONS, "states:DescribeExecution"))
_EXECUTIONS = ((On.INDEXES, "dynamodb:Query"),)
_EXECUTIONS_OF_A_GOAL = ((On.GOAL_INDEX, "dynamodb:Query"),)
_LOGS = ((On.LOGS, "logs:FilterLogEvents"),)
_LIVE = (
    (On.FUNCTIONS, "lambda:GetAlias"),
    (On.FUNCTIONS, "lambda:ListVersionsByFunction"),
    (On.MACHINE, "states:DescribeStateMachine"),
    (On.MACHINE, "states:DescribeStateMachineAlias"),
    (On.MACHINE, "states:ListStateMachineVersions"),
)
_HEALTH = ((On.APIS, "apigateway:GET"),)

_VERIFY = (
    *_LIVE,
    *_HEALTH,
    (On.ARCHIVE, "s3:GetBucketOwnershipControls"),
    (On.ARCHIVE, "s3:GetBucketPolicy"),
    (On.ARCHIVE, "s3:GetBucketPublicAccessBlock"),
    (On.ARCHIVE, "s3:GetBucketVersioning"),
    (On.ARCHIVE, "s3:GetEncryptionConfiguration"),
    (On.ARCHIVE, "s3:GetLifecycleConfiguration"),
    (On.BACKUP_PLANS, "backup:GetBackupPlan"),
    (On.BACKUP_PLANS, "backup:GetBackupSelection"),
    (On.BACKUP_PLANS, "backup:ListBackupSelections"),
    (On.BACKUP_VAULT, "backup:DescribeBackupVault"),
    (On.EVERYTHING, "backup:ListBackupPlans"),
    (On.EVERYTHING, "cloudwatch:DescribeAlarms"),
    (On.EVERYTHING, "lambda:ListEventSourceMappings"),
    (On.EVERYTHING, "logs:DescribeLogGroups"),
    (On.KEY, "kms:DescribeKey"),
    (On.KEY, "kms:GetKeyRotationStatus"),
    (On.LIVE, "lambda:GetFunctionConfiguration"),
    (On.LIVE, "lambda:GetProvisionedConcurrencyConfig"),
    (On.RULES, "events:DescribeRule"),
    (On.RULES, "events:ListTargetsByRule"),
    (On.TABLE, "dynamodb:DescribeContinuousBackups"),
    (On.TABLE, "dynamodb:DescribeTable"),
    (On.TABLE, "dynamodb:DescribeTimeToLive"),
    (On.TOPICS, "sns:GetTopicAttributes"),
    (On.TOPICS, "sns:ListSubscriptionsByTopic"),
)
_START = (On.START, "lambda:InvokeFunction")
_METRICS = (On.EVERYTHING, "cloudwatch:GetMetricData")
_ALARMS = (
    (On.EVERYTHING, "cloudwatch:DescribeAlarmHistory"),
    (On.EVERYTHING, "cloudwatch:DescribeAlarms"),
)
_DOCTOR = (
    *_EXECUTIONS,
    *_EXECUTION,
    _METRICS,
    (On.FUNCTION_LOGS, "logs:FilterLogEvents"),
)
_VERSIONS = (
    (On.FUNCTIONS, "lambda:ListAliases"),
    (On.FUNCTIONS, "lambda:ListProvisionedConcurrencyConfigs"),
    (On.FUNCTIONS, "lambda:ListVersionsByFunction"),
    (On.MACHINE, "states:DescribeStateMachineAlias"),
    (On.MACHINE, "states:ListStateMachineAliases"),
    (On.MACHINE, "states:ListStateMachineVersions"),
)
_ARCHIVED = ((On.ARCHIVE, "s3:ListBucket"), (On.ARCHIVED, "s3:GetObject"))
_RESTORABLE = (
    (On.EVERYTHING, "dynamodb:ListBackups"),
    (On.TABLE, "dynamodb:DescribeContinuousBackups"),
)
_AUDIT = (
    *_VERSIONS,
    (On.EVERYTHING, "cognito-idp:ListUserPools"),
    (On.EVERYTHING, "iam:GetServiceLastAccessedDetails"),
    (On.FUNCTIONS, "lambda:ListFunctionUrlConfigs"),
    (On.KEY, "kms:DescribeKey"),
    (On.KEY, "kms:GetKeyPolicy"),
    (On.KEY, "kms:GetKeyRotationStatus"),
    (On.LIVE, "lambda:GetPolicy"),
    (On.POOL, "cognito-idp:AdminGetUser"),
    (On.POOL, "cognito-idp:GetUserPoolMfaConfig"),
    (On.POOL, "cognito-idp:ListUsersInGroup"),
    (On.QUEUES, "sqs:GetQueueAttributes"),
    (On.QUEUES, "sqs:GetQueueUrl"),
    (On.ROLES, "iam:GenerateServiceLastAccessedDetails"),
    (On.SECRETS, "secretsmanager:GetResourcePolicy"),
    (On.TABLE, "dynamodb:GetResourcePolicy"),
    (On.TOPICS, "sns:GetTopicAttributes"),
    (On.TOPICS, "sns:ListSubscriptionsByTopic"),
)
_FORM = ("DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive", "ListTagsOfResource")
_RESTORES = (
    "BatchWriteItem",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "GetItem",
    "PutItem",
    "Query",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "Scan",
    "TagResource",
    "UpdateContinuousBackups",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
)
"""DynamoDB itself writes a restored table's items in the caller's name (Amazon DynamoDB Developer
Guide: restoring a table, IAM permissions)."""

_COMPARED = (
    (On.MACHINE, "states:ListExecutions"),
    (On.TABLE, "dynamodb:PutItem"),
    (On.TABLE, "dynamodb:Scan"),
)
_MOVES = ((On.FUNCTIONS, "lambda:UpdateAlias"), (On.MACHINE, "states:UpdateStateMachineAlias"))

LOOK: dict[str, tuple[Call, ...]] = {
    "backup list": _RESTORABLE,
    "doctor": _DOCTOR,
    "executions list": (*_EXECUTIONS, *_ARCHIVED),
    "executions show": (*_EXECUTION, (On.ARCHIVED, "s3:GetObject")),
    "executions watch": _EXECUTION,
    "goal": (*_EXECUTIONS, *_EXECUTION),
    "logs": _LOGS,
    "maintenance": (
        *_ALARMS,
        *_AUDIT,
        *_EXECUTIONS,
        *_LOGS,
        *_RESTORABLE,
        _METRICS,
        (On.EVERYTHING, "ce:GetCostAndUsage"),
        (On.EVERYTHING, "lambda:GetAccountSettings"),
        (On.LIVE, "lambda:GetFunctionConfiguration"),
    ),
    "query": ((On.EVERYTHING, "logs:GetQueryResults"), (On.LOGS, "logs:StartQuery")),
    "support-bundle": (
        *_ALARMS,
        *_EXECUTIONS,
        *_ITEMS,
        *_LIVE,
        *_LOGS,
        (On.EXECUTIONS, "states:GetExecutionHistory"),
        (On.LIVE, "lambda:GetFunctionConfiguration"),
    ),
    "trace": (*_EXECUTION, (On.EXECUTIONS, "states:GetExecutionHistory")),
    "tune settings": (
        *_EXECUTIONS,
        *_LOGS,
        _METRICS,
        (On.EVERYTHING, "lambda:GetAccountSettings"),
        (On.TABLE, "dynamodb:Query"),
    ),
    "verify": _VERIFY,
}
"""Command -> what it calls, of those that change nothing."""

ACT: dict[str, tuple[Call, ...]] = {
    "backup create": (
        (On.BACKUPS, "dynamodb:DeleteBackup"),
        (On.BACKUPS, "dynamodb:DescribeBackup"),
        (On.FUNCTIONS, "lambda:GetAlias"),
        (On.MACHINE, "states:DescribeStateMachine"),
        (On.MACHINE, "states:DescribeStateMachineAlias"),
        (On.TABLE, "dynamodb:CreateBackup"),
        (On.TABLE, "dynamodb:Scan"),
        *((On.TABLE, f"dynamodb:{each}") for each in _FORM),
        (On.VERSIONS, "lambda:GetFunction"),
    ),
    "doctor --yes": (
        *_DOCTOR,
        _START,
        (On.EXECUTIONS, "states:StopExecution"),
        (On.SWEEP, "lambda:InvokeFunction"),
    ),
    "executions retry": (*_EXECUTION, _START),
    "executions stop": (
        *_EXECUTION,
        (On.EXECUTIONS, "states:StopExecution"),
        (On.SWEEP, "lambda:InvokeFunction"),
    ),
    "prune": (
        *_VERSIONS,
        (On.MACHINE, "states:DeleteStateMachineVersion"),
        (On.VERSIONS, "lambda:DeleteFunction"),
    ),
    "restore all": (
        *_COMPARED,
        *_MOVES,
        *_VERIFY,
        (On.VERSIONS, "lambda:GetFunctionConfiguration"),
    ),
    "restore table": (
        *_COMPARED,
        (On.BACKUPS, "dynamodb:DescribeBackup"),
        (On.BACKUPS, "dynamodb:RestoreTableFromBackup"),
        *((On.RESTORED, f"dynamodb:{each}") for each in (*_FORM, *_RESTORES)),
        (On.TABLE, "dynamodb:RestoreTableToPointInTime"),
        *((On.TABLE, f"dynamodb:{each}") for each in _FORM),
    ),
    "rollback": (
        *_LIVE,
        *_HEALTH,
        *_MOVES,
        (On.VERSIONS, "lambda:GetFunctionConfiguration"),
    ),
    "verify --canary": (*_VERIFY, *_EXECUTIONS_OF_A_GOAL, *_EXECUTION, _START),
}
"""Command -> what it calls, of those that change something."""

READS_VARIABLES = "lambda:GetFunctionConfiguration"
"""On a version it is read with its environment, which the stack's key encrypts: `rollback` shows
which variables change."""

FOR_DEPLOYERS = {
    "lambda:UpdateFunctionConfiguration": (
        "no operator's role may, since it also changes handlers, layers and variables: `tune"
        " memory` is for a profile that may deploy the stack"
    ),
}
"""What a command calls that would let an operator run code of their own -> why no role has it."""

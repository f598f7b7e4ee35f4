"""The permissions boundary: the most that a role of a stack can do, whatever CI grants it."""

from components.arns import Arn
from components.iam import grants
from components.iam.documents import Statement, allow
from components.iam.grants import ENVELOPE_ENCRYPTION
from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK, Names


def boundary(names: Names, bedrock_model: str) -> list[Statement]:
    """What the workflow does, on the stack's own names; it administers nothing."""
    prefix = names.prefix
    secrets = [names.secret_arns(each) for each in (DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK)]
    groups = [f"/aws/lambda/{prefix}-*", names.state_machine_log_group]
    reads = ["BatchGetItem", "ConditionCheckItem", "GetItem", "Query"]
    items = [*reads, "DeleteItem", "PutItem", "UpdateItem"]
    messages = [
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "ReceiveMessage",
        "SendMessage",
    ]
    encrypting = ("dynamodb", "lambda", "s3", "secretsmanager", "sns", "sqs")
    interfaces = ["AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface"]
    backups = ["CreateBackup", "DescribeTable", "ListTagsOfResource", "StartAwsBackupJob"]
    return [
        allow([f"dynamodb:{action}" for action in backups], [names.table_arn]),
        allow(["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], [names.table_backups]),
        allow(
            [f"dynamodb:{action}" for action in items],
            [names.table_arn, f"{names.table_arn}/index/*"],
        ),
        grants.start_execution(names),
        allow(
            ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
            [names.execution_arns],
        ),
        allow(["lambda:InvokeFunction"], [names.arn(Arn.FUNCTION, f"{prefix}-*")]),
        allow(["s3:GetObject", "s3:PutObject"], [names.archived_objects]),
        allow(["secretsmanager:GetSecretValue"], secrets),
        allow(["sns:Publish"], names.topic_arns),
        allow([f"sqs:{action}" for action in messages], [names.arn(Arn.QUEUE, f"{prefix}-*")]),
        grants.invoke_model(names, bedrock_model),
        allow(
            [f"kms:{action}" for action in ENVELOPE_ENCRYPTION],
            [names.key_arns],
            **grants.through(names, *encrypting),
        ),
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"{names.log_group_arn(group)}:*" for group in groups],
        ),
        grants.deliver_logs(),
        grants.trace_executions(),
        # For composite alarms AWS takes no narrower scope than all alarms.
        allow(["cloudwatch:DescribeAlarms"], ["*"]),
        # Any interface, subnet and group: the stack's settings choose them.
        allow(
            [f"ec2:{action}" for action in (*interfaces, "UnassignPrivateIpAddresses")],
            [
                names.arn(kind, "*")
                for kind in (Arn.NETWORK_INTERFACE, Arn.SECURITY_GROUP, Arn.SUBNET)
            ],
        ),
        allow(["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], ["*"]),
    ]

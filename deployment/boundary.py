"""What no role of a stack can do more than, whatever CI writes into its policy."""

from components.iam import grants
from components.iam.grants import ENVELOPE_ENCRYPTION, Statement, allow
from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK, Names


def boundary(names: Names, bedrock_model: str) -> list[Statement]:
    """The work of the workflow on the stack's own names, and no administration of anything."""
    regional = f"{names.region}:{names.account}"
    prefix = names.prefix
    secrets = [names.secret_arns(each) for each in (DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK)]
    groups = [f"/aws/lambda/{prefix}-*", names.state_machine_log_group]
    topics = [names.topic_arn(each) for each in (names.alerts_topic, names.notifications_topic)]
    items = ["ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"]
    messages = [
        *["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage"],
        "SendMessage",
    ]
    interfaces = ["AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface"]
    return [
        allow(
            [f"dynamodb:{action}" for action in items],
            [names.table_arn, f"{names.table_arn}/index/*"],
        ),
        grants.start_execution(names),
        allow(
            ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
            [names.execution_arns],
        ),
        allow(["lambda:InvokeFunction"], [f"arn:aws:lambda:{regional}:function:{prefix}-*"]),
        allow(["secretsmanager:GetSecretValue"], secrets),
        allow(["sns:Publish"], topics),
        allow([f"sqs:{action}" for action in messages], [f"arn:aws:sqs:{regional}:{prefix}-*"]),
        grants.invoke_model(names, bedrock_model),
        allow(
            [f"kms:{action}" for action in ENVELOPE_ENCRYPTION],
            [names.key_arns],
            **{
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": names.key_alias},
                "StringEquals": {
                    "kms:ViaService": [
                        f"{service}.{names.region}.amazonaws.com"
                        for service in ("dynamodb", "lambda", "secretsmanager", "sns", "sqs")
                    ]
                },
            },
        ),
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"{names.log_group_arn(group)}:*" for group in groups],
        ),
        grants.deliver_logs(),
        grants.trace_executions(),
        # Of all alarms: for composite alarms AWS takes no narrower scope.
        allow(["cloudwatch:DescribeAlarms"], ["*"]),
        # Of any interface, subnet and group: which ones is the stack's setting.
        allow(
            [f"ec2:{action}" for action in (*interfaces, "UnassignPrivateIpAddresses")],
            [
                f"arn:aws:ec2:{regional}:{kind}/*"
                for kind in ("network-interface", "security-group", "subnet")
            ],
        ),
        allow(["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], ["*"]),
    ]

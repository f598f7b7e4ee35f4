"""The statements of roles: which actions on which ARNs.

`*` stands only for a part that AWS generates (execution names, log streams, key ids behind the
alias condition, network interfaces) and where an action has no resource level; each docstring names
the reason.
"""

from collections.abc import Sequence
from typing import Any

from components.arns import Arn
from components.iam.documents import Statement, allow
from components.names import Names

ENVELOPE_ENCRYPTION = (
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
"""What DynamoDB and CloudWatch Logs need (AWS writes GenerateDataKey* and ReEncrypt*)."""

PROFILE_REGIONS = {
    # aws bedrock list-inference-profiles: "Routes requests to Nova Micro in ..." (2025-07)
    "apac": (
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
    ),
    "us": ("us-east-1", "us-east-2", "us-west-2"),
    "eu": ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"),
    # AWS News Blog: cross-Region inference within Japan and within Australia (2025-10)
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "au": ("ap-southeast-2", "ap-southeast-4"),
    # "": the ARN without a region; AWS checks it where it routes to any region
    # (Amazon Bedrock User Guide: global cross-Region inference, IAM policy requirements)
    "global": ("",),
}
"""Geography of an inference profile -> the regions behind it."""


def use_key(names: Names, service: str, *actions: str) -> Statement:
    """Use of the stack's key through one service.

    KMS generates the key's id, and an alias ARN as the resource would grant nothing: so the
    resource is every key of the account, and `through` narrows it by the alias.
    """
    named = [f"kms:{action}" for action in actions]
    return allow(named, [names.key_arns], **through(names, service))


def through(names: Names, *services: str) -> dict[str, Any]:
    """Conditions: only the key of the stack's alias, and only through these services."""
    via = [f"{service}.{names.region}.amazonaws.com" for service in services]
    return {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": names.key_alias},
        "StringEquals": {"kms:ViaService": via[0] if len(via) == 1 else via},
    }


def use_table(names: Names, *actions: str) -> list[Statement]:
    """Items of the table, and its key: what DynamoDB needs of callers, except CreateGrant.

    (Amazon DynamoDB Developer Guide: DynamoDB encryption at rest, authorizing use of the key.)
    """
    return [
        allow([f"dynamodb:{action}" for action in actions], [names.table_arn]),
        use_key(names, "dynamodb", *ENVELOPE_ENCRYPTION),
    ]


def create_tables_grant(names: Names) -> Statement:
    """The grant by which DynamoDB uses the key of a new table, for itself alone.

    (Amazon DynamoDB Developer Guide: DynamoDB encryption at rest, authorizing use of the key.)
    """
    for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return allow(["kms:CreateGrant"], [names.key_arns], **through(names, "dynamodb"), **for_aws)


def query_indexes(names: Names, *indexes: str) -> Statement:
    """Queries of the table's indexes; their key permissions are the table's."""
    return allow(["dynamodb:Query"], [names.index_arn(index) for index in indexes])


def archive(names: Names) -> list[Statement]:
    """Write objects of the archive and read them back, with the bucket's key.

    (Amazon S3 User Guide: using server-side encryption with AWS KMS, permissions.)
    """
    return [
        allow(["s3:GetObject", "s3:PutObject"], [names.archived_objects]),
        use_key(names, "s3", "Decrypt", "GenerateDataKey"),
    ]


def read_secret(names: Names, name: str) -> list[Statement]:
    """One secret's value."""
    return [
        allow(["secretsmanager:GetSecretValue"], [names.secret_arns(name)]),
        use_key(names, "secretsmanager", "Decrypt"),
    ]


def start_execution(names: Names) -> Statement:
    """Start executions; AWS authorises on the machine's ARN, also where the alias is started.

    (AWS Step Functions Developer Guide: authorization for versions and aliases.)
    """
    return allow(["states:StartExecution"], [names.state_machine_arn])


def describe_execution(names: Names) -> Statement:
    """Describe executions of the machine; their names are ids made at run time."""
    return allow(["states:DescribeExecution"], [names.execution_arns])


def stop_execution(names: Names) -> Statement:
    """Stop executions of the machine; their names are ids made at run time."""
    return allow(["states:StopExecution"], [names.execution_arns])


def invoke_model(names: Names, model: str, source: str | None = None) -> Statement:
    """Invoke one model (the permission for Converse is InvokeModel).

    Through an inference profile: the profile, and the model in the stack's region and in each
    region behind the profile. (Amazon Bedrock User Guide: prerequisites for inference profiles)

    source: what an application inference profile was made from.
    """
    geography, _, profiled = (source or model).partition(".")
    regions = PROFILE_REGIONS.get(geography)
    models = (
        [names.arn(Arn.MODEL, source or model)]
        if regions is None
        else [
            Arn.MODEL.of(region, names.account, profiled)
            for region in dict.fromkeys((names.region, *regions))
        ]
    )
    if source:
        return allow(["bedrock:InvokeModel"], [model, *models])
    if regions is None:
        return allow(["bedrock:InvokeModel"], models)
    return allow(["bedrock:InvokeModel"], [names.arn(Arn.INFERENCE_PROFILE, model), *models])


def publish(names: Names, topic: str) -> list[Statement]:
    """Publish to one encrypted topic."""
    return [
        allow(["sns:Publish"], [names.topic_arn(topic)]),
        use_key(names, "sns", "Decrypt", "GenerateDataKey"),
    ]


def use_queues_key(names: Names) -> Statement:
    """The key of encrypted queues, for senders; readers need its Decrypt, too."""
    return use_key(names, "sqs", "Decrypt", "GenerateDataKey")


def send(names: Names, queue: str) -> Statement:
    """Send to one queue."""
    return allow(["sqs:SendMessage"], [names.queue_arn(queue)])


def receive(names: Names, queue: str) -> Statement:
    """Read one queue by an event source mapping: Lambda reads it with the function's role.

    (AWS Lambda Developer Guide: using Lambda with Amazon SQS, execution role permissions.)
    """
    actions = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"]
    return allow([f"sqs:{action}" for action in actions], [names.queue_arn(queue)])


def change_visibility(names: Names, queue: str) -> Statement:
    """Make messages of a queue visible again later; this needs no key."""
    return allow(["sqs:ChangeMessageVisibility"], [names.queue_arn(queue)])


def describe_alarms(names: Names, alarms: Sequence[str]) -> Statement:
    """Describe metric alarms; composite alarms only all of an account's at once."""
    return allow(["cloudwatch:DescribeAlarms"], [names.alarm_arn(alarm) for alarm in alarms])


def write_log(names: Names, log_group: str) -> Statement:
    """Write to a log group that the program creates (so: no CreateLogGroup).

    The names of its streams are the service's.
    """
    return allow(
        ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{names.log_group_arn(log_group)}:*"]
    )


def trace() -> Statement:
    """Send a function's traces to X-Ray, whose actions have no resource level.

    Lambda itself decides which calls are sampled. (AWS Lambda Developer Guide: X-Ray.)
    """
    return allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"])


def trace_executions() -> Statement:
    """Sample and send a state machine's traces.

    (AWS Step Functions Developer Guide: IAM policies for AWS X-Ray.)
    """
    actions = ["GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments"]
    return allow([f"xray:{action}" for action in actions], ["*"])


def deliver_logs() -> Statement:
    """Set up the delivery of a state machine's log: these actions have no resource level.

    (AWS Step Functions Developer Guide: using CloudWatch Logs to log execution history. The two
    that write, which AWS lists there too, do have one: `write_log`.)
    """
    actions = [
        "CreateLogDelivery",
        "DeleteLogDelivery",
        "DescribeLogGroups",
        "DescribeResourcePolicies",
        "GetLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "UpdateLogDelivery",
    ]
    return allow([f"logs:{action}" for action in actions], ["*"])


def join_network(
    names: Names, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
) -> list[Statement]:
    """What Lambda needs to put a function into a VPC; EC2 generates the interfaces' ids."""
    interfaces = names.arn(Arn.NETWORK_INTERFACE, "*")
    subnets = [names.arn(Arn.SUBNET, subnet_id) for subnet_id in subnet_ids]
    groups = [names.arn(Arn.SECURITY_GROUP, group_id) for group_id in security_group_ids]
    return [
        allow(["ec2:CreateNetworkInterface"], [interfaces, *subnets, *groups]),
        allow(
            [
                "ec2:AssignPrivateIpAddresses",
                "ec2:DeleteNetworkInterface",
                "ec2:UnassignPrivateIpAddresses",
            ],
            [interfaces],
        ),
        # Describing has no resource level.
        allow(["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], ["*"]),
    ]

"""IAM documents as plain data: which actions on which ARNs, all known before anything exists.

`*` stands only for what AWS makes up (execution names, log streams, key ids behind the alias
condition, network interfaces) and where an action has no resource level; each such place says so.
"""

import json
from collections.abc import Sequence
from typing import Any

from components.names import Names

Statement = dict[str, Any]

ENVELOPE_ENCRYPTION = (
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
"""What DynamoDB and CloudWatch Logs ask for (they write GenerateDataKey*, ReEncrypt*)."""

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
}
"""Geography of an inference profile -> the regions behind it."""


def document(statements: Sequence[Statement]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Sequence[str], resources: Sequence[str], **conditions: Any) -> Statement:
    """One statement; conditions by operator, such as `StringEquals={...}`."""
    statement: Statement = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    return {**statement, "Condition": conditions} if conditions else statement


def trust(service: str, **conditions: Any) -> str:
    """The trust policy of a role that one service assumes."""
    statement: Statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": service},
    }
    return document([{**statement, "Condition": conditions} if conditions else statement])


def only_over_tls(action: str, resource: str) -> Statement:
    """Of a resource's own policy: nobody may do this without TLS; it allows nobody anything."""
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def senders(
    names: Names, queue: str, sid: str, service: str, sources: Sequence[str]
) -> list[Statement]:
    """A queue's own policy: a service sends for these ARNs of ours, everybody only over TLS."""
    arn = names.queue_arn(queue)
    return [
        only_over_tls("sqs:SendMessage", arn),
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": names.account},
                "ArnEquals": {"aws:SourceArn": list(sources)},
            },
        },
    ]


def use_key(names: Names, service: str, *actions: str) -> Statement:
    """Use of our key through one service (kms:ViaService).

    The key's id is AWS's invention, and an alias ARN as the resource would grant nothing: so every
    key of the account, narrowed by the alias that the key has.
    """
    return allow(
        [f"kms:{action}" for action in actions],
        [names.key_arns],
        **{
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": names.key_alias},
            "StringEquals": {"kms:ViaService": f"{service}.{names.region}.amazonaws.com"},
        },
    )


def use_table(names: Names, *actions: str) -> list[Statement]:
    """Items of the table, and its key: what DynamoDB asks of callers, but CreateGrant.

    (Amazon DynamoDB Developer Guide: DynamoDB encryption at rest, authorizing use of the key.)
    """
    return [
        allow([f"dynamodb:{action}" for action in actions], [names.table_arn]),
        use_key(names, "dynamodb", *ENVELOPE_ENCRYPTION),
    ]


def query_indexes(names: Names, *indexes: str) -> Statement:
    """Lists off the table's indexes; their key permissions are the table's."""
    return allow(["dynamodb:Query"], [names.index_arn(index) for index in indexes])


def read_secret(names: Names, name: str) -> list[Statement]:
    """One secret's value."""
    return [
        allow(["secretsmanager:GetSecretValue"], [names.secret_arns(name)]),
        use_key(names, "secretsmanager", "Decrypt"),
    ]


def start_execution(names: Names) -> Statement:
    """Start executions: authorised on the machine's ARN, also where the alias is started.

    (AWS Step Functions Developer Guide: authorization for versions and aliases.)
    """
    return allow(["states:StartExecution"], [names.state_machine_arn])


def describe_execution(names: Names) -> Statement:
    """See how executions of the machine are; their names are ids made at run time."""
    return allow(["states:DescribeExecution"], [names.execution_arns])


def stop_execution(names: Names) -> Statement:
    """Stop executions of the machine; their names are ids made at run time."""
    return allow(["states:StopExecution"], [names.execution_arns])


def invoke_model(names: Names, model: str) -> Statement:
    """Invoke one model (Converse is InvokeModel to IAM).

    Through an inference profile: the profile, and the model in each region behind it.
    """
    geography, _, profiled = model.partition(".")
    regions = PROFILE_REGIONS.get(geography)
    if regions is None:
        return allow(["bedrock:InvokeModel"], [_model_arn(names.region, model)])
    profile = f"arn:aws:bedrock:{names.region}:{names.account}:inference-profile/{model}"
    models = [_model_arn(region, profiled) for region in regions]
    return allow(["bedrock:InvokeModel"], [profile, *models])


def publish(names: Names, topic: str) -> list[Statement]:
    """Publish to one encrypted topic."""
    return [
        allow(["sns:Publish"], [names.topic_arn(topic)]),
        use_key(names, "sns", "Decrypt", "GenerateDataKey"),
    ]


def use_queues_key(names: Names) -> Statement:
    """The key of encrypted queues, for who sends to them; who reads needs its Decrypt too."""
    return use_key(names, "sqs", "Decrypt", "GenerateDataKey")


def send(names: Names, queue: str) -> Statement:
    """Send to one queue."""
    return allow(["sqs:SendMessage"], [names.queue_arn(queue)])


def receive(names: Names, queue: str) -> Statement:
    """Read one queue by an event source mapping, which Lambda does in our name.

    (AWS Lambda Developer Guide: using Lambda with Amazon SQS, execution role permissions.)
    """
    actions = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"]
    return allow([f"sqs:{action}" for action in actions], [names.queue_arn(queue)])


def give_back(names: Names, queue: str) -> Statement:
    """Let messages of a queue be seen again later; this needs no key."""
    return allow(["sqs:ChangeMessageVisibility"], [names.queue_arn(queue)])


def describe_alarms(names: Names, alarms: Sequence[str]) -> Statement:
    """See how metric alarms are (composites could only be seen with all of an account's)."""
    return allow(["cloudwatch:DescribeAlarms"], [names.alarm_arn(alarm) for alarm in alarms])


def write_log(names: Names, log_group: str) -> Statement:
    """Write to a log group of our own making (so: no CreateLogGroup); streams are the service's."""
    return allow(
        ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{names.log_group_arn(log_group)}:*"]
    )


def trace() -> Statement:
    """Send a function's traces to X-Ray, whose actions have no resource level.

    Which calls are sampled Lambda decides itself. (AWS Lambda Developer Guide: X-Ray.)
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
    """What Lambda needs to put a function into a VPC; the interfaces' ids are EC2's invention."""
    ec2 = f"arn:aws:ec2:{names.region}:{names.account}"
    interfaces = f"{ec2}:network-interface/*"
    subnets = [f"{ec2}:subnet/{subnet_id}" for subnet_id in subnet_ids]
    groups = [f"{ec2}:security-group/{group_id}" for group_id in security_group_ids]
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


def _model_arn(region: str, model: str) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model}"

"""goal-news: another team's service beside the task-generation workflow, in the same account.

It receives how executions ended (a queue on the workflow's topic), starts executions of its own
goals (a function that signs in as the goals' owner and may do nothing else), and alarms its own
people when the workflow fails (an alarm beside the workflow's). Of the workflow it uses only the
exports.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from workflow_exports import WorkflowExports

Statement = dict[str, Any]

config = pulumi.Config()
workflow = WorkflowExports.from_stack(config.require("workflowStack"))
account = config.require("accountId")
region = pulumi.Config("aws").require("region")
prefix = f"goal-news-{pulumi.get_stack()}"

# All names are chosen here, so ARNs and policy documents are known before anything exists.
ENDINGS, UNREAD = f"{prefix}-endings", f"{prefix}-unread"
ALERTS, FAILED = f"{prefix}-alerts", f"{prefix}-workflow-failed"
STARTER, KEY_ALIAS = f"{prefix}-starter", f"alias/{prefix}"


def arn(service: str, resource: str) -> str:
    """ARN of a resource in this account and region."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def document(*statements: Statement) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(actions: Sequence[str], resource: str, **elements: Any) -> Statement:
    """One statement."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **elements}


def service(name: str, **condition: Any) -> Statement:
    """A service as the principal, under a condition on the resource it acts for."""
    return {"Principal": {"Service": f"{name}.amazonaws.com"}, "Condition": condition}


def only_over_tls(action: str, resource: str) -> Statement:
    """No one may do this without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def through(via: str) -> dict[str, Any]:
    """Conditions: only the key of this alias, and only through a service."""
    return {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": KEY_ALIAS},
        "StringEquals": {"kms:ViaService": f"{via}.{region}.amazonaws.com"},
    }


# One key encrypts everything here. SNS may encrypt messages for the queues with it, but only those
# of the workflow's topic. The workflow's key is not needed: SNS decrypts what it delivers.
def key_policy(topic_arn: str) -> str:
    """Who may use the key."""
    encrypt = ["kms:Decrypt", "kms:GenerateDataKey"]
    more = ("DescribeKey", "Encrypt", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom")
    logs = [*encrypt, *(f"kms:{action}" for action in more), "kms:ReEncryptTo"]
    log_group = arn("logs", f"log-group:/aws/lambda/{STARTER}")
    alarm = arn("cloudwatch", f"alarm:{FAILED}")
    root = {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    in_log_group = {"kms:EncryptionContext:aws:logs:arn": log_group}
    return document(
        allow(["kms:*"], "*", **root),
        allow(encrypt, "*", **service("sns", ArnEquals={"aws:SourceArn": topic_arn})),
        allow(encrypt, "*", **service("cloudwatch", ArnEquals={"aws:SourceArn": alarm})),
        allow(logs, "*", **service(f"logs.{region}", ArnEquals=in_log_group)),
    )


key = aws.kms.Key(
    "key",
    description="goal-news",
    enable_key_rotation=True,
    deletion_window_in_days=7,
    policy=workflow.notifications_topic_arn.apply(key_policy),
)
key_alias = aws.kms.Alias("key-alias", name=KEY_ALIAS, target_key_id=key.key_id)


# 1. A queue for how executions ended. A second one keeps messages that no reader could handle or
#    that SNS could not deliver.
def queue(name: str, **settings: Any) -> tuple[aws.sqs.Queue, aws.sqs.QueuePolicy]:
    """An encrypted queue that the workflow's topic may send to."""
    queue_arn = arn("sqs", name)
    made = aws.sqs.Queue(name, name=name, kms_master_key_id=key.arn, **settings)

    def policy(topic_arn: str) -> str:
        from_topic = service("sns", ArnEquals={"aws:SourceArn": topic_arn})
        return document(
            only_over_tls("sqs:SendMessage", queue_arn),
            allow(["sqs:SendMessage"], queue_arn, **from_topic),
        )

    policy_document = workflow.notifications_topic_arn.apply(policy)
    return made, aws.sqs.QueuePolicy(f"{name}-policy", queue_url=made.id, policy=policy_document)


unread, unread_policy = queue(UNREAD, message_retention_seconds=14 * 24 * 3600)
endings, endings_policy = queue(
    ENDINGS,
    visibility_timeout_seconds=60,
    redrive_policy=json.dumps({"deadLetterTargetArn": arn("sqs", UNREAD), "maxReceiveCount": 5}),
    opts=pulumi.ResourceOptions(depends_on=[unread]),
)
aws.sns.TopicSubscription(
    "endings",
    topic=workflow.notifications_topic_arn,
    protocol="sqs",
    endpoint=endings.arn,
    # The topic also carries operators' notices; only an ending has a status.
    filter_policy=json.dumps({"status": [{"exists": True}]}),
    raw_message_delivery=True,
    redrive_policy=json.dumps({"deadLetterTargetArn": arn("sqs", UNREAD)}),
    opts=pulumi.ResourceOptions(depends_on=[endings_policy, unread_policy, key_alias]),
)

# 2. A role that can start executions of our goals only. IAM knows no owners of goals:
#    StartExecution on the machine would start an execution without the goal's lock, and
#    InvokeFunction on workflow-start would allow requests in the name of any user. The API knows
#    them: the role reads the password of the user that owns our goals, and that user's token starts
#    only those.
user = aws.secretsmanager.Secret(
    "user",
    name=f"{prefix}-user",
    kms_key_id=key.arn,
    recovery_window_in_days=7,
    opts=pulumi.ResourceOptions(depends_on=[key_alias]),
)
user_version = aws.secretsmanager.SecretVersion(
    "user",
    secret_id=user.id,
    secret_string=pulumi.Output.secret(
        pulumi.Output.json_dumps(
            {
                "email": config.require("userEmail"),
                "password": config.require_secret("userPassword"),
            }
        )
    ),
)
log_group = aws.cloudwatch.LogGroup(
    "starter-log", name=f"/aws/lambda/{STARTER}", kms_key_id=key.arn, retention_in_days=30
)
role = aws.iam.Role(
    "starter-role",
    name=f"{STARTER}-role",
    assume_role_policy=document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ),
)
every_key = arn("kms", "key/*")
role_policy = aws.iam.RolePolicy(
    "starter-policy",
    name="permissions",
    role=role.name,
    policy=document(
        # Secrets Manager generates the six characters, Lambda the log streams, KMS the key's id;
        # X-Ray has no resource level.
        allow(
            ["secretsmanager:GetSecretValue"], arn("secretsmanager", f"secret:{prefix}-user-??????")
        ),
        allow(["kms:Decrypt"], every_key, Condition=through("secretsmanager")),
        allow(["kms:Decrypt"], every_key, Condition=through("lambda")),
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            arn("logs", f"log-group:/aws/lambda/{STARTER}:*"),
        ),
        allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ),
)
starter = aws.lambda_.Function(
    "starter",
    name=STARTER,
    role=role.arn,
    runtime="python3.13",
    architectures=["arm64"],
    handler="starter.handler",
    code=pulumi.FileArchive(str(Path(__file__).parent / "starter")),
    timeout=30,
    memory_size=256,
    kms_key_arn=key.arn,
    tracing_config={"mode": "Active"},
    environment={
        "variables": {
            "API_URL": workflow.api_url,
            "USER_POOL_CLIENT_ID": workflow.user_pool_client_ids["web"],
            "USER_SECRET_ARN": user.arn,
        }
    },
    publish=True,
    opts=pulumi.ResourceOptions(depends_on=[role_policy, log_group, user_version, key_alias]),
)

live = aws.lambda_.Alias(
    "starter-live", name="live", function_name=starter.name, function_version=starter.version
)

# 3. An alarm on the workflow's executions, to a topic of this stack: the workflow's topic accepts
#    only the alarms of its own stack.
alerts = aws.sns.Topic("alerts", name=ALERTS, kms_master_key_id=key.arn)
alerts_policy = aws.sns.TopicPolicy(
    "alerts-policy",
    arn=alerts.arn,
    policy=document(
        only_over_tls("sns:Publish", arn("sns", ALERTS)),
        allow(
            ["sns:Publish"],
            arn("sns", ALERTS),
            **service(
                "cloudwatch", ArnEquals={"aws:SourceArn": arn("cloudwatch", f"alarm:{FAILED}")}
            ),
        ),
    ),
)
aws.cloudwatch.MetricAlarm(
    "workflow-failed",
    name=FAILED,
    alarm_description="Executions of the workflow fail: our goals get no tasks. Its dashboard is in"
    " its exports.",
    namespace="AWS/States",
    metric_name="ExecutionsFailed",
    # The metrics belong to the machine; the export is the ARN of its alias.
    dimensions={
        "StateMachineArn": workflow.state_machine_arn.apply(lambda alias: alias.rpartition(":")[0])
    },
    statistic="Sum",
    period=300,
    evaluation_periods=3,
    datapoints_to_alarm=2,
    threshold=3,
    comparison_operator="GreaterThanOrEqualToThreshold",
    treat_missing_data="notBreaching",
    alarm_actions=[arn("sns", ALERTS)],
    ok_actions=[arn("sns", ALERTS)],
    opts=pulumi.ResourceOptions(depends_on=[alerts_policy]),
)

pulumi.export("endingsQueueUrl", endings.id)
pulumi.export("starterArn", live.arn)
pulumi.export("workflowDashboardUrl", workflow.dashboard_url)

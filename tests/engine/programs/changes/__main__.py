"""A topic with every option that holds up a change, a queue that Pulumi names, and a secret."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
replaced = json.loads(config.get("replaceOn") or "[]")
options = pulumi.ResourceOptions(
    protect=config.get_bool("protect"),
    retain_on_delete=config.get_bool("retain"),
    ignore_changes=json.loads(config.get("ignore") or "[]"),
    replace_on_changes=replaced,
)
if config.get_bool("topic") is not False:
    aws.sns.Topic(
        "topic",
        name=config.get("topicName") or "changes",
        display_name=config.get("displayName") or "One",
        maximum_message_size=config.get_int("messageSize") or None,
        opts=options,
    )
queue = aws.sqs.Queue(
    "queue",
    visibility_timeout_seconds=config.get_int("visibility") or 30,
    opts=pulumi.ResourceOptions(replace_on_changes=replaced),
)
secret = aws.secretsmanager.Secret("secret", name="changes", recovery_window_in_days=0)
aws.secretsmanager.SecretVersion(
    "value", secret_id=secret.arn, secret_string=config.get("value") or "one"
)
pulumi.export("queueName", queue.name)

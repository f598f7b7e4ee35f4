"""A topic and a secret; a changed name or value replaces them."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
topic = aws.sns.Topic(
    "topic", name=config.require("topicName"), display_name=config.get("displayName")
)
secret = aws.secretsmanager.Secret("secret", name="small", recovery_window_in_days=0)
aws.secretsmanager.SecretVersion(
    "value", secret_id=secret.arn, secret_string=config.require("value")
)
if config.get_bool("bus"):
    aws.cloudwatch.EventBus("bus", name="small")
pulumi.export("topicArn", topic.arn)
pulumi.export("hidden", config.require_secret("hidden"))

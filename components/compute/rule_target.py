"""A rule of EventBridge that invokes a function; what it cannot deliver goes to a queue."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

EVENT_AGE_SECONDS = 3600


def invoke_function(
    resource_name: str,
    rule: aws.cloudwatch.EventRule,
    rule_arn: str,
    alias: aws.lambda_.Alias,
    *,
    target_id: str,
    dead_letters: aws.sqs.Queue,
    after: Sequence[pulumi.Resource],
) -> aws.cloudwatch.EventTarget:
    """The permission and the target; `after`: what the function and the queue need before."""
    permission = aws.lambda_.Permission(
        f"{resource_name}-permission",
        action="lambda:InvokeFunction",
        function=alias.function_name,
        qualifier=alias.name,
        principal="events.amazonaws.com",
        source_arn=rule_arn,
        opts=pulumi.ResourceOptions(parent=rule, depends_on=[rule]),
    )
    return aws.cloudwatch.EventTarget(
        f"{resource_name}-target",
        rule=rule.name,
        target_id=target_id,
        arn=alias.arn,
        retry_policy={
            "maximum_event_age_in_seconds": EVENT_AGE_SECONDS,
            "maximum_retry_attempts": 10,
        },
        dead_letter_config={"arn": dead_letters.arn},
        opts=pulumi.ResourceOptions(parent=rule, depends_on=[permission, *after]),
    )


def failed_invocations(
    resource_name: str,
    alias: aws.lambda_.Alias,
    dead_letters: aws.sqs.Queue,
    opts: pulumi.ResourceOptions,
) -> aws.lambda_.FunctionEventInvokeConfig:
    """Two more attempts at an asynchronous invocation that fails, then the queue."""
    return aws.lambda_.FunctionEventInvokeConfig(
        resource_name,
        function_name=alias.function_name,
        qualifier=alias.name,
        maximum_retry_attempts=2,
        maximum_event_age_in_seconds=EVENT_AGE_SECONDS,
        destination_config={"on_failure": {"destination": dead_letters.arn}},
        opts=opts,
    )

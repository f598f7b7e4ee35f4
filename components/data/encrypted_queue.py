"""An encrypted queue to which one AWS service sends."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam.documents import Statement, allow_service, document, only_over_tls
from components.names import Names

_LONGEST_RETENTION_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message (Amazon SQS Developer Guide: message quotas)."""


@dataclass(frozen=True)
class Senders:
    """Which service sends: the ARNs of its resources that may; `sid`: of the statement."""

    sid: str
    service: str
    arns: Sequence[str]


def encrypted_queue(
    resource_name: str,
    queue_name: str,
    *,
    names: Names,
    senders: Senders,
    kms_key_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    visibility_timeout_seconds: int | None = None,
    redrive_policy: str | None = None,
) -> tuple[aws.sqs.Queue, aws.sqs.QueuePolicy]:
    """A queue that keeps messages as long as SQS can, and its policy."""
    queue = aws.sqs.Queue(
        resource_name,
        name=queue_name,
        kms_master_key_id=kms_key_arn,
        message_retention_seconds=_LONGEST_RETENTION_SECONDS,
        visibility_timeout_seconds=visibility_timeout_seconds,
        redrive_policy=redrive_policy,
        opts=opts,
    )
    policy = aws.sqs.QueuePolicy(
        f"{resource_name}-policy",
        queue_url=queue.url,
        policy=document(_policy(names, queue_name, senders)),
        opts=pulumi.ResourceOptions(parent=queue),
    )
    return queue, policy


def _policy(names: Names, queue_name: str, senders: Senders) -> list[Statement]:
    arn = names.queue_arn(queue_name)
    return [
        only_over_tls("sqs:SendMessage", arn),
        allow_service(
            senders.sid,
            senders.service,
            "sqs:SendMessage",
            arn,
            StringEquals={"aws:SourceAccount": names.account},
            ArnEquals={"aws:SourceArn": list(senders.arns)},
        ),
    ]

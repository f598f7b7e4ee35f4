"""The customer key that encrypts everything at rest (guide: データ暗号化)."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.arns import Arn
from components.iam.documents import Statement, allow_service, document
from components.iam.grants import ENVELOPE_ENCRYPTION
from components.names import Names


@dataclass(frozen=True)
class EncryptionKeysArgs:
    """What differs between stacks.

    protect: refuse the key's deletion: without the key, all that it encrypts is lost.
    """

    names: Names
    protect: bool = False


class EncryptionKeys(pulumi.ComponentResource):
    """One key and its alias.

    The key's own policy allows AWS services and leaves roles to IAM, because it may not name a role
    that does not exist yet: a role's own policy allows it to use the key.
    """

    key: aws.kms.Key
    alias: aws.kms.Alias

    def __init__(
        self,
        name: str,
        args: EncryptionKeysArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:EncryptionKeys", name, None, opts)
        self.key = aws.kms.Key(
            f"{name}-key",
            description=f"Task-generation workflow, {args.names.environment}",
            enable_key_rotation=True,
            deletion_window_in_days=30 if args.protect else 7,
            policy=document(key_policy(args.names)),
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, retain_on_delete=args.protect
            ),
        )
        self.alias = aws.kms.Alias(
            f"{name}-alias",
            name=args.names.key_alias,
            target_key_id=self.key.key_id,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.register_outputs({"keyArn": self.key.arn, "keyAlias": self.alias.name})


def key_policy(names: Names) -> list[Statement]:
    """Who may use the key. In a key's policy `*` is this key."""
    log_groups = [names.log_group_arn(group) for group in names.log_groups]
    return [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": names.arn(Arn.ACCOUNT)},
            "Action": ["kms:*"],
            "Resource": "*",
        },
        # (Amazon CloudWatch Logs User Guide: encrypt log data using AWS KMS)
        allow_service(
            "Logs",
            f"logs.{names.region}.amazonaws.com",
            [f"kms:{action}" for action in ENVELOPE_ENCRYPTION],
            "*",
            ArnEquals={"kms:EncryptionContext:aws:logs:arn": log_groups},
        ),
        # alarms to the encrypted topics, with the conditions of the guide's example
        # (Amazon SNS Developer Guide: key management, event sources from AWS services)
        _encrypts_for(
            "Alarms",
            "cloudwatch",
            StringEquals={"aws:SourceAccount": names.account},
            ArnLike={"aws:SourceArn": names.alarm_arns},
        ),
        # both topics to the encrypted queue before Slack
        # (Amazon SNS Developer Guide: server-side encryption with an encrypted queue subscribed)
        _encrypts_for(
            "Topics",
            "sns",
            StringEquals={"aws:SourceAccount": names.account},
            ArnEquals={"aws:SourceArn": names.topic_arns},
        ),
        # events to the encrypted dead-letter queue: EventBridge sends KMS no source. For topics
        # the Amazon SNS Developer Guide says so (key management: aws:SourceAccount and
        # aws:SourceArn are "not supported for EventBridge-to-encrypted topics"); for queues the
        # Amazon SQS Developer Guide's example has no condition (key management: event sources
        # from AWS services). The queue's own policy names the rules.
        _encrypts_for("Events", "events"),
    ]


def _encrypts_for(sid: str, service: str, **source: dict[str, Any]) -> Statement:
    """A service encrypts what it sends to an encrypted topic or queue, for these sources."""
    return allow_service(
        sid,
        f"{service}.amazonaws.com",
        ["kms:Decrypt", "kms:GenerateDataKey"],
        "*",
        **source,
    )

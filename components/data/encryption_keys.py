"""The customer key that everything at rest is encrypted with (guide: データ暗号化)."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.iam.grants import ENVELOPE_ENCRYPTION, Statement, document
from components.names import Names


@dataclass(frozen=True)
class EncryptionKeysArgs:
    """What differs between stacks.

    protect: refuse the key's deletion; with the key goes everything it encrypts.
    """

    names: Names
    protect: bool = False


class EncryptionKeys(pulumi.ComponentResource):
    """One key and its alias. What AWS services may do with it stands in the key's own policy; what
    our roles may do, in theirs (the key's policy hands that over to IAM, since it may not name
    roles that do not exist yet)."""

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
    account = {"aws:SourceAccount": names.account}
    rules = [names.rule_arn(rule) for rule in (names.ended_rule, names.sweep_rule)]
    topics = [names.topic_arn(topic) for topic in (names.alerts_topic, names.notifications_topic)]
    log_group_arns = [names.log_group_arn(group) for group in names.log_groups]
    return [
        _statement("Account", {"AWS": f"arn:aws:iam::{names.account}:root"}, ["kms:*"]),
        # (Amazon CloudWatch Logs User Guide: encrypt log data using AWS KMS)
        _statement(
            "Logs",
            {"Service": f"logs.{names.region}.amazonaws.com"},
            [f"kms:{action}" for action in ENVELOPE_ENCRYPTION],
            ArnEquals={"kms:EncryptionContext:aws:logs:arn": log_group_arns},
        ),
        # alarms to the encrypted topic
        _statement(
            "Alarms",
            {"Service": "cloudwatch.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey"],
            StringEquals=account,
            ArnLike={"aws:SourceArn": names.alarm_arns},
        ),
        # both topics to the encrypted queue before Slack
        # (Amazon SNS Developer Guide: server-side encryption with an encrypted queue subscribed)
        _statement(
            "Topics",
            {"Service": "sns.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey"],
            StringEquals=account,
            ArnEquals={"aws:SourceArn": topics},
        ),
        # events to the encrypted dead-letter queue
        _statement(
            "Events",
            {"Service": "events.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey"],
            StringEquals=account,
            ArnEquals={"aws:SourceArn": rules},
        ),
    ]


def _statement(
    sid: str, principal: dict[str, str], actions: list[str], **conditions: Any
) -> Statement:
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": actions,
        "Resource": "*",
    }
    return {**statement, "Condition": conditions} if conditions else statement

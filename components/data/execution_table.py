"""The DynamoDB table of executions, their work items and the generated tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws.dynamodb import TableGlobalSecondaryIndexKeySchemaArgs as KeySchema

from components.settings import TableSettings
from handlers.contract.table_keys import GOAL_INDEX, MONTH_INDEX, TTL_ATTRIBUTE, USER_INDEX

_HASH_KEYS = {GOAL_INDEX: "goalId", USER_INDEX: "userId", MONTH_INDEX: "month"}
"""Sparse: only execution records have these attributes. pk is a UUIDv7, so it sorts by time."""


@dataclass(frozen=True)
class ExecutionTableArgs:
    """What differs between stacks.

    table_name: physical name; its ARN is computed from it before the table exists.
    kms_key_arn: customer key for encryption at rest (guide: データ暗号化).
    settings: billing and, where provisioned, the capacities of the table and of each index.
    after: the key's alias, by which IAM lets the caller (CI) use the key.
    protect: refuse deletion of the table and its data (prod).
    """

    table_name: str
    kms_key_arn: pulumi.Input[str]
    settings: TableSettings
    after: Sequence[pulumi.Resource] = ()
    protect: bool = False


class ExecutionTable(pulumi.ComponentResource):
    """One table, three indexes."""

    table: aws.dynamodb.Table

    def __init__(
        self,
        name: str,
        args: ExecutionTableArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:ExecutionTable", name, None, opts)
        is_provisioned = args.settings.billing == "provisioned"
        self.table = aws.dynamodb.Table(
            f"{name}-table",
            name=args.table_name,
            billing_mode="PROVISIONED" if is_provisioned else "PAY_PER_REQUEST",
            read_capacity=args.settings.read if is_provisioned else None,
            write_capacity=args.settings.write if is_provisioned else None,
            hash_key="pk",
            range_key="sk",
            attributes=[
                aws.dynamodb.TableAttributeArgs(name=attribute, type="S")
                for attribute in ("pk", "sk", *_HASH_KEYS.values())
            ],
            global_secondary_indexes=[
                _index(index, hash_key, args.settings if is_provisioned else None)
                for index, hash_key in _HASH_KEYS.items()
            ],
            ttl={"attribute_name": TTL_ATTRIBUTE, "enabled": True},
            point_in_time_recovery={"enabled": True},
            server_side_encryption={"enabled": True, "kms_key_arn": args.kms_key_arn},
            deletion_protection_enabled=args.protect,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=args.after,
                protect=args.protect,
                retain_on_delete=args.protect,
            ),
        )
        self.register_outputs({"name": self.table.name, "arn": self.table.arn})


def _index(
    name: str, hash_key: str, capacity: TableSettings | None
) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=name,
        key_schemas=[
            KeySchema(attribute_name=hash_key, key_type="HASH"),
            KeySchema(attribute_name="pk", key_type="RANGE"),
        ],
        projection_type="ALL",
        read_capacity=capacity and capacity.index_read,
        write_capacity=capacity and capacity.index_write,
    )

"""Re-creation of a stack from what its destruction left: Pulumi imports it instead of creating it.

`protect` keeps the key, the table, its backups' vault, the archive's bucket, the user pool with its
client and group, and the log groups where a stack is destroyed. Their names are taken then, and
items and objects can be read with the old key only.
"""

from collections.abc import Callable
from typing import Any

import pulumi
from pulumi.runtime import register_stack_transformation

from components.settings import AdoptSettings


def adopt(left: AdoptSettings | None) -> None:
    """Import what was left, in this and every later deployment until the setting is removed.

    Pulumi compares what it finds with the program, and refuses where they differ.
    """
    if left is None:
        return

    def in_pool(name: str | None) -> str | None:
        return f"{left.user_pool_id}/{name}" if left.user_pool_id else None

    ids: dict[str, Callable[[dict[str, Any]], str | None]] = {
        "aws:kms/key:Key": lambda _: left.key_id,
        "aws:cognito/userPool:UserPool": lambda _: left.user_pool_id,
        "aws:cognito/userPoolClient:UserPoolClient": lambda _: in_pool(left.client_id),
        "aws:cognito/userGroup:UserGroup": lambda inputs: in_pool(inputs["name"]),
        "aws:dynamodb/table:Table": lambda inputs: inputs["name"],
        "aws:backup/vault:Vault": lambda inputs: inputs["name"],
        "aws:s3/bucket:Bucket": lambda inputs: inputs["bucket"],
        "aws:cloudwatch/logGroup:LogGroup": lambda inputs: inputs["name"],
    }

    def imported(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        resource_id = ids.get(args.type_, lambda _: None)(dict(args.props))
        if resource_id is None:
            return None
        found = pulumi.ResourceOptions(import_=resource_id)
        return pulumi.ResourceTransformationResult(
            args.props, pulumi.ResourceOptions.merge(args.opts, found)
        )

    register_stack_transformation(imported)

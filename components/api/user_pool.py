"""The user pool whose tokens the API accepts: the product's, or a new one where none is set."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.settings import CognitoSettings
from handlers.contract.routes import ADMIN_GROUP


@dataclass(frozen=True)
class UserPoolArgs:
    """What differs between stacks.

    cognito: the product's pool; None: create one.
    protect: refuse the deletion of a created pool.
    """

    names: Names
    cognito: CognitoSettings | None
    protect: bool = False


class UserPool(pulumi.ComponentResource):
    """A user pool and its clients.

    client_ids: of the clients whose tokens are accepted. client_id_map: the same, by purpose.
    """

    id: pulumi.Output[str]
    issuer: pulumi.Output[str]
    client_ids: list[pulumi.Input[str]]
    client_id_map: dict[str, pulumi.Input[str]]

    def __init__(
        self,
        name: str,
        args: UserPoolArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:UserPool", name, None, opts)
        if args.cognito:
            self.id = pulumi.Output.from_input(args.cognito.user_pool_id)
            self.client_id_map = {client_id: client_id for client_id in args.cognito.client_ids}
        else:
            pool, client = _create_pool(name, args, self)
            self.id = pool.id
            self.client_id_map = {"web": client.id}
        self.client_ids = list(self.client_id_map.values())
        host = f"https://cognito-idp.{args.names.region}.amazonaws.com/"
        self.issuer = pulumi.Output.concat(host, self.id)
        self.register_outputs({"userPoolId": self.id, "clientIds": self.client_id_map})


def _create_pool(
    name: str, args: UserPoolArgs, parent: pulumi.Resource
) -> tuple[aws.cognito.UserPool, aws.cognito.UserPoolClient]:
    pool = aws.cognito.UserPool(
        f"{name}-pool",
        name=args.names.prefix,
        username_attributes=["email"],
        auto_verified_attributes=["email"],
        admin_create_user_config={"allow_admin_create_user_only": True},
        password_policy={
            "minimum_length": 12,
            "require_lowercase": True,
            "require_numbers": True,
            "require_symbols": False,
            "require_uppercase": True,
            "temporary_password_validity_days": 7,
        },
        deletion_protection="ACTIVE" if args.protect else "INACTIVE",
        tags=args.names.tags,  # the operators' roles know the pool by them, AWS chooses its id
        opts=pulumi.ResourceOptions(
            parent=parent, protect=args.protect, retain_on_delete=args.protect
        ),
    )
    client = aws.cognito.UserPoolClient(
        f"{name}-client",
        name="web",
        user_pool_id=pool.id,
        generate_secret=False,  # a browser cannot keep one
        explicit_auth_flows=[
            "ALLOW_REFRESH_TOKEN_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_USER_SRP_AUTH",
        ],
        enable_token_revocation=True,
        prevent_user_existence_errors="ENABLED",
        opts=pulumi.ResourceOptions(parent=pool),
    )
    aws.cognito.UserGroup(
        f"{name}-{ADMIN_GROUP}",
        name=ADMIN_GROUP,
        user_pool_id=pool.id,
        description="May watch everybody's executions",
        opts=pulumi.ResourceOptions(parent=pool),
    )
    return pool, client

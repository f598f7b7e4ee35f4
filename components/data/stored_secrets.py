"""The secrets: from Pulumi's encrypted configuration into Secrets Manager."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pydantic import SecretStr

from components.names import Names


@dataclass(frozen=True)
class StoredSecretsArgs:
    """What differs between stacks.

    values: secret name -> value.
    kms_key_arn: customer key for encryption at rest.
    after: the key's alias, by which IAM lets the caller (CI) use the key.
    protect: keep deleted secrets for a month, and refuse their deletion (prod).
    """

    names: Names
    values: dict[str, SecretStr]
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource] = ()
    protect: bool = False


class StoredSecrets(pulumi.ComponentResource):
    """One secret, with its current value, for each name."""

    secrets: dict[str, aws.secretsmanager.Secret]
    versions: dict[str, aws.secretsmanager.SecretVersion]

    def __init__(
        self,
        name: str,
        args: StoredSecretsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:StoredSecrets", name, None, opts)
        self.secrets = {}
        self.versions = {}
        for secret, value in args.values.items():
            self.secrets[secret] = aws.secretsmanager.Secret(
                f"{name}-{secret}",
                name=args.names.secret(secret),
                kms_key_id=args.kms_key_arn,
                recovery_window_in_days=30 if args.protect else 0,
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=args.after, protect=args.protect
                ),
            )
            self.versions[secret] = aws.secretsmanager.SecretVersion(
                f"{name}-{secret}-value",
                secret_id=self.secrets[secret].id,
                secret_string=pulumi.Output.secret(value.get_secret_value()),
                # A new value replaces the version; with the secret's protection, which it would
                # inherit, Pulumi refuses that.
                opts=pulumi.ResourceOptions(parent=self.secrets[secret], protect=False),
            )
        self.register_outputs({"arns": {key: item.arn for key, item in self.secrets.items()}})

"""Backups of the table that outlive it: a vault, a plan and the role that makes them.

Point-in-time recovery goes back 35 days and dies with the table. The vault keeps a backup of each
day as long, and one of each month (guide: 月次タスク, DynamoDBバックアップの作成) much longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam.backup_policy import backup_policy
from components.iam.documents import document, trust
from components.names import Names
from components.settings import BackupSettings

_START_MINUTES = 60
_COMPLETE_MINUTES = 720
"""AWS's provider would cancel a job after 180 minutes."""


@dataclass(frozen=True)
class BackupsArgs:
    """What differs between stacks.

    settings: when backups are made, and how long they are kept.
    kms_key_arn: customer key of the vault.
    permissions_boundary: put the role under the policy of deployment/.
    after: the key's alias, by which the role may use the key, and the table.
    protect: refuse the vault's deletion. AWS refuses it anyway while there are backups.
    """

    names: Names
    settings: BackupSettings
    kms_key_arn: pulumi.Input[str]
    permissions_boundary: bool
    after: Sequence[pulumi.Resource]
    protect: bool = False


class Backups(pulumi.ComponentResource):
    """One plan with two rules, for one table."""

    vault: aws.backup.Vault
    selection: aws.backup.Selection

    def __init__(
        self,
        name: str,
        args: BackupsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:Backups", name, None, opts)
        names, settings = args.names, args.settings
        self.vault = aws.backup.Vault(
            f"{name}-vault",
            name=names.backup_vault,
            kms_key_arn=args.kms_key_arn,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=args.after,
                protect=args.protect,
                retain_on_delete=args.protect,
            ),
        )
        role = aws.iam.Role(
            f"{name}-role",
            name=names.backup_role,
            assume_role_policy=trust(
                "backup.amazonaws.com", StringEquals={"aws:SourceAccount": names.account}
            ),
            permissions_boundary=names.boundary_arn if args.permissions_boundary else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name="permissions",
            role=role.name,
            policy=document(backup_policy(names)),
            opts=pulumi.ResourceOptions(parent=role),
        )
        plan = aws.backup.Plan(
            f"{name}-plan",
            name=names.backup_plan,
            rules=[
                self._rule("daily", settings.daily_schedule, settings.daily_days),
                self._rule("monthly", settings.monthly_schedule, settings.monthly_days),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.selection = aws.backup.Selection(
            f"{name}-table",
            name=names.backup_selection,
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[names.table_arn],
            opts=pulumi.ResourceOptions(parent=plan, depends_on=[policy, *args.after]),
        )
        self.register_outputs({"vaultArn": self.vault.arn})

    def _rule(self, name: str, schedule: str, days: int) -> aws.backup.PlanRuleArgs:
        return aws.backup.PlanRuleArgs(
            rule_name=name,
            target_vault_name=self.vault.name,
            schedule=schedule,
            start_window=_START_MINUTES,
            completion_window=_COMPLETE_MINUTES,
            lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=days),
        )

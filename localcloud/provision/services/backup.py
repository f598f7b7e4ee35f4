"""AWS Backup's vaults, plans and selections."""

from typing import Any

from localcloud.provision.provisioner import Clients, Properties, capitalised, uncapitalised

_RULE = {
    "ruleName": "RuleName",
    "targetVaultName": "TargetBackupVaultName",
    "schedule": "ScheduleExpression",
    "startWindow": "StartWindowMinutes",
    "completionWindow": "CompletionWindowMinutes",
}


def create_vault(clients: Clients, declared: Properties) -> str:
    """CreateBackupVault."""
    clients("backup").create_backup_vault(
        BackupVaultName=declared["name"],
        EncryptionKeyArn=declared["kmsKeyArn"],
        BackupVaultTags=declared.get("tags", {}),
    )
    return declared["name"]


def update_vault(_clients: Clients, _id: str, _declared: Properties, _old: Properties) -> None:
    """Do nothing: beside its tags only `forceDestroy` changes, which AWS Backup does not know."""


def delete_vault(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteBackupVault, which AWS Backup refuses while there are backups."""
    clients("backup").delete_backup_vault(BackupVaultName=name)


def read_vault(clients: Clients, name: str, _declared: Properties) -> Properties:
    """DescribeBackupVault and the vault's tags."""
    vault = clients("backup").describe_backup_vault(BackupVaultName=name)
    return {
        "name": vault["BackupVaultName"],
        "arn": vault["BackupVaultArn"],
        "kmsKeyArn": vault["EncryptionKeyArn"],
        "tags": _tags(clients, vault["BackupVaultArn"]),
    }


def create_plan(clients: Clients, declared: Properties) -> str:
    """CreateBackupPlan; AWS generates the id."""
    return clients("backup").create_backup_plan(
        BackupPlan=_plan(declared), BackupPlanTags=declared.get("tags", {})
    )["BackupPlanId"]


def update_plan(clients: Clients, plan_id: str, declared: Properties, _old: Properties) -> None:
    """UpdateBackupPlan."""
    clients("backup").update_backup_plan(BackupPlanId=plan_id, BackupPlan=_plan(declared))


def delete_plan(clients: Clients, plan_id: str, _declared: Properties) -> None:
    """DeleteBackupPlan."""
    clients("backup").delete_backup_plan(BackupPlanId=plan_id)


def read_plan(clients: Clients, plan_id: str, _declared: Properties) -> Properties:
    """GetBackupPlan and the plan's tags."""
    found = clients("backup").get_backup_plan(BackupPlanId=plan_id)
    return {
        "name": found["BackupPlan"]["BackupPlanName"],
        "rules": [_rule_held(rule) for rule in found["BackupPlan"]["Rules"]],
        "arn": found["BackupPlanArn"],
        "version": found["VersionId"],
        "tags": _tags(clients, found["BackupPlanArn"]),
    }


def _plan(declared: Properties) -> Properties:
    return {
        "BackupPlanName": declared["name"],
        "Rules": [
            {
                **{field: _whole(rule[name]) for name, field in _RULE.items() if name in rule},
                "Lifecycle": {
                    "DeleteAfterDays": _whole(rule["lifecycle"]["deleteAfter"]),
                },
            }
            for rule in declared["rules"]
        ],
    }


def _rule_held(rule: Properties) -> Properties:
    found = {name: rule[field] for name, field in _RULE.items() if field in rule}
    return {**found, "lifecycle": {"deleteAfter": rule["Lifecycle"]["DeleteAfterDays"]}}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value


def create_selection(clients: Clients, declared: Properties) -> str:
    """CreateBackupSelection; AWS generates the id."""
    return clients("backup").create_backup_selection(
        BackupPlanId=declared["planId"],
        BackupSelection={
            "SelectionName": declared["name"],
            **capitalised({name: declared[name] for name in ("iamRoleArn", "resources")}),
        },
    )["SelectionId"]


def delete_selection(clients: Clients, selection_id: str, declared: Properties) -> None:
    """DeleteBackupSelection."""
    clients("backup").delete_backup_selection(
        BackupPlanId=declared["planId"], SelectionId=selection_id
    )


def read_selection(clients: Clients, selection_id: str, declared: Properties) -> Properties:
    """GetBackupSelection."""
    found = clients("backup").get_backup_selection(
        BackupPlanId=declared["planId"], SelectionId=selection_id
    )
    selection: Properties = uncapitalised(found["BackupSelection"])
    return {
        "name": selection["selectionName"],
        "planId": found["BackupPlanId"],
        "iamRoleArn": selection["iamRoleArn"],
        "resources": selection["resources"],
    }


def _tags(clients: Clients, arn: str) -> dict[str, str]:
    return clients("backup").list_tags(ResourceArn=arn).get("Tags", {})

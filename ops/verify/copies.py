"""What outlives the table: the archive's bucket and the backups, as declared and as held."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.names import Names
from ops.stack import Stack
from ops.verify import facts
from ops.verify.facts import Facts

Inputs = Mapping[str, Any]
Checks = Iterator[tuple[str, str]]

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _private(found: Facts, inputs: Inputs, _names: Names) -> None:
    blocks = {name: inputs.get(name[0].lower() + name[1:]) for name in _BLOCKS}
    _of_bucket(found, inputs)["public access"] = _blocked(blocks)


def _owned(found: Facts, inputs: Inputs, _names: Names) -> None:
    _of_bucket(found, inputs)["object ownership"] = inputs["rule"]["objectOwnership"]


def _encrypted(found: Facts, inputs: Inputs, names: Names) -> None:
    default = inputs["rules"][0]["applyServerSideEncryptionByDefault"]
    _of_bucket(found, inputs)["encryption"] = f"{default['sseAlgorithm']}, {names.key_alias}"


def _versioned(found: Facts, inputs: Inputs, _names: Names) -> None:
    _of_bucket(found, inputs)["versioning"] = inputs["versioningConfiguration"]["status"]


def _expires(found: Facts, inputs: Inputs, _names: Names) -> None:
    for rule in inputs["rules"]:
        _of_bucket(found, inputs)[f"lifecycle {rule['id']}"] = _expiry(
            rule["status"],
            rule["filter"]["prefix"],
            rule["expiration"]["days"],
            rule["noncurrentVersionExpiration"]["noncurrentDays"],
        )


def _over_tls(found: Facts, inputs: Inputs, _names: Names) -> None:
    _of_bucket(found, inputs)["plain HTTP"] = _plain_http(inputs["policy"])


def _vault(found: Facts, inputs: Inputs, names: Names) -> None:
    found[facts.backup_vault(inputs["name"])] = {"key": names.key_alias}


def _plan(found: Facts, inputs: Inputs, _names: Names) -> None:
    checks = found.setdefault(facts.backup_plan(inputs["name"]), {})
    for rule in inputs["rules"]:
        days = rule["lifecycle"]["deleteAfter"]
        checks[f"rule {rule['ruleName']}"] = _rule(rule["schedule"], rule["targetVaultName"], days)


def _selection(found: Facts, inputs: Inputs, names: Names) -> None:
    checks = found.setdefault(facts.backup_plan(names.backup_plan), {})
    checks[f"selection {inputs['name']}"] = ", ".join(inputs["resources"])


def _of_bucket(found: Facts, inputs: Inputs) -> dict[str, str]:
    return found.setdefault(facts.bucket(inputs["bucket"]), {})


BY_TYPE: dict[str, Callable[[Facts, Inputs, Names], None]] = {
    "aws:backup/plan:Plan": _plan,
    "aws:backup/selection:Selection": _selection,
    "aws:backup/vault:Vault": _vault,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _expires,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _owned,
    "aws:s3/bucketPolicy:BucketPolicy": _over_tls,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _private,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _encrypted
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _versioned,
}
"""Type of a resource -> what adds its facts, from its inputs."""


def _public_access(stack: Stack) -> Checks:
    answer = stack.client("s3").get_public_access_block(Bucket=stack.names.archive_bucket)
    yield "public access", _blocked(answer["PublicAccessBlockConfiguration"])


def _ownership(stack: Stack) -> Checks:
    answer = stack.client("s3").get_bucket_ownership_controls(Bucket=stack.names.archive_bucket)
    yield "object ownership", answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"]


def _encryption(stack: Stack) -> Checks:
    answer = stack.client("s3").get_bucket_encryption(Bucket=stack.names.archive_bucket)
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
    default = rule["ApplyServerSideEncryptionByDefault"]
    key = stack.key_name(default.get("KMSMasterKeyID"))
    yield "encryption", f"{default['SSEAlgorithm']}, {key}"


def _versioning(stack: Stack) -> Checks:
    answer = stack.client("s3").get_bucket_versioning(Bucket=stack.names.archive_bucket)
    yield "versioning", answer.get("Status", "never enabled")


def _lifecycle(stack: Stack) -> Checks:
    answer = stack.client("s3").get_bucket_lifecycle_configuration(
        Bucket=stack.names.archive_bucket
    )
    for rule in answer["Rules"]:
        yield (
            f"lifecycle {rule['ID']}",
            _expiry(
                rule["Status"],
                rule.get("Filter", {}).get("Prefix", rule.get("Prefix", "")),
                rule.get("Expiration", {}).get("Days"),
                rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"),
            ),
        )


def _policy(stack: Stack) -> Checks:
    answer = stack.client("s3").get_bucket_policy(Bucket=stack.names.archive_bucket)
    yield "plain HTTP", _plain_http(answer["Policy"])


def held_vault(stack: Stack) -> Checks:
    """The vault, if the stack has one."""
    answer = stack.client("backup").describe_backup_vault(BackupVaultName=stack.names.backup_vault)
    yield "key", stack.key_name(answer.get("EncryptionKeyArn"))


def held_plan(stack: Stack) -> Checks:
    """The plan and what it backs up; AWS Backup knows a plan by an id of its own."""
    client, name = stack.client("backup"), stack.names.backup_plan
    for page in client.get_paginator("list_backup_plans").paginate():
        for listed in page["BackupPlansList"]:
            if listed["BackupPlanName"] == name:
                yield from _held_plan(client, listed["BackupPlanId"])


def _held_plan(client: Any, plan_id: str) -> Checks:
    for rule in client.get_backup_plan(BackupPlanId=plan_id)["BackupPlan"]["Rules"]:
        days = rule.get("Lifecycle", {}).get("DeleteAfterDays")
        held = _rule(rule.get("ScheduleExpression"), rule["TargetBackupVaultName"], days)
        yield f"rule {rule['RuleName']}", held
    pages = client.get_paginator("list_backup_selections").paginate(BackupPlanId=plan_id)
    for listed in (each for page in pages for each in page["BackupSelectionsList"]):
        chosen = client.get_backup_selection(
            BackupPlanId=plan_id, SelectionId=listed["SelectionId"]
        )["BackupSelection"]
        yield f"selection {chosen['SelectionName']}", ", ".join(chosen.get("Resources", []))


HELD_OF_BUCKET = (_public_access, _ownership, _encryption, _versioning, _lifecycle, _policy)
"""Each is a configuration of its own: what is missing has an error, and hides no other."""


def _blocked(blocks: Mapping[str, Any]) -> str:
    opened = [name for name in _BLOCKS if not blocks.get(name)]
    return f"open: not {', '.join(opened)}" if opened else "blocked"


def _expiry(status: str, prefix: str, days: float | None, old_days: float | None) -> str:
    return f"{status}, {prefix} {_days(days)}, old versions {_days(old_days)}"


def _rule(schedule: str | None, vault: str, days: float | None) -> str:
    return f"{schedule}, to {vault}, kept {_days(days)}"


def _days(days: float | None) -> str:
    return "for ever" if days is None else f"{days:g} days"


def _plain_http(policy: str) -> str:
    """Whether a bucket's policy denies everybody every call that is not over TLS."""
    statements = json.loads(policy)["Statement"]
    return "denied" if any(map(_denies_plain_http, statements)) else "allowed"


def _denies_plain_http(statement: Mapping[str, Any]) -> bool:
    return (
        statement["Effect"] == "Deny"
        and statement["Principal"] in ("*", {"AWS": "*"})
        and statement["Action"] in ("s3:*", ["s3:*"])
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    )

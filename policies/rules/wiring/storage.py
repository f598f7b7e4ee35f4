"""Stored data is kept as long as it should be: expiry, recovery, and keys that can come back."""

from collections.abc import Iterator
from typing import Any

from policies.conventions import (
    PROTECTED_STACKS,
    RECOVERY_DAYS,
    TABLE_INDEXES,
    TABLE_KEYS,
    TTL_ATTRIBUTE,
    WORKFLOW,
)
from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

_KEY_DAYS, _SECRET_DAYS = 30, 7
"""The longest window of KMS, and the shortest of Secrets Manager."""
_MAX_ROTATION_DAYS = 365
"""(CIS AWS Foundations v3.0.0 3.6; KMS's default)"""


@resource_policy(
    "wiring-table-expiry",
    on={resource_types.TABLE},
    risk="Users' texts are never deleted, since no item has the attribute; or yesterday's data"
    " cannot be restored.",
    fix=f"Set ttl.attribute_name to {TTL_ATTRIBUTE}, which the handlers write; leave the recovery"
    f" period at its default, {RECOVERY_DAYS} days.",
    source="design: Data; guide: バックアップとリカバリ; NIST 800-53 CP-9",
)
def table_expiry(resource: Resource) -> Iterator[str]:
    """TTL is on the attribute that handlers write; recovery reaches back far enough."""
    attribute = resource.read("ttl", "attributeName")
    if attribute != TTL_ATTRIBUTE:
        yield f"its TTL is on {attribute}, and handlers write {TTL_ATTRIBUTE}"
    days = resource.read("pointInTimeRecovery", "recoveryPeriodInDays") or RECOVERY_DAYS
    if resource.stack in PROTECTED_STACKS and days < RECOVERY_DAYS:
        yield f"it can be restored to {days:.0f} days ago, {RECOVERY_DAYS} are needed"


@resource_policy(
    "wiring-table-keys",
    on={resource_types.TABLE},
    risk="Handlers find no item, or items without the fields that they read.",
    fix=f"Give the table the keys {' and '.join(TABLE_KEYS)}, and the indexes"
    f" {', '.join(TABLE_INDEXES)} with the range key {TABLE_KEYS[0]} and the projection ALL.",
    source="design: Data; handlers/contract/table_keys.py",
)
def table_keys(resource: Resource) -> Iterator[str]:
    """The workflow's table has the keys and indexes that handlers use."""
    if resource.project != WORKFLOW:
        return
    keys = (resource.read("hashKey"), resource.read("rangeKey"))
    if keys != TABLE_KEYS:
        yield f"its keys are {keys}, handlers use {TABLE_KEYS}"
    indexes = {each["name"]: each for each in resource.items("globalSecondaryIndexes")}
    for name, hash_key in TABLE_INDEXES.items():
        if name not in indexes:
            yield f"it has no index {name}"
            continue
        index = indexes[name]
        schema: Any = index.get("keySchemas") or ()
        found = {each["keyType"]: each["attributeName"] for each in schema}
        found = found or {"HASH": index.get("hashKey"), "RANGE": index.get("rangeKey")}
        if found != {"HASH": hash_key, "RANGE": TABLE_KEYS[0]}:
            yield f"index {name} has the keys {found}"
        if index.get("projectionType") != "ALL":
            yield f"index {name} has the projection {index.get('projectionType')}, not ALL"


@resource_policy(
    "wiring-deletion-window",
    on={resource_types.KEY, resource_types.SECRET},
    risk="A key that was deleted by mistake is gone before anybody misses it, with all data.",
    fix=f"In production set deletion_window_in_days {_KEY_DAYS} (keys) and recovery_window_in_days"
    f" {_SECRET_DAYS} or more (secrets); rotate a key at least once a year.",
    source="AWS KMS Developer Guide: deleting keys; CIS AWS Foundations v3.0.0 3.6",
)
def deletion_window(resource: Resource) -> Iterator[str]:
    """Keys and secrets of a protected stack can be brought back for long."""
    if resource.type == resource_types.KEY:
        days = resource.read("deletionWindowInDays") or _KEY_DAYS
        if resource.stack in PROTECTED_STACKS and days < _KEY_DAYS:
            yield f"it is gone {days:.0f} days after it was deleted, {_KEY_DAYS} are needed"
        rotation = resource.read("rotationPeriodInDays") or _MAX_ROTATION_DAYS
        if rotation > _MAX_ROTATION_DAYS:
            yield f"it rotates after {rotation:.0f} days, {_MAX_ROTATION_DAYS} at most"
        if resource.read("bypassPolicyLockoutSafetyCheck") is True:
            yield "bypassPolicyLockoutSafetyCheck lets a policy lock everybody out"
        if resource.read("multiRegion") is True:
            yield "multiRegion is true: the key may leave the region"
        spec = resource.read("customerMasterKeySpec")
        if spec not in (None, "SYMMETRIC_DEFAULT"):
            yield f"it is of {spec}: only SYMMETRIC_DEFAULT encrypts for AWS's services"
        usage = resource.read("keyUsage")
        if usage not in (None, "ENCRYPT_DECRYPT"):
            yield f"keyUsage is {usage}: ENCRYPT_DECRYPT is needed"
    elif resource.stack in PROTECTED_STACKS:
        days = resource.read("recoveryWindowInDays")
        if days is not None and days < _SECRET_DAYS:
            yield f"it is gone {days:.0f} days after it was deleted, {_SECRET_DAYS} are needed"

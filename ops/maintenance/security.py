"""The security audit's judgements: pure functions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from ops.maintenance.checklist import Item, item
from ops.trace.wording import plural

_UNUSED = timedelta(days=90)
_WHOSE = {
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "kms:calleraccount",
}
"""Condition keys that name the caller or its account (IAM User Guide: global condition keys)."""


@dataclass(frozen=True)
class Audit:
    """What was read; None, or a name in `not_asked` with the reason, where it could not be.

    used: role -> service it may call -> when it last did (None: never).
    policies: resource -> its policy, as JSON. urls: functions that have a URL of their own.
    rotates: whether the key is rotated. old_versions: how many `ops prune` would delete.
    unconfirmed: subscriptions that nobody confirmed. admins_without_mfa: how many of `admins`.
    """

    used: Mapping[str, Mapping[str, datetime | None]]
    policies: Mapping[str, str]
    urls: Sequence[str]
    rotates: bool | None
    old_versions: int | None
    unconfirmed: Sequence[str]
    mfa: str | None
    admins: int
    admins_without_mfa: int
    not_asked: Mapping[str, str] = field(default_factory=dict[str, str])


def security(audit: Audit, now: datetime, stack: str) -> Item:
    """The audit; each part that could not be asked is a fact with its reason."""
    unused = [*unused_grants(audit.used, now)]
    opened = [
        f"{name}: {sid}" for name, text in audit.policies.items() for sid in open_to_all(text)
    ]
    grants = sum(map(len, audit.used.values()))
    facts = [
        f"grants: {plural(grants, 'service')} of {plural(len(audit.used), 'role')},"
        f" {len(unused)} unused for {_UNUSED.days} days",
        f"public access: policies of {plural(len(audit.policies), 'resource')},"
        f" {len(opened)} open to all; {len(audit.urls)} function URLs",
        f"key rotation: {_word(audit.rotates)}",
        f"old versions: {audit.old_versions}",
        f"subscriptions not confirmed: {len(audit.unconfirmed)}",
        f"MFA of the user pool: {audit.mfa}; admins without: {audit.admins_without_mfa} of"
        f" {audit.admins}",
    ]
    facts += [f"{part}: cannot be asked here ({why})" for part, why in audit.not_asked.items()]
    attention = [f"{each}: take the grant away" for each in unused]
    attention += [f"open to everybody: {each}" for each in opened]
    attention += [f"function URL of {name}: the HTTP API is the only way in" for name in audit.urls]
    if audit.rotates is False:
        attention.append("the key is not rotated: python -m ops verify, then pulumi up")
    if audit.old_versions:
        count = plural(audit.old_versions, "old version")
        attention.append(f"{count}: python -m ops prune --stack {stack} --delete")
    attention += [
        f"subscription {each} waits for its confirmation: nobody gets these messages"
        for each in audit.unconfirmed
    ]
    if audit.admins_without_mfa and audit.mfa != "ON":
        attention.append(
            f"{audit.admins_without_mfa} of {audit.admins} admins have no MFA, and the pool's is"
            f" {audit.mfa}"
        )
    return item("security audit", facts, attention)


def unused_grants(
    used: Mapping[str, Mapping[str, datetime | None]], now: datetime
) -> Iterator[str]:
    """`role: service` for each that the role may call and has not called for 90 days."""
    for role, services in used.items():
        for service, last in services.items():
            if last is None or now - last > _UNUSED:
                yield f"{role} may call {service}, last used {last.date() if last else 'never'}"


def open_to_all(policy: str) -> Iterator[str]:
    """The statements that allow everybody without a condition, by their Sid or place."""
    document = json.loads(policy)
    statements = _as_list(document.get("Statement", []))
    for number, each in enumerate(cast("list[dict[str, Any]]", statements), 1):
        principal: Any = each.get("Principal") or {}
        named: Any = "*" if principal == "*" else principal.get("AWS")
        if each.get("Effect") == "Allow" and "*" in _as_list(named) and not _is_narrowed(each):
            yield str(each.get("Sid") or f"statement {number}")


def _is_narrowed(statement: dict[str, Any]) -> bool:
    """Whether a condition names whose requests are allowed."""
    conditions: dict[str, dict[str, Any]] = statement.get("Condition") or {}
    return any(
        key.lower() in _WHOSE and not operator.lower().endswith(("ifexists", "null"))
        for operator, keys in conditions.items()
        for key in keys
    )


def _as_list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _word(rotates: bool | None) -> str:
    return {True: "on", False: "off", None: "not known"}[rotates]

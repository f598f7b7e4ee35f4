"""Changes that the pack makes to a resource, where a policy's configuration asks for them.

They only add what is missing, and lower nothing: tags, days of logs, a statement that denies
requests without TLS. Each is the remediation of the policy that would refuse the resource, and runs
if the policy's enforcement level is `remediate`; any other level refuses as before.
"""

import json
from collections.abc import Mapping
from typing import Any

from policies.conventions import LOG_DAYS, PROTECTED_LOG_DAYS, PROTECTED_STACKS
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

Changes = Mapping[str, Any]
"""Input -> its new value; empty: nothing to mend."""

TLS_STATEMENT_ID = "DenyWithoutTls"

_SENDS = {
    resource_types.TOPIC_POLICY: "sns:Publish",
    resource_types.QUEUE_POLICY: "sqs:SendMessage",
}
"""Type -> what sends to its topic or queue."""


def tags(resource: Resource) -> Changes:
    """The required tags, the stack's name as Environment; tags that are there stay."""
    own: dict[str, Any] = dict(resource.props.get("tags") or {})
    wanted = {**_default_tags(resource), **own}
    added = {"Environment": resource.stack}
    if not wanted.get("Project"):
        added["Project"] = resource.project
    return {} if all(wanted.get(k) == v for k, v in added.items()) else {"tags": {**own, **added}}


def _default_tags(resource: Resource) -> dict[str, Any]:
    defaults: Any = resource.provider.get("defaultTags") or {}
    if isinstance(defaults, str):  # the engine encodes nested provider settings as JSON
        defaults = json.loads(defaults)
    return dict(defaults.get("tags") or {})


def retention(resource: Resource) -> Changes:
    """Days for a log group that has none, or fewer than a protected stack needs."""
    days = resource.props.get("retentionInDays") or 0
    least = PROTECTED_LOG_DAYS if resource.stack in PROTECTED_STACKS else 0
    return {} if days and days >= least else {"retentionInDays": least or LOG_DAYS}


def tls_only(resource: Resource) -> Changes:
    """The statement that denies what comes without TLS, beside those of the policy."""
    document: Any = json.loads(resource.props["policy"])
    statements: list[Any] = (
        document["Statement"]
        if isinstance(document["Statement"], list)
        else [document["Statement"]]
    )
    if any(denies_plain_http(each, resource.type) for each in statements):
        return {}
    added = {
        "Sid": TLS_STATEMENT_ID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": _SENDS[resource.type],
        # That of a statement which is there: a queue's policy names its queue's ARN nowhere else.
        "Resource": statements[0]["Resource"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document["Statement"] = [*statements, added]
    return {"policy": json.dumps(document)}


def denies_plain_http(statement: Any, type_: str) -> bool:
    """Whether a statement of a topic's or queue's policy denies everybody to send without TLS."""
    action = _SENDS[type_].lower()
    named: Any = statement.get("Action") or []
    actions = {str(each).lower() for each in ([named] if isinstance(named, str) else named)}
    conditions: Any = statement.get("Condition") or {}
    secure = [
        (str(value).lower(), len(conditions) == 1 and len(keys) == 1)
        for operator, keys in conditions.items()
        for key, value in keys.items()
        if operator in ("Bool", "BoolIfExists") and key.lower() == "aws:securetransport"
    ]
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and bool(actions & {action, f"{action.partition(':')[0]}:*", "*"})
        and secure == [("false", True)]
    )

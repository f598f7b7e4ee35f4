"""IAM policy documents as plain data; the text of each is known before anything exists."""

import json
from collections.abc import Sequence
from typing import Any

Statement = dict[str, Any]


def document(statements: Sequence[Statement]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Sequence[str], resources: Sequence[str], **conditions: Any) -> Statement:
    """One statement; conditions by operator, such as `StringEquals={...}`."""
    statement: Statement = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    return {**statement, "Condition": conditions} if conditions else statement


def trust(service: str, **conditions: Any) -> str:
    """The trust policy of a role that one service assumes."""
    statement: Statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": service},
    }
    return document([{**statement, "Condition": conditions} if conditions else statement])


def only_over_tls(action: str, *resources: str) -> Statement:
    """In a resource's own policy: no one may do this without TLS. It allows no one anything."""
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resources[0] if len(resources) == 1 else list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def allow_service(
    sid: str, service: str, action: str | list[str], resource: str, **conditions: Any
) -> Statement:
    """In a resource's own policy: an AWS service may do this, under conditions if there are any."""
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
    }
    return {**statement, "Condition": conditions} if conditions else statement

"""Exemptions: violations that a policy's configuration lets pass, with a reason, until a day."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from pulumi_policy import PolicyConfigSchema

CONFIG_SCHEMA = PolicyConfigSchema(
    {
        "exemptions": {
            "type": "array",
            "description": "Violations of this policy that pass: of which resource, why, and the"
            " last day.",
            "items": {
                "type": "object",
                "properties": {
                    "urn": {"type": "string"},
                    "reason": {"type": "string", "minLength": 10},
                    "expires": {"type": "string", "format": "date"},
                },
                "required": ["urn", "reason", "expires"],
                "additionalProperties": False,
            },
        }
    }
)


def unexempted(
    violations: Iterable[tuple[str, str]], config: Any, resource_urn: str | None = None
) -> Iterator[tuple[str, str]]:
    """The (URN, message) pairs to report: of invalid exemptions, then of what is not exempt.

    config: the policy's, by CONFIG_SCHEMA.
    resource_urn: of the one resource that a resource policy checks; None in a stack policy.
    """
    exempt = set[str]()
    for exemption in config.get("exemptions", []):
        urn = exemption.get("urn", "")
        if resource_urn is not None and urn != resource_urn:
            continue
        if problem := _problem(exemption):
            yield urn, f"exemption of {urn}: {problem}"
        else:
            exempt.add(urn)
    yield from ((urn, message) for urn, message in violations if urn not in exempt)


def _problem(exemption: Any) -> str | None:
    if not str(exemption.get("reason", "")).strip():
        return "it has no reason"
    try:
        expires = date.fromisoformat(exemption.get("expires", ""))
    except (TypeError, ValueError):
        return f"expires = {exemption.get('expires')!r}, a date such as 2027-01-31 is needed"
    return f"expired on {expires}" if expires < datetime.now(UTC).date() else None

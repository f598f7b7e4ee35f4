"""Exemptions: violations that a policy's configuration lets pass, with a reason, until a day."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pulumi_policy import PolicyConfigSchema

MAX_DAYS = 90
"""The last day of an exemption is at most so far away: a fault is not forgotten for years."""

MIN_REASON = 10
"""Characters of a reason, at least."""

CRASH = "cannot be read"
"""How the message about a policy that crashed begins. Nothing exempts it: what the policy would
have found is not known."""

_GONE = "the stack declares no such resource: remove the exemption"

CONFIG_SCHEMA = PolicyConfigSchema(
    {
        "exemptions": {
            "type": "array",
            "description": "Violations of this policy that pass: of which resource, which one,"
            " why, who answers for it, and the last day.",
            "items": {
                "type": "object",
                "properties": {
                    "urn": {"type": "string", "pattern": "^urn:pulumi:[^*?]+$"},
                    "violation": {"type": "string", "minLength": 1},
                    "reason": {"type": "string", "minLength": MIN_REASON},
                    "owner": {"type": "string", "minLength": 1},
                    "expires": {"type": "string", "format": "date"},
                },
                "required": ["urn", "violation", "reason", "owner", "expires"],
                "additionalProperties": False,
            },
        }
    }
)


def unexempted(
    violations: Iterable[tuple[str, str]],
    config: Any,
    resource_urn: str | None = None,
    declared: frozenset[str] = frozenset(),
) -> Iterator[tuple[str, str]]:
    """The (URN, message) pairs to report: of invalid exemptions, then of what is not exempt.

    An exemption covers one finding: the violation with exactly its message.

    config: the policy's, by CONFIG_SCHEMA.
    resource_urn: of the one resource that a resource policy checks; None in a stack policy.
    declared: the URNs of the stack, in a stack policy.
    """
    exempt = set[tuple[str, str]]()
    found = list(violations)
    for exemption in config.get("exemptions", []):
        urn = str(exemption.get("urn", ""))
        is_named = urn.startswith("urn:pulumi:") and not set("*?") & set(urn)
        if resource_urn is not None and is_named and urn != resource_urn:
            continue
        if declared and is_named and _stack(urn) not in {_stack(each) for each in declared}:
            continue
        message = str(exemption.get("violation", ""))
        problem = _problem(exemption)
        if not is_named:
            problem = f"urn = {urn!r}, the URN of one resource is needed"
        elif resource_urn is None and urn not in declared:
            problem = _GONE
        elif problem is None and (urn, message) not in found:
            problem = f"the policy does not find {message!r} there: remove the exemption"
        if problem:
            yield urn if is_named else "", f"exemption of {urn}: {problem}"
        else:
            exempt.add((urn, message))
    for urn, message in found:
        if message.startswith(CRASH) or (urn, message) not in exempt:
            yield urn, message


def of_what_is_gone(config: Any, declared: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The (URN, message) pairs of a resource policy's exemptions of what the stack lacks.

    A resource policy is never asked about a resource that is gone. declared: the stack's URNs.
    """
    stacks = {_stack(each) for each in declared}
    for exemption in config.get("exemptions", []):
        urn = str(exemption.get("urn", ""))
        if _stack(urn) in stacks and urn not in declared:
            yield urn, f"exemption of {urn}: {_GONE}"


def _stack(urn: str) -> str:
    return urn.partition("::")[0]


def _problem(exemption: Any) -> str | None:
    if len(str(exemption.get("reason", "")).strip()) < MIN_REASON:
        return f"it has no reason of {MIN_REASON} characters"
    if not str(exemption.get("owner", "")).strip():
        return "it has no owner"
    try:
        expires = date.fromisoformat(exemption.get("expires", ""))
    except (TypeError, ValueError):
        return f"expires = {exemption.get('expires')!r}, a date such as 2027-01-31 is needed"
    today = datetime.now(UTC).date()
    if expires > today + timedelta(days=MAX_DAYS):
        return f"expires on {expires}, more than {MAX_DAYS} days from now"
    return f"expired on {expires}" if expires < today else None

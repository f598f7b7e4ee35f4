"""How a policy is written here: a question to a resource or to the whole stack, with its reasons.

A question is a generator of violations. What makes it a CrossGuard policy is the same for all:
a value that is not known at preview, or an input that cannot be read, is a violation and not a
policy that did not run; and what is exempt is so by URN, with a reason, until a day.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from pulumi_policy import (
    EnforcementLevel,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.resource_graph import Graph, Resource, from_policy_resource, from_resource_args

_T = TypeVar("_T")

Question = Callable[[Resource], Iterator[str]]
StackQuestion = Callable[[Graph], Iterator[tuple[Resource, str]]]

EXEMPTIONS = PolicyConfigSchema(
    {
        "exemptions": {
            "type": "array",
            "description": "What this policy lets pass, why, and until when (included).",
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


def resource_policy(
    name: str,
    *,
    on: Collection[str],
    protects: str,
    fix: str,
    source: str,
    level: EnforcementLevel = EnforcementLevel.MANDATORY,
) -> Callable[[Question], ResourceValidationPolicy]:
    """Make a policy of a question to each resource of the types `on` (empty: every resource).

    protects: what it protects from; fix: what to do; source: who says so.
    """

    def of(question: Question) -> ResourceValidationPolicy:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            resource = from_resource_args(args)
            if on and resource.type not in on:
                return
            found = [(resource.urn, text) for text in _asked(lambda: question(resource))]
            _report(found, args.get_config(), report, here=resource.urn)

        return ResourceValidationPolicy(
            name=name,
            description=protects,
            enforcement_level=level,
            validate=validate,
            config_schema=EXEMPTIONS,
            remediation_steps=fix,
            framework=PolicyComplianceFramework(reference=source),
        )

    return of


def stack_policy(
    name: str,
    *,
    protects: str,
    fix: str,
    source: str,
    level: EnforcementLevel = EnforcementLevel.MANDATORY,
) -> Callable[[StackQuestion], StackValidationPolicy]:
    """Make a policy of a question to the whole stack."""

    def of(question: StackQuestion) -> StackValidationPolicy:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            graph = Graph([from_policy_resource(each) for each in args.resources])
            found = [
                ("", each) if isinstance(each, str) else (each[0].urn, each[1])
                for each in _asked(lambda: question(graph))
            ]
            _report(found, args.get_config(), report)

        return StackValidationPolicy(
            name=name,
            description=protects,
            enforcement_level=level,
            validate=validate,
            config_schema=EXEMPTIONS,
            remediation_steps=fix,
            framework=PolicyComplianceFramework(reference=source),
        )

    return of


def _asked(question: Callable[[], Iterator[_T]]) -> Iterator[_T | str]:
    """The violations; what keeps the question from being answered is one of them."""
    try:
        yield from question()
    except UnknownValueError as error:
        yield f"{'.'.join(error.props)} is not known at preview: compute it, or nobody can judge it"
    except Exception as error:
        yield f"cannot be read ({type(error).__name__}: {error})"


def _report(
    found: list[tuple[str, str]], config: Any, report: ReportViolation, here: str | None = None
) -> None:
    exempt = set[str]()
    for exemption in config.get("exemptions", []):
        urn = exemption.get("urn", "")
        if here is not None and urn != here:
            continue
        if problem := _problem(exemption):
            report(f"exemption of {urn}: {problem}", urn)
        else:
            exempt.add(urn)
    for urn, text in found:
        if urn not in exempt:
            report(text, urn)


def _problem(exemption: Any) -> str | None:
    if not str(exemption.get("reason", "")).strip():
        return "it has no reason"
    try:
        expires = date.fromisoformat(exemption.get("expires", ""))
    except (TypeError, ValueError):
        return f"expires = {exemption.get('expires')!r}, a date such as 2027-01-31 is needed"
    return f"expired on {expires}" if expires < datetime.now(UTC).date() else None

"""Denials: none hides what a role needs."""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.documents import Statement, identity_statements, resource_statements
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.roles import roles_granted, statements_of


@stack_policy(
    "grants-not-denied",
    risk="A function or service is refused what its grant allows, and the Allow hides why.",
    fix="Remove the Deny, or narrow it to what nobody is allowed; a condition may be that the"
    " request comes without TLS, or from another account or region.",
    source="AWS IAM User Guide: policy evaluation logic, explicit deny",
)
def not_denied(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """No Deny covers what a role or a service is allowed."""
    roles = list(graph.of(resource_types.ROLE))
    allowed = {role.urn: [s for s in statements_of(graph, role) if s.allows] for role in roles}
    for resource in graph.resources:
        for denial in _denials(graph, identity_statements(resource)):
            for role in roles_granted(graph, resource):
                for found in _covered(denial, allowed[role.urn]):
                    yield resource, f"a Deny refuses {role.name} {found}, which it is allowed"
        beside = list(resource_statements(resource))
        for denial in _denials(graph, beside):
            names = ", ".join(name for _, name in denial.principals)
            allows = [each for each in beside if each.allows and _meets(denial, each.principals)]
            for found in _covered(denial, allows):
                yield resource, f"a Deny to {names or 'all but some'} refuses {found}"
            for role in roles:
                if not _meets(denial, (("AWS", str(graph.arn(role))),)):
                    continue
                for found in _covered(_on_service(denial, resource), allowed[role.urn]):
                    yield resource, f"a Deny to {names} refuses {role.name} {found}"


def _denials(graph: ResourceGraph, found: Iterator[Statement] | list[Statement]) -> list[Statement]:
    return [each for each in found if not each.allows and not _is_for_others(graph, each)]


def _is_for_others(graph: ResourceGraph, denial: Statement) -> bool:
    """Whether a condition holds only for requests that are never made as they should be.

    A request of a role has no source account, and a service's has no principal's: only IfExists
    leaves such a request alone.
    """
    own = {"aws:requestedregion": graph.region, "aws:resourceaccount": graph.account}
    maybe = {"aws:principalaccount": graph.account, "aws:sourceaccount": graph.account}
    return any(
        (key == "aws:securetransport" and operator.startswith("Bool") and values == ("false",))
        or (operator in ("StringNotEquals", "StringNotEqualsIfExists") and own.get(key) in values)
        or (operator == "StringNotEqualsIfExists" and maybe.get(key) in values)
        for operator, key, values in denial.conditions
    )


def _meets(denial: Statement, principals: tuple[tuple[str, str], ...]) -> bool:
    if "NotPrincipal" in denial.elements:
        return True
    for kind, name in denial.principals:
        for other_kind, other in principals:
            account = other.split(":")[4] if other.count(":") > 4 else other  # noqa: PLR2004 - of an ARN
            whole = (account, f"arn:aws:iam::{account}:root")
            if name == "*" or (kind == other_kind and (name == other or name in whole)):
                return True
    return False


def _covered(denial: Statement, allowed: list[Statement]) -> Iterator[str]:
    """Actions that are allowed and denied on the same resource."""
    for statement in allowed:
        for action in statement.actions:
            is_denied = "NotAction" in denial.elements or any(
                _overlap(each.lower(), action.lower()) for each in denial.actions
            )
            arns = [
                arn
                for arn in statement.resources
                if not denial.resources or any(_overlap(each, arn) for each in denial.resources)
            ]
            if is_denied and arns:
                yield f"{action} on {', '.join(arns)}"


def _on_service(denial: Statement, resource: Resource) -> Statement:
    """In the policy of a resource, such as a key's, `*` is that resource."""
    service = resource.type.split(":")[1].partition("/")[0]
    arns = (f"arn:aws:{service}:*" if arn == "*" else arn for arn in denial.resources)
    return replace(denial, resources=tuple(arns))


def _overlap(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)

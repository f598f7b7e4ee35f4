"""Roles: who has which, and what they are allowed."""

from policies.stack import resource_types
from policies.stack.documents import Statement, identity_statements
from policies.stack.resource_graph import Resource, ResourceGraph


def role_of(graph: ResourceGraph, holder: Resource) -> Resource | None:
    """The role of a function or state machine, by its ARN or by the resource it comes from."""
    name = "role" if holder.type == resource_types.FUNCTION else "roleArn"
    known = graph.arns.get(str(holder.read(name)))
    return known or graph.source(holder, name, resource_types.ROLE)


def policies_of(graph: ResourceGraph, role: Resource) -> list[Resource]:
    """The RolePolicy resources of a role."""
    return [
        policy
        for policy in graph.of(resource_types.ROLE_POLICY)
        if policy.read("role") == role.read("name")
        or graph.source(policy, "role", resource_types.ROLE) is role
    ]


def grants_of(graph: ResourceGraph, role: Resource) -> list[Statement]:
    """The Allow statements of all of a role's identity policies."""
    holders = [role, *policies_of(graph, role)]
    return [each for holder in holders for each in identity_statements(holder) if each.allows]

"""Roles: who has which, and what they are allowed."""

from functools import lru_cache

from policies.stack import resource_types
from policies.stack.documents import Statement, identity_statements
from policies.stack.resource_graph import Resource, ResourceGraph

_HOLDERS = {
    resource_types.FUNCTION: (("role",), "lambda"),
    resource_types.MACHINE: (("roleArn",), "states"),
    resource_types.SCHEDULE: (("target", "roleArn"), "scheduler"),
    resource_types.BACKUP_SELECTION: (("iamRoleArn",), "backup"),
    resource_types.EVENT_TARGET: (("roleArn",), "events"),
}
"""Type -> the input that names its role, and the service that assumes it."""

HOLDER_TYPES = tuple(_HOLDERS)


def service_of(holder: Resource) -> str:
    """The service that assumes a holder's role, such as lambda.amazonaws.com."""
    return f"{_HOLDERS[holder.type][1]}.amazonaws.com"


def has_role(holder: Resource) -> bool:
    """Whether it names a role at all: the target of a rule may do without."""
    path = _HOLDERS[holder.type][0]
    return isinstance(holder.read(*path), str) or bool(holder.sources.get(path[0]))


def role_of(graph: ResourceGraph, holder: Resource) -> Resource | None:
    """The role of a holder, by its ARN or by the resource it comes from."""
    path = _HOLDERS[holder.type][0]
    value = holder.read(*path)
    if isinstance(value, str):
        return graph.arns.get(value)
    return graph.source(holder, path[0], resource_types.ROLE)


def holders_of(graph: ResourceGraph, role: Resource) -> list[Resource]:
    """The functions, state machines, schedules and targets that have a role."""
    return [each for each in graph.of(*HOLDER_TYPES) if role_of(graph, each) is role]


def roles_granted(graph: ResourceGraph, policy: Resource) -> list[Resource]:
    """The roles whose grants a resource holds: its own, or that of a RolePolicy."""
    if policy.type == resource_types.ROLE:
        return [policy]
    return [role for role in graph.of(resource_types.ROLE) if policy in policies_of(graph, role)]


def policies_of(graph: ResourceGraph, role: Resource) -> list[Resource]:
    """The RolePolicy resources of a role."""
    return _policies_by_role(graph)[role.urn]


@lru_cache(maxsize=1)
def _policies_by_role(graph: ResourceGraph) -> dict[str, list[Resource]]:
    policies = [
        (policy, policy.read("role"), graph.source(policy, "role", resource_types.ROLE))
        for policy in graph.of(resource_types.ROLE_POLICY)
    ]
    return {
        role.urn: [
            policy
            for policy, name, source in policies
            if name == role.read("name") or source is role
        ]
        for role in graph.of(resource_types.ROLE)
    }


def statements_of(graph: ResourceGraph, role: Resource) -> list[Statement]:
    """The statements of all of a role's identity policies."""
    holders = [role, *policies_of(graph, role)]
    return [each for holder in holders for each in identity_statements(holder)]


def grants_of(graph: ResourceGraph, role: Resource) -> list[Statement]:
    """The Allow statements of all of a role's identity policies."""
    return [each for each in statements_of(graph, role) if each.allows]

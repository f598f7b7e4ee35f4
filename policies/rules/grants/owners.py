"""Whose grants they are: of roles that the stack declares, within the boundary."""

from collections.abc import Iterator
from typing import Any

import pulumi.runtime

from policies import deployment_program, operators
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.documents import identity_documents, named_principals
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph


@stack_policy(
    "grants-to-own-roles",
    risk="A person, a group or somebody else's role may use the data, beyond what this program"
    " shows of them.",
    fix="Put the grant into a RolePolicy of a role that this stack declares; people assume roles.",
    source="guide: IAM権限の最小化; NIST 800-53 AC-2, AC-6; Security Hub IAM.2",
)
def to_own_roles(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Identity policies belong to declared roles; no grant stands outside a document."""
    roles = {role.read("name") for role in graph.of(resource_types.ROLE)}
    for resource in graph.resources:
        if resource.type.startswith("aws:kms/grant:"):
            yield resource, "a KMS grant is no document that the pack can read"
        is_policy = any(True for _ in identity_documents(resource))
        if not is_policy or deployment_program.declares(resource):
            continue
        if resource.type not in (resource_types.ROLE, resource_types.ROLE_POLICY):
            yield resource, f"{resource.type} grants to users, groups or any role"
        elif resource.type == resource_types.ROLE_POLICY:
            name = resource.read("role")
            is_unknown = name is UNKNOWN and graph.source(resource, "role", resource_types.ROLE)
            if name not in roles and not is_unknown:
                yield resource, f"the role {name} is not declared in this stack"


@stack_policy(
    "grants-within-boundary",
    risk="CI is refused the role; or a role whose policy is widened by mistake may do anything.",
    fix="Set permissions_boundary to the policy goal-mandala-ci-STACK-boundary of deployment/ on"
    " every role (an operators' role: goal-mandala-ci-STACK-operators-boundary), or switch"
    " permissionsBoundary off for all.",
    source="docs/deployment.md; AWS IAM User Guide: permissions boundaries; NIST 800-53 AC-6",
)
def within_boundary(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """With goal-mandala:permissionsBoundary, every role has the stack's boundary; never another."""
    config: dict[str, Any] = dict(pulumi.runtime.get_config_env())
    for role in graph.of(resource_types.ROLE):
        if deployment_program.declares(role):
            continue
        kind = "operators-boundary" if operators.kind_of(role) else "boundary"
        name = f"goal-mandala-ci-{role.stack}-{kind}"
        expected = f"arn:aws:iam::{graph.account}:policy/{name}"
        boundary = role.read("permissionsBoundary")
        is_on = str(config.get(f"{role.project}:permissionsBoundary")).lower() == "true"
        if boundary != expected and (boundary is not None or is_on):
            yield role, f"its permissionsBoundary is {boundary}, not {expected}"


@stack_policy(
    "grants-to-named-principals",
    risk="A resource is shared with an account, a role or an organization by an input.",
    fix="Share by a policy document that names the principal, or by the stack's exports.",
    source="AWS IAM User Guide: IAM Access Analyzer, external access; NIST 800-53 AC-3",
)
def to_named_principals(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Only a function's permission names a principal by an input, and it is a service."""
    for resource in graph.resources:
        for path, name in named_principals(resource):
            is_service = name.endswith(".amazonaws.com") and path == "principal"
            if resource.type != resource_types.PERMISSION:
                yield resource, f"{path} {name} gets access without a document"
            elif not is_service:
                yield resource, f"{path} is {name}: only a service invokes a function by permission"

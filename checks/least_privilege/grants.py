"""What the program's documents allow and deny, as one grant for each action on each resource."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from checks.least_privilege.stack import DeclaredStack
from policies.stack import resource_types
from policies.stack.documents import Statement, statements
from policies.stack.resource_graph import Resource

_RESOURCE_POLICIES = (
    resource_types.BUCKET_POLICY,
    resource_types.KEY,
    resource_types.QUEUE_POLICY,
    resource_types.TOPIC_POLICY,
)


@dataclass(frozen=True)
class Grant:
    """One action on one resource for one principal.

    holder: the name of the resource that has the document.
    statement: the number of the statement in the document, from 0.
    principal: a role's name, a service, an account's root ARN, or * for everybody.
    conditions: (operator, key in lower case, value). One of a condition's values is enough, so each
        value makes its own grant.
    """

    holder: str
    statement: int
    allows: bool
    principal: str
    action: str
    resource: str
    conditions: tuple[tuple[str, str, str], ...]


def grants_of(stack: DeclaredStack) -> tuple[Grant, ...]:
    """Every grant of a stack: identity, trust and resource policies, and Lambda permissions."""
    return tuple(grant for resource in stack.resources for grant in _grants(stack, resource))


def _grants(stack: DeclaredStack, resource: Resource) -> Iterator[Grant]:
    if resource.type == resource_types.ROLE_POLICY:
        role: str = resource.props["role"]
        yield from grants_in(resource.name, resource.props["policy"], role)
    elif resource.type == resource_types.ROLE:
        for number, statement in enumerate(statements(resource.props["assumeRolePolicy"])):
            yield from _of(resource.name, number, statement, None, [str(stack.arn(resource))])
    elif resource.type in _RESOURCE_POLICIES:
        for number, statement in enumerate(statements(resource.props["policy"])):
            # in a key's policy, * is the key itself
            on_key = [stack.key_arn(resource)] if resource.type == resource_types.KEY else None
            yield from _of(resource.name, number, statement, None, on_key or statement.resources)
    elif resource.type == resource_types.PERMISSION:
        yield _permission(stack, resource)


def grants_in(holder: str, document: Any, principal: str) -> Iterator[Grant]:
    """Every grant of an identity policy's document."""
    for number, statement in enumerate(statements(document)):
        yield from _of(holder, number, statement, [principal], statement.resources)


def _of(
    holder: str,
    number: int,
    statement: Statement,
    principals: list[str] | None,
    resources: Any,
) -> Iterator[Grant]:
    for principal in principals or [who for _, who in statement.principals]:
        for action in statement.actions:
            for arn, conditions in product(resources, _alternatives(statement)):
                yield Grant(
                    holder=holder,
                    statement=number,
                    allows=statement.allows,
                    principal=principal,
                    action=action,
                    resource=arn,
                    conditions=conditions,
                )


def _alternatives(statement: Statement) -> Iterator[tuple[tuple[str, str, str], ...]]:
    for operator, _, values in statement.conditions:
        if "Not" in operator and len(values) > 1:
            raise ValueError(f"{operator} has {len(values)} values, all of which have to match")
    yield from product(
        *(
            [(operator, key, value) for value in values]
            for operator, key, values in statement.conditions
        )
    )


def _permission(stack: DeclaredStack, resource: Resource) -> Grant:
    """The grant of the statement that Lambda makes, with ArnLike and StringEquals."""
    props = resource.props
    function = f"arn:aws:lambda:{stack.region}:{stack.account}:function:{props['function']}"
    sources = (
        ("ArnLike", "aws:sourcearn", props.get("sourceArn")),
        ("StringEquals", "aws:sourceaccount", props.get("sourceAccount")),
    )
    return Grant(
        holder=resource.name,
        statement=0,
        allows=True,
        principal=props["principal"],
        action=props["action"],
        resource=f"{function}:{props['qualifier']}" if props.get("qualifier") else function,
        conditions=tuple((operator, key, value) for operator, key, value in sources if value),
    )

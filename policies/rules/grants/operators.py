"""What the people who operate a stack may do: one role reads, the other changes what is listed."""

from collections.abc import Iterator

from policies import authorization_reference as reference
from policies import operators
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.roles import grants_of, policies_of


@stack_policy(
    "grants-to-operators",
    risk="Whoever only looks changes or deletes something; whoever may roll back deletes data.",
    fix="Grant `look` actions that read; grant `act` a change only with its line in CHANGES of"
    " policies/operators.py: DeleteFunction on versions, InvokeFunction on workflow-start and"
    " workflow-reconcile, DeleteTable on restored tables.",
    source="guide: IAM権限の最小化; AWS Service Authorization Reference: access levels;"
    " NIST 800-53 AC-6(9)",
)
def to_operators(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """`look` reads, `act` makes the listed changes; neither reads a secret or a user's password."""
    for role in graph.of(resource_types.ROLE):
        kind = operators.kind_of(role)
        if kind is None:
            continue
        where = next(iter(policies_of(graph, role)), role)
        for statement in grants_of(graph, role):
            for action in statement.actions:
                if problem := _problem(kind, action):
                    yield where, f"{action} on {', '.join(statement.resources)}: {problem}"
                for arn in statement.resources:
                    if not operators.may_change(action, arn, statement):
                        yield where, f"{action} on {arn}: `act` may do that to a part only"


def _problem(kind: str, action: str) -> str | None:
    service = action.lower().partition(":")[0]
    if action.lower() == operators.POLICIES_OF_SECRETS:
        return None
    if action.lower() in reference.CREDENTIALS or service in ("secretsmanager", "ssm", "sts"):
        return "it hands out a secret or credentials"
    if service == "kms" or reference.access_level(action) in ("Read", "List"):
        return None  # grants-data-plane-only judges what is done with keys
    if kind == operators.ACT and action.lower() in operators.CHANGES:
        return None
    return "`look` only reads" if kind == operators.LOOK else "`act` has no such change"

"""The roles of the people who operate the workflow: which they are, and what each may change."""

import re
from collections.abc import Iterator

from policies import deployment_program
from policies.conventions import WORKFLOW
from policies.stack import resource_types
from policies.stack.documents import Statement
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.roles import roles_granted

LOOK, ACT = "look", "act"
MAX_SESSION_SECONDS = 3600

CHANGES = frozenset(
    {
        "lambda:deletefunction",
        "lambda:invokefunction",
        "lambda:updatealias",
        "states:deletestatemachineversion",
        "states:stopexecution",
        "states:updatestatemachinealias",
    }
)
"""What `act` may change: aliases and old versions, an execution's end, a retry's start."""

RETRIED_BY = "workflow-start"
"""The function that an operator's retry invokes, for the execution's owner."""

ON_VERSIONS = frozenset({"lambda:deletefunction", "lambda:getfunctionconfiguration"})
"""What `act` may do with any version of a function: Lambda chooses the versions' numbers."""

ONLY_ON_STAR = frozenset({"cloudwatch:DescribeAlarms", "logs:GetQueryResults"})
"""Allowed on * only, though a resource level is listed: DescribeAlarms of composite alarms
(CloudWatch API Reference: DescribeAlarms); GetQueryResults, whose request names no log group."""

_PEOPLE = re.compile(r"arn:aws:iam::\d{12}:(user|role)/[\w+=,.@/-]+")
_VERSIONS = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+:\*")


def kind_of(role: Resource) -> str | None:
    """`look` or `act` for an operators' role; None for any other."""
    if role.type != resource_types.ROLE or role.project != WORKFLOW:
        return None
    return _kind(role.read("name"), role)


def kind_granted(policy: Resource) -> str | None:
    """The same for the policy of such a role, by the role's name."""
    if policy.type != resource_types.ROLE_POLICY or policy.project != WORKFLOW:
        return kind_of(policy)
    return _kind(policy.read("role"), policy)


def _kind(name: object, resource: Resource) -> str | None:
    for kind in (LOOK, ACT):
        if name == f"goal-mandala-{resource.stack}-operator-{kind}":
            return kind
    return None


def kinds_granted(graph: ResourceGraph, policy: Resource) -> set[str | None]:
    """The kinds of all roles whose grants a resource holds."""
    return {kind_of(role) for role in roles_granted(graph, policy)}


def trust_problems(role: Resource, allowed: list[Statement]) -> Iterator[str]:
    """Violations unless named people of the account are trusted, with a second factor."""
    own = f":role/{role.project}-{role.stack}-"
    for statement in allowed:
        if [action.lower() for action in statement.actions] != ["sts:assumerole"]:
            yield f"{', '.join(statement.actions)} is allowed, only sts:AssumeRole may be"
        for kind, name in statement.principals:
            if kind != "AWS" or not _PEOPLE.fullmatch(name) or own in name:
                yield f"{kind} {name} may assume it, only named users and people's roles may"
        if statement.condition("aws:MultiFactorAuthPresent", "Bool") != ("true",):
            yield "it asks for no second factor: Bool aws:MultiFactorAuthPresent true"
    if int(role.read("maxSessionDuration") or MAX_SESSION_SECONDS) > MAX_SESSION_SECONDS:
        yield f"a session may be longer than {MAX_SESSION_SECONDS} s"


def may_change(action: str, arn: str) -> bool:
    """Whether an ARN is no more than a listed change needs: versions to delete, a retry's start."""
    match action.lower():
        case "lambda:deletefunction":
            return _VERSIONS.fullmatch(arn) is not None
        case "lambda:invokefunction":
            return arn.endswith(f"-{RETRIED_BY}:live")
        case _:
            return True


def may_have_wildcard(policy: Resource, arn: str, statement: Statement) -> bool:
    """Whether the wildcard in this ARN is allowed: a version's number, or the id of the stack's key
    where it is only described."""
    actions = set(map(str.lower, statement.actions))
    if kind_granted(policy) == ACT and _VERSIONS.fullmatch(arn):
        return actions <= ON_VERSIONS
    is_limit = deployment_program.declares(policy)  # the boundary of these roles
    if ":key/*" not in arn or not (is_limit or kind_granted(policy)):
        return False
    aliases = statement.condition("kms:ResourceAliases", "ForAnyValue:StringEquals")
    return bool(aliases) and actions <= {"kms:describekey", "kms:getkeyrotationstatus"}

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

ON_RESTORED = frozenset(
    {
        "dynamodb:batchwriteitem",
        "dynamodb:createtable",
        "dynamodb:deleteitem",
        "dynamodb:deletetable",
        "dynamodb:tagresource",
        "dynamodb:updatecontinuousbackups",
        "dynamodb:updateitem",
        "dynamodb:updatetable",
        "dynamodb:updatetimetolive",
    }
)
"""What `act` may do with tables that it restores, and with no other."""

CHANGES = ON_RESTORED | frozenset(
    {
        "dynamodb:createbackup",
        "dynamodb:deletebackup",
        "dynamodb:putitem",
        "dynamodb:restoretablefrombackup",
        "dynamodb:restoretabletopointintime",
        "lambda:deletefunction",
        "lambda:invokefunction",
        "lambda:updatealias",
        "states:deletestatemachineversion",
        "states:stopexecution",
        "states:updatestatemachinealias",
    }
)
"""What `act` may change: aliases and old versions, an execution's end, a retry's start; backups,
restored tables, and items that are copied back."""

CREATE_GRANT = "kms:creategrant"
"""`act` needs it for a new table's key, under conditions by which DynamoDB alone has the grant."""

RETRIED_BY = "workflow-start"
"""The function that an operator's retry invokes, for the execution's owner."""

SWEPT_BY = "workflow-reconcile"
"""The function whose sweep an operator starts, as its schedule does."""

POLICIES_OF_SECRETS = "secretsmanager:getresourcepolicy"
"""The one action of Secrets Manager that `look` may have: it reads no secret."""

ON_VERSIONS = frozenset(
    {"lambda:deletefunction", "lambda:getfunction", "lambda:getfunctionconfiguration"}
)
"""What `act` may do with any version of a function: Lambda chooses the versions' numbers."""

ONLY_ON_STAR = frozenset(
    {
        "ce:GetCostAndUsage",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "logs:GetQueryResults",
    }
)
"""Allowed on * only, though a resource level is listed: DescribeAlarms of composite alarms, and
the history of all alarms at once (CloudWatch API Reference: DescribeAlarms, DescribeAlarmHistory);
GetQueryResults, whose request names no log group; GetCostAndUsage without a billing view."""

_PEOPLE = re.compile(r"arn:aws:iam::\d{12}:(user|role)/[\w+=,.@/-]+")
_VERSIONS = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+:\*")
_RESTORED = re.compile(r"(arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table/[\w.-]+)-restored-\*")
_BY_TAGS = re.compile(r"arn:aws:(cognito-idp|backup):[a-z0-9-]+:\d{12}:(userpool/|backup-plan:)\*")
_ABOUT_KEYS = {"kms:describekey", "kms:getkeypolicy", "kms:getkeyrotationstatus"}


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


def may_change(action: str, arn: str, statement: Statement) -> bool:
    """Whether an ARN is no more than a listed change needs: versions to delete, a retry's start."""
    match action.lower():
        case "lambda:deletefunction":
            return _VERSIONS.fullmatch(arn) is not None
        case "lambda:invokefunction":
            return arn.endswith((f"-{RETRIED_BY}:live", f"-{SWEPT_BY}:live"))
        case name if name in ON_RESTORED:
            return _RESTORED.fullmatch(arn) is not None
        case name if name == CREATE_GRANT:
            return is_grant_for_dynamodb(statement)
        case _:
            return True


def is_grant_for_dynamodb(statement: Statement) -> bool:
    """Whether a CreateGrant lets nobody but DynamoDB use a key: its condition says so."""
    services = statement.condition("kms:ViaService", "StringEquals")
    return (
        statement.condition("kms:GrantIsForAWSResource", "Bool") == ("true",)
        and len(services) == 1
        and services[0].startswith("dynamodb.")
    )


def restored_from(policy: Resource, arn: str) -> str | None:
    """The table behind the ARN of restored ones, in the policy of `act`; None for all else."""
    found = _RESTORED.fullmatch(arn)
    return found[1] if found and kind_granted(policy) == ACT else None


def are_by_tags_of_stack(policy: Resource, arn: str, statement: Statement) -> bool:
    """Whether it is every user pool or backup plan, and tags narrow that to the stack's: Cognito
    and AWS Backup choose their ids."""
    project, environment = (
        statement.condition(f"aws:ResourceTag/{tag}", "StringEquals")
        for tag in ("Project", "Environment")
    )
    return (
        kind_granted(policy) is not None
        and _BY_TAGS.fullmatch(arn) is not None
        and (project, environment) == ((policy.project,), (policy.stack,))
    )


def has_condition(resource: Resource, key: str, statement: Statement) -> bool:
    """Whether a condition is of the operators' roles: a second factor, which iam-trust judges, or
    the tags of the stack's user pool and backup plans."""
    if key == "aws:multifactorauthpresent":
        return kind_of(resource) is not None
    return key.startswith("aws:resourcetag/") and all(
        are_by_tags_of_stack(resource, arn, statement) for arn in statement.resources
    )


def may_have_wildcard(policy: Resource, arn: str, statement: Statement) -> bool:
    """Whether the wildcard in this ARN is allowed: a version's number, the end of a restored
    table's name, the id of a user pool or backup plan, or that of the stack's key where it is only
    described."""
    actions = set(map(str.lower, statement.actions))
    if restored_from(policy, arn) or are_by_tags_of_stack(policy, arn, statement):
        return True
    if kind_granted(policy) == ACT and _VERSIONS.fullmatch(arn):
        return actions <= ON_VERSIONS
    is_limit = deployment_program.declares(policy)  # the boundary of these roles
    if ":key/*" not in arn or not (is_limit or kind_granted(policy)):
        return False
    aliases = statement.condition("kms:ResourceAliases", "ForAnyValue:StringEquals")
    return bool(aliases) and actions <= _ABOUT_KEYS

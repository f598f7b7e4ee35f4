"""Least privilege: what a role of ours may never be allowed, and who may never hold one."""

import re
from collections.abc import Iterator

from policies import authorization_reference as reference
from policies import resource_types
from policies.documents import (
    IDENTITY_TYPES,
    Statement,
    identity_statements,
    resource_statements,
    statements,
    trust_documents,
)
from policies.policy import resource_policy, stack_policy
from policies.resource_graph import Graph, Resource
from policies.rules import deployment

_HOLDERS = IDENTITY_TYPES | {resource_types.ROLE}
_GUIDE = "guide: IAM権限の最小化"
_REFERENCE = "AWS Service Authorization Reference"

_MADE_BY_AWS = tuple(
    re.compile(form.replace("ACCOUNT", r"[a-z0-9-]+:\d{12}"))
    for form in (
        r"arn:aws:states:ACCOUNT:execution:[^:*?]+:\*",  # an execution's name
        r"arn:aws:logs:ACCOUNT:log-group:[^:*?]+:(log-stream:)?\*",  # a log stream
        r"arn:aws:secretsmanager:ACCOUNT:secret:[^*?]+-\?{6}",  # what follows a secret's name
        r"arn:aws:ec2:ACCOUNT:network-interface/\*",  # an interface's id
    )
)
_EVERY_KEY = re.compile(r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/\*")

_WITHOUT_SOURCE = {
    "lambda.amazonaws.com": "AWS documents no aws:Source* for assuming an execution role",
}
"""Services that send no source when they assume a role; the role's own PassRole guards it."""

_SOURCE_KEYS = ("aws:SourceAccount", "aws:SourceArn")
_EQUALS = ("StringEquals", "ArnEquals", "ArnLike", "StringLike")


def _allowed(resource: Resource) -> Iterator[Statement]:
    return (each for each in identity_statements(resource) if each.allows)


@resource_policy(
    "iam-no-wildcard-action",
    on=_HOLDERS,
    protects="A role that may do what its code never does.",
    fix="Name the actions that the code calls.",
    source=f"{_GUIDE}; Security Hub IAM.1, IAM.21; CIS AWS Foundations v1.4.0 1.16;"
    " NIST 800-53 AC-6",
)
def no_wildcard_action(resource: Resource) -> Iterator[str]:
    """Actions are named in full."""
    for statement in _allowed(resource):
        for action in statement.actions:
            if "*" in action or "?" in action:
                yield f"{action} on {', '.join(statement.resources)}: a wildcard"


@resource_policy(
    "iam-known-action",
    on=_HOLDERS,
    protects="A misspelt or retired action, which grants nothing until it is called.",
    fix="Spell the action as the service authorization reference does.",
    source=_REFERENCE,
)
def known_action(resource: Resource) -> Iterator[str]:
    """Actions exist."""
    for statement in _allowed(resource):
        for action in statement.actions:
            unlisted = deployment.is_of(resource) and action in deployment.UNLISTED
            if not {"*", "?"} & set(action) and not reference.exists(action) and not unlisted:
                yield f"AWS knows no action {action}"


@resource_policy(
    "iam-no-wildcard-resource",
    on=_HOLDERS,
    protects="A role that reaches what belongs to others.",
    fix="Name the resource. * may stand only for what AWS makes up (an execution's name, a log"
    " stream, six characters of a secret, an interface's id, a key's id behind its alias), or where"
    " the action has no resource level.",
    source=f"{_GUIDE}; {_REFERENCE}; Security Hub KMS.2; NIST 800-53 AC-6",
)
def no_wildcard_resource(resource: Resource) -> Iterator[str]:
    """Resources are named, as far as we name them."""
    for statement in _allowed(resource):
        for arn in statement.resources:
            if arn == "*":
                everywhere = (
                    deployment.EVERYWHERE if deployment.is_of(resource) else frozenset[str]()
                )
                actions = set(statement.actions) - everywhere
                scoped = sorted(a for a in actions if reference.has_resource_level(a))
                if scoped:
                    yield f"{', '.join(scoped)} on *: these actions work on resources, name them"
            elif deployment.is_of(resource) and deployment.may_stand(resource, arn, statement):
                continue
            elif ("*" in arn or "?" in arn) and not _made_by_aws(arn, statement):
                yield f"{', '.join(statement.actions)} on {arn}: a wildcard in a name we choose"


def _made_by_aws(arn: str, statement: Statement) -> bool:
    if _EVERY_KEY.fullmatch(arn):
        aliases = statement.condition("kms:ResourceAliases", "ForAnyValue:StringEquals")
        services = statement.condition("kms:ViaService", "StringEquals")
        return bool(aliases and services)
    return any(form.fullmatch(arn) for form in _MADE_BY_AWS)


@resource_policy(
    "iam-resource-fits-action",
    on=_HOLDERS,
    protects="A grant on the wrong kind of ARN, which grants nothing: StartExecution on an"
    " execution, Decrypt on a key's alias.",
    fix="Give each action an ARN of a kind that it works on, and each ARN an action for it.",
    source=f"{_REFERENCE}; aws-traps: IAM",
)
def resource_fits_action(resource: Resource) -> Iterator[str]:
    """Actions and resources are of a kind."""
    for statement in _allowed(resource):
        arns = [arn for arn in statement.resources if arn != "*"]
        actions = [action for action in statement.actions if reference.exists(action)]
        if not arns or not actions:
            continue
        for action in actions:
            if not any(reference.fits(action, arn) for arn in arns):
                yield f"{action} works on none of {', '.join(arns)}"
        for arn in arns:
            if deployment.is_of(resource) and arn.endswith(deployment.TAGS_OF_APIS):
                continue
            if not any(reference.fits(action, arn) for action in actions):
                yield f"{arn}: none of {', '.join(actions)} works on it"


@resource_policy(
    "iam-no-inversion",
    on=(),
    protects="An allowance of everything but: it grows with every action that AWS adds.",
    fix="Say what is allowed with Action, Resource and Principal.",
    source=f"{_GUIDE}; AWS IAM User Guide: NotAction, NotResource, NotPrincipal",
)
def no_inversion(resource: Resource) -> Iterator[str]:
    """Nothing is allowed by exception."""
    trusts = (s for document in trust_documents(resource) for s in statements(document))
    for statement in [*identity_statements(resource), *resource_statements(resource), *trusts]:
        inverted = statement.elements & {"NotAction", "NotResource", "NotPrincipal"}
        if statement.allows and inverted:
            yield f"an Allow with {', '.join(sorted(inverted))}"


@resource_policy(
    "iam-pass-role",
    on=_HOLDERS,
    protects="A role handed to a service by somebody who could not take it himself.",
    fix="Name the role in Resource and the service under iam:PassedToService.",
    source="AWS IAM User Guide: granting a user permissions to pass a role; NIST 800-53 AC-6",
)
def pass_role(resource: Resource) -> Iterator[str]:
    """PassRole names its role and its service."""
    for statement in _allowed(resource):
        if "iam:passrole" in map(str.lower, statement.actions):
            wild = [arn for arn in statement.resources if "*" in arn or "?" in arn]
            own = [arn for arn in wild if deployment.is_own(resource, arn)]
            if wild and not (deployment.is_of(resource) and wild == own):
                yield "iam:PassRole on a wildcard"
            if not statement.condition("iam:PassedToService", "StringEquals"):
                yield "iam:PassRole to any service"


@resource_policy(
    "iam-no-escalation",
    on=_HOLDERS,
    protects="A role that can give itself more than it was given.",
    fix="Take the action away: a workload changes no roles, policies, keys of users or code.",
    source="Rhino Security Labs: AWS IAM privilege escalation methods (policy-sentry's audit"
    " list); NIST 800-53 AC-6(10)",
)
def no_escalation(resource: Resource) -> Iterator[str]:
    """No action by which privileges grow."""
    for statement in _allowed(resource):
        if deployment.is_of(resource) and deployment.is_bounded(resource, statement):
            continue
        for action in statement.actions:
            if action.lower() in reference.ESCALATING:
                yield f"{action} lets its holder escalate"


@resource_policy(
    "iam-readable-grants",
    on=(),
    protects="Grants that the pack cannot read: managed policies, and users with keys.",
    fix="Write an inline policy of the role's own; let people and CI assume roles.",
    source=f"{_GUIDE}; Security Hub IAM.2; CIS AWS Foundations v3.0.0 1.15",
)
def readable_grants(resource: Resource) -> Iterator[str]:
    """All that a role may do stands in documents of this stack; nobody holds keys."""
    if resource.props.get("managedPolicyArns"):
        yield "managedPolicyArns: grants that nobody here can read"
    service, _, kind = resource.type.partition("/")
    if service == "aws:iam" and kind.endswith(("PolicyAttachment", "AttachmentsExclusive")):
        yield "an attachment of a policy that is not the role's own"
    if service == "aws:iam" and kind.endswith((":User", ":AccessKey", ":UserLoginProfile")):
        yield "a user or a key of one: it lasts until somebody remembers it"


@resource_policy(
    "iam-trust",
    on={resource_types.ROLE},
    protects="A role assumed by somebody else, or by a service on somebody else's behalf.",
    fix="Trust one service, sts:AssumeRole, under aws:SourceAccount or aws:SourceArn (but for "
    + ", ".join(_WITHOUT_SOURCE)
    + ", which sends neither).",
    source="AWS IAM User Guide: the confused deputy problem; NIST 800-53 AC-3",
)
def trust(resource: Resource) -> Iterator[str]:
    """One service assumes a role, for us."""
    for document in trust_documents(resource):
        allowed = [each for each in statements(document) if each.allows]
        if len({principal for each in allowed for principal in each.principals}) != 1:
            yield "not exactly one principal may assume it"
        if deployment.is_of(resource):
            yield from deployment.trust_problems(resource, allowed)
            continue
        for statement in allowed:
            if [action.lower() for action in statement.actions] != ["sts:assumerole"]:
                yield f"{', '.join(statement.actions)}: only sts:AssumeRole"
            for kind, who in statement.principals:
                if kind != "Service":
                    yield f"{kind} {who} may assume it: only a service"
                elif who not in _WITHOUT_SOURCE and not is_from_us(statement):
                    yield f"{who} may assume it for anybody: no aws:SourceAccount, no aws:SourceArn"


def is_from_us(statement: Statement) -> bool:
    """Whether a service is let in only on behalf of named accounts or resources."""
    return any(
        values and not any(value.strip("*?") == "" for value in values)
        for values in (statement.condition(key, *_EQUALS) for key in _SOURCE_KEYS)
    )


@stack_policy(
    "iam-one-role-each",
    protects="A role shared by functions: each may then do what the other needs.",
    fix="Give every function and machine a role of its own, trusted by its service; drop the rest.",
    source=f"{_GUIDE}; design: WorkflowFunctions",
)
def one_role_each(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every role has exactly one holder, of the service that it trusts."""
    roles = [
        role for role in graph.of(resource_types.ROLE) if not deployment.is_of(role)
    ]  # CI holds those
    holders: dict[str, list[Resource]] = {role.urn: [] for role in roles}
    for holder in graph.of(resource_types.FUNCTION, resource_types.MACHINE):
        role = role_of(graph, holder)
        if role is None:
            yield holder, "its role is not one of this stack"
        else:
            holders[role.urn].append(holder)
            service = "lambda" if holder.type == resource_types.FUNCTION else "states"
            if f'"{service}.amazonaws.com"' not in str(role.props["assumeRolePolicy"]):
                yield role, f"{holder.name} holds it, {service}.amazonaws.com may not assume it"
    for urn, held_by in holders.items():
        if len(held_by) != 1:
            names = ", ".join(sorted(each.name for each in held_by)) or "nobody"
            yield graph.by_urn[urn], f"held by {names}"


def role_of(graph: Graph, holder: Resource) -> Resource | None:
    """The role of a function or machine, by the edge or by its ARN."""
    name = "role" if holder.type == resource_types.FUNCTION else "roleArn"
    known = graph.arns.get(str(holder.read(name)))
    return known or graph.source(holder, name, resource_types.ROLE)


def policies_of(graph: Graph, role: Resource) -> list[Resource]:
    """The inline policies of a role."""
    return [
        policy
        for policy in graph.of(resource_types.ROLE_POLICY)
        if policy.read("role") == role.read("name")
        or graph.source(policy, "role", resource_types.ROLE) is role
    ]


def grants_of(graph: Graph, role: Resource) -> list[Statement]:
    """All that a role is allowed."""
    holders = [role, *policies_of(graph, role)]
    return [each for holder in holders for each in identity_statements(holder) if each.allows]

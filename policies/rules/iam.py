"""Least privilege: what identity policies must not allow."""

import re
from collections.abc import Iterator

from policies import authorization_reference as reference
from policies import deployment_program, operators
from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.documents import (
    IDENTITY_TYPES,
    Statement,
    identity_statements,
    resource_statements,
    statements,
    trust_documents,
)
from policies.stack.resource_graph import Resource

_HOLDERS = IDENTITY_TYPES | {resource_types.ROLE}
_GUIDE = "guide: IAM権限の最小化"
_REFERENCE = "AWS Service Authorization Reference"

_ARNS_OF_IDS = tuple(
    re.compile(form.replace("ACCOUNT", r"[a-z0-9-]+:\d{12}"))
    for form in (
        r"arn:aws:states:ACCOUNT:execution:[^:*?]+:\*",  # the name of an execution
        r"arn:aws:logs:ACCOUNT:log-group:[^:*?]+:(log-stream:)?\*",  # the name of a log stream
        r"arn:aws:secretsmanager:ACCOUNT:secret:[^*?]+-\?{6}",  # Secrets Manager's suffix
        r"arn:aws:dynamodb:ACCOUNT:table/[^/*?]+/backup/\*",  # the id of a backup
        r"arn:aws:s3:::[a-z0-9.-]+/([^/*?]+/)*\*",  # the keys of objects, which hold ids
        r"arn:aws:ec2:ACCOUNT:network-interface/\*",  # the id of a network interface
    )
)
"""ARNs in which * stands for what AWS chooses."""

_EVERY_KEY = re.compile(r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/\*")


def _allowed(resource: Resource) -> Iterator[Statement]:
    return (each for each in identity_statements(resource) if each.allows)


@resource_policy(
    "iam-no-wildcard-action",
    on=_HOLDERS,
    risk="A role may do more than its code does.",
    fix="Name the actions that the code calls.",
    source=f"{_GUIDE}; Security Hub IAM.1, IAM.21; CIS AWS Foundations v1.4.0 1.16;"
    " NIST 800-53 AC-6",
)
def no_wildcard_action(resource: Resource) -> Iterator[str]:
    """Actions have no wildcards."""
    for statement in _allowed(resource):
        for action in statement.actions:
            if "*" in action or "?" in action:
                yield f"{action} on {', '.join(statement.resources)}: the action has a wildcard"


@resource_policy(
    "iam-known-action",
    on=_HOLDERS,
    risk="A misspelt or withdrawn action grants nothing, which shows only when it is called.",
    fix="Spell the action as the service authorization reference does.",
    source=_REFERENCE,
)
def known_action(resource: Resource) -> Iterator[str]:
    """Actions exist."""
    for statement in _allowed(resource):
        for action in statement.actions:
            is_unlisted = (
                deployment_program.declares(resource)
                and action in deployment_program.UNLISTED_ACTIONS
            )
            if not {"*", "?"} & set(action) and not reference.exists(action) and not is_unlisted:
                yield f"AWS has no action {action}"


@resource_policy(
    "iam-no-wildcard-resource",
    on=_HOLDERS,
    risk="A role may use resources that it does not need.",
    fix="Name the resource. * may stand only for what AWS chooses (an execution's name, a log"
    " stream, an object's key, six characters after a secret's name, an interface's id, a key's id"
    " under a condition on its alias), or where the action has no resource level.",
    source=f"{_GUIDE}; {_REFERENCE}; Security Hub KMS.2; NIST 800-53 AC-6",
)
def no_wildcard_resource(resource: Resource) -> Iterator[str]:
    """Resources are named, except for ids that AWS chooses or that are made at run time."""
    for statement in _allowed(resource):
        for arn in statement.resources:
            if arn == "*":
                is_deployment = deployment_program.declares(resource)
                is_listing = is_deployment or operators.kind_granted(resource) is not None
                only_on_star = operators.ONLY_ON_STAR if is_listing else frozenset[str]()
                actions = set(statement.actions) - only_on_star
                scoped = sorted(a for a in actions if reference.has_resource_level(a))
                if scoped:
                    yield f"{', '.join(scoped)} on *: these actions have resources, name them"
            elif deployment_program.declares(resource) and deployment_program.may_have_wildcard(
                resource, arn, statement
            ):
                continue
            elif ("*" in arn or "?" in arn) and not (
                _is_arn_of_id(arn, statement)
                or operators.may_have_wildcard(resource, arn, statement)
            ):
                yield f"{', '.join(statement.actions)} on {arn}: the name has a wildcard"


def _is_arn_of_id(arn: str, statement: Statement) -> bool:
    if _EVERY_KEY.fullmatch(arn):
        aliases = statement.condition("kms:ResourceAliases", "ForAnyValue:StringEquals")
        services = statement.condition("kms:ViaService", "StringEquals")
        return bool(aliases and services)
    return any(form.fullmatch(arn) for form in _ARNS_OF_IDS)


@resource_policy(
    "iam-resource-fits-action",
    on=_HOLDERS,
    risk="A grant on the wrong kind of ARN grants nothing: StartExecution on an execution, Decrypt"
    " on a key's alias.",
    fix="Give each action an ARN of a resource type that it has, and each ARN such an action.",
    source=f"{_REFERENCE}; aws-traps: IAM",
)
def resource_fits_action(resource: Resource) -> Iterator[str]:
    """Each action has a resource of its types, each resource such an action."""
    for statement in _allowed(resource):
        arns = [
            arn
            for arn in statement.resources
            if arn != "*" and not deployment_program.is_unlisted(resource, arn)
        ]
        actions = [action for action in statement.actions if reference.exists(action)]
        if not arns or not actions:
            continue
        for action in actions:
            if not any(reference.fits(action, arn) for arn in arns):
                yield f"{action} has no resource type for {', '.join(arns)}"
        for arn in arns:
            if not any(reference.fits(action, arn) for action in actions):
                yield f"{arn} is of no resource type of {', '.join(actions)}"


@resource_policy(
    "iam-no-inversion",
    on=(),
    risk="An Allow of everything with exceptions grows with every action that AWS adds.",
    fix="Name what is allowed with Action, Resource and Principal.",
    source=f"{_GUIDE}; AWS IAM User Guide: NotAction, NotResource, NotPrincipal",
)
def no_inversion(resource: Resource) -> Iterator[str]:
    """No Allow has NotAction, NotResource or NotPrincipal."""
    trusts = (s for document in trust_documents(resource) for s in statements(document))
    for statement in [*identity_statements(resource), *resource_statements(resource), *trusts]:
        inverted = statement.elements & {"NotAction", "NotResource", "NotPrincipal"}
        if statement.allows and inverted:
            yield f"an Allow with {', '.join(sorted(inverted))}"


@resource_policy(
    "iam-pass-role",
    on=_HOLDERS,
    risk="Somebody passes a role to a service and so uses permissions beyond their own.",
    fix="Name the role in Resource and the service under iam:PassedToService.",
    source="AWS IAM User Guide: granting a user permissions to pass a role; NIST 800-53 AC-6",
)
def pass_role(resource: Resource) -> Iterator[str]:
    """PassRole names its role and its service."""
    for statement in _allowed(resource):
        if "iam:passrole" in map(str.lower, statement.actions):
            wild = [arn for arn in statement.resources if "*" in arn or "?" in arn]
            own = [arn for arn in wild if deployment_program.is_workflow_arn(resource, arn)]
            if wild and not (deployment_program.declares(resource) and wild == own):
                yield "iam:PassRole on a wildcard"
            if not statement.condition("iam:PassedToService", "StringEquals"):
                yield "iam:PassRole to any service"


@resource_policy(
    "iam-no-escalation",
    on=_HOLDERS,
    risk="A role can extend its own permissions.",
    fix="Remove the action: a workload changes no roles, policies, access keys or code.",
    source="Rhino Security Labs: AWS IAM privilege escalation methods (policy-sentry's audit"
    " list); NIST 800-53 AC-6(10)",
)
def no_escalation(resource: Resource) -> Iterator[str]:
    """No action lets its holder extend its permissions."""
    for statement in _allowed(resource):
        for change in deployment_program.changed_of_ci(statement):
            yield f"{change} changes what CI may do"
        if deployment_program.declares(resource) and deployment_program.is_limited_to_stack(
            resource, statement
        ):
            continue
        for action in statement.actions:
            if action.lower() in reference.ESCALATING:
                yield f"{action} lets its holder extend its permissions"


@resource_policy(
    "iam-readable-grants",
    on=(),
    risk="The pack cannot read managed policies, and the keys of users do not expire.",
    fix="Write an inline policy for the role; let people and CI assume roles.",
    source=f"{_GUIDE}; Security Hub IAM.2; CIS AWS Foundations v3.0.0 1.15",
)
def readable_grants(resource: Resource) -> Iterator[str]:
    """All grants are documents of this stack, and there are no users."""
    if resource.props.get("managedPolicyArns"):
        yield "managedPolicyArns has grants that the pack cannot read"
    service, _, kind = resource.type.partition("/")
    is_attachment = kind.endswith(("PolicyAttachment", "AttachmentsExclusive"))
    if service == "aws:iam" and is_attachment and not deployment_program.attaches_reads(resource):
        yield "it attaches a policy that the pack cannot read"
    if service == "aws:iam" and kind.endswith((":User", ":AccessKey", ":UserLoginProfile")):
        yield "a user or a user's key, which does not expire"

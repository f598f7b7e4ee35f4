"""Exceptions for the program that lets CI deploy (deployment/): what its roles may be granted.

CI's roles create resources that do not exist yet, so their grants name them by the prefix of the
stack's names. Everything else is checked as in every program.
"""

import re
from collections.abc import Iterator

from policies import authorization_reference as reference
from policies.stack import resource_types
from policies.stack.documents import Statement
from policies.stack.resource_graph import Resource

PROJECT = "goal-mandala-deployment"
WORKFLOW = "goal-mandala"

_ISSUER = "token.actions.githubusercontent.com"
_ACCOUNT = r"[a-z0-9-]*:\d{12}"

_WORKFLOW_ARNS = (
    # (resource type) (the log group's service) prefix, the rest of the name
    rf"arn:aws:[a-z]+:{_ACCOUNT}:([a-z-]+[:/])?(/aws/[a-z]+/)?goal-mandala-STACK-.+",
    rf"arn:aws:states:{_ACCOUNT}:(stateMachine|execution):TaskGenerationWorkflow-STACK(:\*)?",
    rf"arn:aws:logs:{_ACCOUNT}:log-group:/aws/states/TaskGenerationWorkflow-STACK(:\*)?",
    rf"arn:aws:dynamodb:{_ACCOUNT}:table/WorkflowExecution-STACK(-restored-\*|/(backup|index)/\*)?",
    rf"arn:aws:sns:{_ACCOUNT}:workflow-(alerts|notifications)-STACK",
    r"arn:aws:s3:::goal-mandala-STACK-.+",
    rf"arn:aws:kms:{_ACCOUNT}:alias/goal-mandala-STACK-workflow",
)
"""The workflow's ARNs in one stack (components/names.py)."""

_ID_ARNS = (
    r"arn:aws:apigateway:[a-z0-9-]+::/(apis(/\*)?|tags/\*|domainnames(/[a-z0-9.-]+(/\*)?)?)",
    rf"arn:aws:ec2:{_ACCOUNT}:(network-interface|security-group|subnet)/\*",
)
"""ARNs with an id that AWS chooses, and no condition key to limit them (API Gateway Developer
Guide: the parts of an HTTP API have no tags; /tags/ is where its tags are changed)."""

_TAGGED_ID_ARNS = (
    rf"arn:aws:(kms:{_ACCOUNT}:key/|cognito-idp:{_ACCOUNT}:userpool/"
    rf"|backup:{_ACCOUNT}:backup-plan:)\*"
)
_MAPPING_ARNS = rf"arn:aws:lambda:{_ACCOUNT}:event-source-mapping:\*"

UNLISTED_ACTIONS = frozenset({"apigateway:TagResource", "apigateway:UntagResource"})
"""Actions that AWS's own handlers call, though the service authorization reference does not list
them (registry schema of AWS::ApiGatewayV2::Api: handlers)."""

_UNLISTED_ARNS = r"arn:aws:apigateway:[a-z0-9-]+::/(tags/\*|domainnames(/.+)?)"
"""ARNs of an HTTP API that the copy of the service authorization reference does not list."""


def declares(resource: Resource) -> bool:
    """Whether the deployment program declares a resource."""
    return resource.project == PROJECT


def is_workflow_arn(resource: Resource, arn: str) -> bool:
    """Whether an ARN is one of the workflow's in the resource's stack."""
    return any(re.fullmatch(form.replace("STACK", resource.stack), arn) for form in _WORKFLOW_ARNS)


def attaches_reads(resource: Resource) -> bool:
    """Whether it gives a role of CI what both of them read, a policy that the program declares.

    `boundary-own-references` and `boundary-declared-names` find one that is not declared.
    """
    own = f"goal-mandala-ci-{resource.stack}"
    return (
        declares(resource)
        and resource.type == resource_types.ROLE_POLICY_ATTACHMENT
        and re.fullmatch(rf"arn:aws:iam::\d{{12}}:policy/{own}-reads", _text(resource, "policyArn"))
        is not None
        and _text(resource, "role") in (f"{own}-deploy", f"{own}-preview")
    )


def changed_of_ci(statement: Statement) -> Iterator[str]:
    """The roles and policies of CI that a statement lets its holder change."""
    for action in statement.actions:
        is_change = action.lower().startswith("iam:") and reference.access_level(action) not in (
            "Read",
            "List",
        )
        for arn in statement.resources if is_change else ():
            if re.search(r":(role|policy)/goal-mandala-ci-", arn):
                yield f"{action} on {arn}"


def _text(resource: Resource, name: str) -> str:
    value = resource.read(name)
    return value if isinstance(value, str) else ""


def is_unlisted(resource: Resource, arn: str) -> bool:
    """Whether the service authorization reference cannot tell what an ARN is good for."""
    return declares(resource) and re.fullmatch(_UNLISTED_ARNS, arn) is not None


def may_name(resource: Resource, arn: str) -> bool:
    """Whether a program other than the workflow may name this ARN of the workflow.

    That is an ARN in the same environment; the deployment program may also name resources by ids
    that AWS chooses.
    """
    if resource.project == WORKFLOW:
        return False
    ids = (*_ID_ARNS, _TAGGED_ID_ARNS, _MAPPING_ARNS) if declares(resource) else ()
    return is_workflow_arn(resource, arn) or any(re.fullmatch(form, arn) for form in ids)


def may_have_wildcard(resource: Resource, arn: str, statement: Statement) -> bool:
    """Whether the wildcard in this ARN is allowed."""
    is_tagged = any(
        statement.condition(f"aws:{tag}/Project", "StringEquals")
        and statement.condition(f"aws:{tag}/Environment", "StringEquals") == (resource.stack,)
        for tag in ("ResourceTag", "RequestTag")
    )
    if re.fullmatch(_TAGGED_ID_ARNS, arn):
        return is_tagged
    if re.fullmatch(_MAPPING_ARNS, arn):
        return is_tagged or _is_for_own_functions(resource, statement)
    return is_workflow_arn(resource, arn) or any(re.fullmatch(form, arn) for form in _ID_ARNS)


def is_limited_to_stack(resource: Resource, statement: Statement) -> bool:
    """Whether actions that escalate privileges are limited to the stack.

    They are limited by its names; IAM's actions need its permissions boundary too.
    """
    if any(action.lower().startswith("iam:") for action in statement.actions):
        boundaries = statement.condition("iam:PermissionsBoundary", "StringEquals")
        own = f":policy/goal-mandala-ci-{resource.stack}-"
        ends = (f"{own}boundary", f"{own}operators-boundary")
        if not boundaries or not all(each.endswith(ends) for each in boundaries):
            return False
    return _is_for_own_functions(resource, statement) or all(
        is_workflow_arn(resource, arn) for arn in statement.resources
    )


def _is_for_own_functions(resource: Resource, statement: Statement) -> bool:
    functions = statement.condition("lambda:FunctionArn", "ArnLike", "ArnEquals", "StringEquals")
    return bool(functions) and all(is_workflow_arn(resource, arn) for arn in functions)


def trust_problems(resource: Resource, allowed: list[Statement]) -> Iterator[str]:
    """Violations unless only jobs of one repository, in this stack's environments, are trusted."""
    for statement in allowed:
        if statement.actions != ("sts:AssumeRoleWithWebIdentity",):
            actions = ", ".join(statement.actions)
            yield f"{actions} is allowed, only sts:AssumeRoleWithWebIdentity may be"
        for kind, name in statement.principals:
            if kind != "Federated" or not name.endswith(f":oidc-provider/{_ISSUER}"):
                yield f"{kind} {name} may assume it, only {_ISSUER} may"
        if statement.condition(f"{_ISSUER}:aud", "StringEquals") != ("sts.amazonaws.com",):
            yield "it accepts tokens for another audience than sts.amazonaws.com"
        subjects = statement.condition(f"{_ISSUER}:sub", "StringEquals")
        environment = rf"environment:{resource.stack}(-[a-z]+)?"
        for subject in subjects:
            if not re.fullmatch(rf"repo:[\w.@-]+/[\w.@-]+:{environment}", subject):
                yield f"{subject} is not an environment {resource.stack} of one repository"
        if not subjects:
            yield "it accepts tokens of any repository: no StringEquals on their subject"

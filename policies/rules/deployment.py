"""The program that lets CI deploy (deployment/): what its roles may be given, and who takes them.

A deployment makes what is not there yet, so its grants name it by what this stack's names begin
with; nothing else is let through that is not let through everywhere.
"""

import re
from collections.abc import Iterator

from policies.documents import Statement
from policies.resource_graph import Resource

PROJECT = "goal-mandala-deployment"
WORKFLOW = "goal-mandala"

_ISSUER = "token.actions.githubusercontent.com"
_ACCOUNT = r"[a-z0-9-]*:\d{12}"

_NAMED = (
    # (kind of resource) (log group's service) prefix, and what follows it
    rf"arn:aws:[a-z]+:{_ACCOUNT}:([a-z-]+[:/])?(/aws/[a-z]+/)?goal-mandala-STACK-.+",
    rf"arn:aws:states:{_ACCOUNT}:(stateMachine|execution):TaskGenerationWorkflow-STACK(:\*)?",
    rf"arn:aws:logs:{_ACCOUNT}:log-group:/aws/states/TaskGenerationWorkflow-STACK(:\*)?",
    rf"arn:aws:dynamodb:{_ACCOUNT}:table/WorkflowExecution-STACK(/index/\*)?",
    rf"arn:aws:sns:{_ACCOUNT}:workflow-(alerts|notifications)-STACK",
    rf"arn:aws:kms:{_ACCOUNT}:alias/goal-mandala-STACK-workflow",
)
"""The names of one stack of the workflow (components/names.py)."""

_IDS = (
    r"arn:aws:apigateway:[a-z0-9-]+::/(apis(/\*)?|tags/\*)",
    rf"arn:aws:ec2:{_ACCOUNT}:(network-interface|security-group|subnet)/\*",
)
"""Ids that AWS makes up, and offers nothing to narrow them by (API Gateway Developer Guide: what is
below an HTTP API carries no tags; /tags/ is where its tags are changed)."""

_TAGGED_IDS = rf"arn:aws:(kms:{_ACCOUNT}:key|cognito-idp:{_ACCOUNT}:userpool)/\*"
_MAPPINGS = rf"arn:aws:lambda:{_ACCOUNT}:event-source-mapping:\*"

EVERYWHERE = frozenset({"cloudwatch:DescribeAlarms"})
"""Actions that AWS takes on * only, though a resource level is listed (CloudWatch API Reference:
DescribeAlarms, of composite alarms)."""

UNLISTED = frozenset({"apigateway:TagResource", "apigateway:UntagResource"})
"""Actions that AWS's own handlers call, though the service authorization reference does not list
them (registry schema of AWS::ApiGatewayV2::Api: handlers)."""

TAGS_OF_APIS = ":/tags/*"
"""How the ARNs end that the service authorization reference does not list for HTTP APIs."""


def is_of(resource: Resource) -> bool:
    """Whether a resource is the deployment program's."""
    return resource.project == PROJECT


def is_own(resource: Resource, arn: str) -> bool:
    """Whether an ARN is of what this stack of the workflow calls its own."""
    return any(re.fullmatch(form.replace("STACK", resource.stack), arn) for form in _NAMED)


def is_the_workflows(resource: Resource, arn: str) -> bool:
    """Whether another program names what is the workflow's in the same environment; the deployment
    program also what has an id of AWS's instead of a name."""
    if resource.project == WORKFLOW:
        return False
    ids = (*_IDS, _TAGGED_IDS, _MAPPINGS) if is_of(resource) else ()
    return is_own(resource, arn) or any(re.fullmatch(form, arn) for form in ids)


def may_stand(resource: Resource, arn: str, statement: Statement) -> bool:
    """Whether a wildcard may stand in this ARN."""
    if re.fullmatch(_TAGGED_IDS, arn):
        return any(
            statement.condition(f"aws:{where}/Project", "StringEquals")
            and statement.condition(f"aws:{where}/Environment", "StringEquals") == (resource.stack,)
            for where in ("ResourceTag", "RequestTag")
        )
    if re.fullmatch(_MAPPINGS, arn):
        return _of_own_functions(resource, statement)
    return is_own(resource, arn) or any(re.fullmatch(form, arn) for form in _IDS)


def is_bounded(resource: Resource, statement: Statement) -> bool:
    """Whether what escalates stays within the stack: its names, and for IAM its boundary too."""
    if any(action.lower().startswith("iam:") for action in statement.actions):
        boundaries = statement.condition("iam:PermissionsBoundary", "StringEquals")
        name = f"goal-mandala-ci-{resource.stack}-boundary"
        if not boundaries or not all(each.endswith(f":policy/{name}") for each in boundaries):
            return False
    return _of_own_functions(resource, statement) or all(
        is_own(resource, arn) for arn in statement.resources
    )


def _of_own_functions(resource: Resource, statement: Statement) -> bool:
    functions = statement.condition("lambda:FunctionArn", "ArnLike", "ArnEquals", "StringEquals")
    return bool(functions) and all(is_own(resource, arn) for arn in functions)


def trust_problems(resource: Resource, allowed: list[Statement]) -> Iterator[str]:
    """One repository's jobs, in environments of this stack, and nobody else."""
    for statement in allowed:
        if statement.actions != ("sts:AssumeRoleWithWebIdentity",):
            yield f"{', '.join(statement.actions)}: only sts:AssumeRoleWithWebIdentity"
        for kind, who in statement.principals:
            if kind != "Federated" or not who.endswith(f":oidc-provider/{_ISSUER}"):
                yield f"{kind} {who} may assume it: only {_ISSUER}"
        if statement.condition(f"{_ISSUER}:aud", "StringEquals") != ("sts.amazonaws.com",):
            yield "tokens for another audience than sts.amazonaws.com are taken"
        subjects = statement.condition(f"{_ISSUER}:sub", "StringEquals")
        environment = rf"environment:{resource.stack}(-[a-z]+)?"
        for subject in subjects:
            if not re.fullmatch(rf"repo:[\w.@-]+/[\w.@-]+:{environment}", subject):
                yield f"{subject}: not an environment {resource.stack} of one repository"
        if not subjects:
            yield "any repository's tokens are taken: no StringEquals on their subject"

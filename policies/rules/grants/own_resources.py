"""Grants: on resources of this stack only, and enough for what a role's holder does."""

import re
from collections.abc import Iterator
from typing import Any

from policies import deployment_program, operators
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.definitions import State, tasks
from policies.stack.documents import Statement, identity_statements, resource_statements
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.roles import grants_of, policies_of, role_of

_ALLOWED_ARNS = (
    r"arn:aws:bedrock:[a-z0-9-]*::foundation-model/.+",  # AWS's; in any region for global.
    r"arn:aws:bedrock:REGION:ACCOUNT:inference-profile/.+",  # AWS's, in every account
    r"arn:aws:bedrock:REGION:ACCOUNT:application-inference-profile/.+",  # configured
    r"arn:aws:bedrock:REGION:ACCOUNT:guardrail/[a-z0-9]+",  # AWS chooses its id
    r"arn:aws:ec2:REGION:ACCOUNT:(network-interface/\*|subnet/.+|security-group/.+)",  # configured
    r"arn:aws:apigateway:REGION::/apis",  # the list of APIs, in which an operator finds the stack's
    r"arn:aws:servicequotas:REGION:ACCOUNT:lambda/L-B99A9384",  # AWS's: concurrent executions
    r"arn:aws:kms:REGION:ACCOUNT:key/\*",  # iam-no-wildcard-resource wants a condition on its alias
)
"""ARNs that a grant may name though the stack declares no such resource."""

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""(AWS Step Functions Developer Guide: using CloudWatch Logs to log execution history)"""


@stack_policy(
    "stack-grants-its-own",
    risk="A grant names a resource outside this stack, such as another environment's table.",
    fix="Name resources of this stack, in its account and region.",
    source="design: Known before it exists; NIST 800-53 AC-6",
)
def grants_its_own(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every ARN in a document is a resource of this stack.

    Programs other than the workflow may also name the workflow's resources in the same environment,
    which its stack exports.
    """
    for permission in graph.of(resource_types.PERMISSION):
        arn = permission.read("sourceArn")
        if isinstance(arn, str) and not _is_of_stack(graph, arn) and ":execute-api:" not in arn:
            yield permission, f"{arn} is not of this stack"
    for resource in graph.resources:
        identity = list(identity_statements(resource))
        for statement in [*identity, *resource_statements(resource)]:
            sources = statement.condition("aws:SourceArn", "ArnEquals", "StringEquals")
            for arn in [*statement.resources, *sources]:
                is_known = (
                    _is_of_stack(graph, operators.restored_from(resource, arn) or arn)
                    or deployment_program.may_name(resource, arn)
                    or operators.are_by_tags_of_stack(resource, arn, statement)
                )
                if statement.allows and arn != "*" and not is_known:
                    yield resource, f"{arn} is not of this stack"


def _is_of_stack(graph: ResourceGraph, arn: str) -> bool:
    for form in _ALLOWED_ARNS:
        if re.fullmatch(
            form.replace("REGION", graph.region).replace("ACCOUNT", graph.account), arn
        ):
            return True
    table, _, index = arn.partition("/index/")
    if index:
        indexes: Any = table in graph.arns and graph.arns[table].read("globalSecondaryIndexes")
        return any(each["name"] == index for each in indexes or ())
    if arn.startswith("arn:aws:s3:::"):  # a bucket, or objects of one
        return arn.partition("/")[0] in graph.arns
    whole = (
        arn.removesuffix("/backup/*")
        .removesuffix("-??????")
        .removesuffix(":*")
        .replace(":execution:", ":stateMachine:")
    )
    return whole in graph.arns


@stack_policy(
    "stack-roles-suffice",
    risk="A state machine or function is refused a call that its definition or settings make.",
    fix="Grant the role the action on exactly that resource.",
    source="Step Functions Developer Guide: IAM policies for integrated services; AWS Lambda:"
    " execution role; aws-traps: IAM",
)
def roles_suffice(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Roles allow what definitions call, and what logs, traces and VPCs need."""
    for holder in graph.of(resource_types.FUNCTION, resource_types.MACHINE):
        role = role_of(graph, holder)
        if role is None:
            continue
        policy = next(iter(policies_of(graph, role)), role)
        for action, arn in _needed(graph, holder):
            if not may(graph, role, action, arn):
                yield policy, f"{holder.name} needs {action} on {arn}"


def may(graph: ResourceGraph, role: Resource, action: str, arn: str) -> bool:
    """Whether a role is allowed an action on an ARN."""
    return any(_covers(each, action, arn) for each in grants_of(graph, role))


def _covers(statement: Statement, action: str, arn: str) -> bool:
    return action.lower() in map(str.lower, statement.actions) and (
        arn in statement.resources or "*" in statement.resources
    )


def _needed(graph: ResourceGraph, holder: Resource) -> Iterator[tuple[str, str]]:
    """(action, ARN) that a function or state machine needs."""
    if any(holder.given(each) for each in ("tracingConfig", "tracingConfiguration")):
        yield "xray:PutTraceSegments", "*"
    if holder.type == resource_types.FUNCTION:
        yield from _needed_by_function(graph, holder)
    else:
        if holder.given("loggingConfiguration"):
            yield from ((action, "*") for action in _LOG_DELIVERY)
        yield from (_call(graph, state) for state in tasks(holder))


def _needed_by_function(graph: ResourceGraph, function: Resource) -> Iterator[tuple[str, str]]:
    group = graph.named(resource_types.LOG_GROUP, f"/aws/lambda/{function.read('name')}")
    if group:
        yield "logs:PutLogEvents", f"{graph.arn(group)}:*"
    if function.read("vpcConfig", "subnetIds"):  # empty for a function outside a VPC
        interfaces = f"arn:aws:ec2:{graph.region}:{graph.account}:network-interface/*"
        yield "ec2:DescribeNetworkInterfaces", "*"
        yield "ec2:CreateNetworkInterface", interfaces
        yield "ec2:DeleteNetworkInterface", interfaces
    role = role_of(graph, function)
    for statement in grants_of(graph, role) if role else ():
        for arn in statement.resources:
            profile = re.fullmatch(r"arn:aws:bedrock:.+:inference-profile/[a-z]+\.(.+)", arn)
            if profile:
                model = f"arn:aws:bedrock:{graph.region}::foundation-model/{profile[1]}"
                yield "bedrock:InvokeModel", model


def _call(graph: ResourceGraph, state: State) -> tuple[str, str]:
    """(action, ARN) of a Task."""
    if state.action == "lambda:InvokeFunction":
        return state.action, state.target
    arguments: Any = state.body.get("Arguments") or state.body.get("Parameters") or {}
    table = graph.named(resource_types.TABLE, arguments.get("TableName"))
    arn = graph.arn(table) if table else arguments.get("TopicArn") or arguments.get("QueueUrl")
    return state.action, str(arn or "*")

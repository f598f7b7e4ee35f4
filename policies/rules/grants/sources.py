"""On whose behalf a service acts: this account's, and resources that the stack declares."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies import deployment_program, operators
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.documents import (
    Statement,
    identity_statements,
    resource_statements,
    statements,
    trust_documents,
)
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.resource_policies import NO_SOURCE_FOR_KEYS
from policies.stack.roles import role_of

_ACCOUNT_KEYS = ("aws:principalaccount", "aws:resourceaccount", "aws:sourceaccount")
_LOG_CONTEXT = "kms:encryptioncontext:aws:logs:arn"
_ARN_OPERATORS = ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
_SERVICES_IN_ARNS = {"apigateway": "execute-api"}


@stack_policy(
    "access-own-source",
    risk="A service acts for another account or another resource, or is refused what it does for"
    " this stack.",
    fix="Give aws:SourceAccount this account, and aws:SourceArn the ARN of a declared resource"
    " (a machine's with and without a version); * may end a name that begins with the stack's.",
    source="AWS IAM User Guide: the confused deputy problem; Security Hub SNS.4, SQS.3",
)
def own_source(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Conditions name this account, this region and declared resources."""
    for resource in graph.resources:
        for statement in _all_statements(resource):
            # access-no-open-principal refuses everybody; a topic's output may be SNS's default.
            if statement.allows and "*" not in dict(statement.principals).values():
                for problem in _problems(graph, resource, statement):
                    yield resource, problem
        for statement in resource_statements(resource):
            for service in _for_any_resource(resource, statement):
                yield resource, f"{service} may act for any resource of this account: no SourceArn"
    for machine in graph.of(resource_types.MACHINE):
        if role := role_of(graph, machine):
            for arn in _not_trusted(graph, machine, role):
                yield role, f"aws:SourceArn of its trust does not match {arn}, which has the role"


def _for_any_resource(resource: Resource, statement: Statement) -> Iterator[str]:
    """The services of an Allow that names this account as the source, and none of its resources."""
    keys = {key for _, key, _ in statement.conditions}
    if statement.allows and "aws:sourceaccount" in keys and "aws:sourcearn" not in keys:
        for kind, name in statement.principals:
            is_open = resource.type == resource_types.KEY and name in NO_SOURCE_FOR_KEYS
            if kind == "Service" and not is_open:
                yield name


def _not_trusted(graph: ResourceGraph, machine: Resource, role: Resource) -> Iterator[str]:
    """The machine and its versions, as far as the SourceArn of the role's trust leaves them out."""
    patterns = [
        value
        for document in trust_documents(role)
        for statement in statements(document)
        for value in statement.condition("aws:SourceArn", *_ARN_OPERATORS)
    ]
    for arn in (str(graph.arn(machine)), f"{graph.arn(machine)}:1"):
        if patterns and not any(fnmatchcase(arn, pattern) for pattern in patterns):
            yield arn


def _all_statements(resource: Resource) -> Iterator[Statement]:
    yield from identity_statements(resource)
    yield from resource_statements(resource)
    for document in trust_documents(resource):
        yield from statements(document)


def _problems(graph: ResourceGraph, resource: Resource, statement: Statement) -> Iterator[str]:
    for operator, key, values in statement.conditions:
        for value in values:
            where = f"{operator} {key} {value}"
            if key in _ACCOUNT_KEYS:
                if operator not in ("StringEquals", "StringLike") or value != graph.account:
                    yield f"{where}: only StringEquals {graph.account} is this account"
            elif key in ("aws:sourcearn", _LOG_CONTEXT):
                if operator not in _ARN_OPERATORS or not _is_declared(graph, resource, value):
                    yield f"{where}: it names nothing that this stack declares"
            elif key == "aws:requestedregion":
                if operator != "StringEquals" or value != graph.region:
                    yield f"{where}: only StringEquals {graph.region} is this region"
            elif key == "aws:securetransport":
                if not operator.startswith("Bool") or value != "true":
                    yield f"{where}: it allows requests without TLS only"
            elif operators.has_condition(resource, key, statement):
                continue
            elif key.startswith("aws:") and not deployment_program.declares(resource):
                yield f"{where}: the pack does not know whether the condition ever holds"


def _is_declared(graph: ResourceGraph, resource: Resource, arn: str) -> bool:
    if deployment_program.may_name(resource, arn):
        return True
    whole = arn.removesuffix(":*")
    if not {"*", "?"} & set(whole):
        return whole in graph.arns
    prefix, _, rest = arn.partition("*")
    name = prefix.removeprefix(f"arn:aws:{arn.split(':')[2]}:{graph.region}:{graph.account}:")
    has_stack = re.search(rf"[-_/:.]{re.escape(resource.stack)}[-_/:.]$", name)
    return (
        not rest
        and name != prefix
        and has_stack is not None
        and any(each.startswith(prefix) for each in graph.arns)
    )


@stack_policy(
    "access-own-invoker",
    risk="Another account's API, whose owner writes the token's claims, invokes a function; or an"
    " API of this account that asks for no token.",
    fix="Make source_arn from the execution_arn of an API of this stack, or the ARN of its rule or"
    " topic; the ARN is of the principal's service.",
    source="AWS Lambda Developer Guide: resource-based policies; Security Hub Lambda.1",
)
def own_invoker(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A permission is for an API that the stack declares, or for a source of its service."""
    for permission in graph.of(resource_types.PERMISSION):
        principal = str(permission.read("principal"))
        service = principal.partition(".")[0]
        arn = permission.read("sourceArn")
        account = permission.read("sourceAccount")
        if account not in (None, graph.account):
            yield permission, f"its sourceAccount is {account}, not {graph.account}"
        for name in ("eventSourceToken", "functionUrlAuthType", "principalOrgId"):
            if permission.read(name) is not None:
                yield permission, f"{name} lets in others than a resource of this stack"
        if service == "apigateway":
            api = graph.source(permission, "sourceArn", resource_types.API)
            execution = api.read("executionArn") if api else None
            if api is None or (isinstance(arn, str) and not arn.startswith(f"{execution}/")):
                yield permission, f"its sourceArn {arn} is of no API of this stack"
        elif not isinstance(arn, str):
            yield permission, f"its sourceArn is not known, and {principal} is no API"
        elif arn.split(":")[2:3] != [_SERVICES_IN_ARNS.get(service, service)]:
            yield permission, f"{principal} does not act for {arn}"

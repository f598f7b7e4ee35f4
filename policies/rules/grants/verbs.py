"""Which actions are granted: those that work with data, and no secret beside the model."""

from collections.abc import Iterator

from policies import deployment_program, operators
from policies.policy import stack_policy
from policies.rules.grants import data_plane
from policies.stack import resource_types
from policies.stack.documents import Statement, identity_statements, resource_statements
from policies.stack.resource_graph import Resource, ResourceGraph, strings
from policies.stack.roles import grants_of, holders_of, policies_of, roles_granted

_LOG_DELIVERY = frozenset(
    {
        "logs:createlogdelivery",
        "logs:deletelogdelivery",
        "logs:putresourcepolicy",
        "logs:updatelogdelivery",
    }
)
"""(AWS Step Functions Developer Guide: using CloudWatch Logs to log execution history)"""

_NETWORK_INTERFACES = frozenset(
    {
        "ec2:assignprivateipaddresses",
        "ec2:createnetworkinterface",
        "ec2:deletenetworkinterface",
        "ec2:unassignprivateipaddresses",
    }
)
"""(AWS Lambda Developer Guide: VPC, execution role permissions)"""

_BACKUPS = frozenset(
    {
        "dynamodb:createbackup",
        "dynamodb:deletebackup",
        "dynamodb:startawsbackupjob",
    }
)
"""(AWS Backup Developer Guide: customer managed policies, DynamoDB)"""

_CALLS_OF_A_MODEL = ("invoke", "converse", "retrieveandgenerate", "createmodelinvocationjob")
"""How Bedrock's actions begin whose answer is a model's text."""

_SECRETS = frozenset({"secretsmanager:batchgetsecretvalue", "secretsmanager:getsecretvalue"})
_PARAMETERS = frozenset(
    {
        "ssm:getparameter",
        "ssm:getparameterhistory",
        "ssm:getparameters",
        "ssm:getparametersbypath",
    }
)


@stack_policy(
    "grants-data-plane-only",
    risk="Whoever takes over a function deletes a table, reads a secret through a policy of its"
    " own, or switches a log off.",
    fix="Grant actions on data only; let CI's role change resources, or the operators' role `act`.",
    source="AWS Service Authorization Reference: access levels; NIST 800-53 AC-6",
)
def data_plane_only(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Roles, and the principals of resource policies, may only work with data."""
    root = {graph.account, f"arn:aws:iam::{graph.account}:root"}
    for resource in graph.resources:
        if deployment_program.declares(resource):
            continue
        needed = _needed_by_services(graph, resource)
        for statement in identity_statements(resource):
            for action in statement.actions if statement.allows else ():
                problem = data_plane.problem(action)
                if problem and action.lower() not in needed:
                    yield resource, f"{action} on {', '.join(statement.resources)}: {problem}"
        for statement in resource_statements(resource):
            names = {name for _, name in statement.principals}
            is_key_of_account = resource.type == resource_types.KEY and names <= root
            # access-no-open-principal refuses everybody; a topic's output may be SNS's default.
            is_judged = statement.allows and not is_key_of_account and "*" not in names
            for action in statement.actions if is_judged else ():
                if problem := data_plane.problem(action):
                    yield resource, f"{action} is allowed to {', '.join(sorted(names))}: {problem}"


def _needed_by_services(graph: ResourceGraph, policy: Resource) -> frozenset[str]:
    """Actions beyond data that AWS needs on behalf of the role's holders, or an operator needs."""
    holders = [each for role in roles_granted(graph, policy) for each in holders_of(graph, role)]
    needed = frozenset[str]()
    if operators.kinds_granted(graph, policy) == {operators.ACT}:
        needed |= operators.CHANGES | {operators.CREATE_GRANT}
    if any(each.type == resource_types.MACHINE for each in holders):
        needed |= _LOG_DELIVERY
    if any(each.type == resource_types.BACKUP_SELECTION for each in holders):
        needed |= _BACKUPS
    if any(
        each.type == resource_types.FUNCTION and each.read("vpcConfig", "subnetIds")
        for each in holders
    ):
        needed |= _NETWORK_INTERFACES
    return needed


@stack_policy(
    "grants-no-secret-beside-model",
    risk="A user's text talks the model into an answer that takes over the function, and the"
    " function may read a password.",
    fix="Read the secret in another function; a parameter for a prompt is of type String.",
    source="design: Functions, task-generation; OWASP LLM01:2025, LLM02:2025",
)
def no_secret_beside_model(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A role that may call a model may read no secret."""
    for role in graph.of(resource_types.ROLE):
        if deployment_program.declares(role):
            continue
        grants = grants_of(graph, role)
        if not any(_calls_model(action) for each in grants for action in each.actions):
            continue
        where = next(iter(policies_of(graph, role)), role)
        for statement in grants:
            for action, arn in _secrets_read(graph, statement):
                yield where, f"{role.name} may call a model and {action} on {arn}"
        for function in holders_of(graph, role):
            named = graph.source(function, "environment", resource_types.SECRET)
            texts = (text for _, text in strings(function.read("environment")))
            if named or any(":secret:" in text for text in texts):
                yield function, "its environment names a secret, and its role may call a model"
        principal = ("AWS", str(graph.arn(role)))
        for resource in graph.resources:
            for statement in resource_statements(resource):
                if statement.allows and principal in statement.principals:
                    for action, _ in _secrets_read(graph, statement):
                        yield resource, f"it allows {action} to {role.name}, which may call a model"


def _calls_model(action: str) -> bool:
    service, _, name = action.lower().partition(":")
    return service == "bedrock" and name.startswith(_CALLS_OF_A_MODEL)


def _secrets_read(graph: ResourceGraph, statement: Statement) -> Iterator[tuple[str, str]]:
    for action in statement.actions:
        for arn in statement.resources:
            parameter = graph.arns.get(arn)
            is_plain = parameter is not None and parameter.read("type") in ("String", "StringList")
            if action.lower() in _SECRETS or (action.lower() in _PARAMETERS and not is_plain):
                yield action, arn

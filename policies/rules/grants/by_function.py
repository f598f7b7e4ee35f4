"""What each function of the workflow may do: the design's table, and nothing else."""

from collections.abc import Iterator

from policies import deployment_program, operators
from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.grants.backup_calls import OF_BACKUPS
from policies.stack import resource_types
from policies.stack.definitions import tasks
from policies.stack.documents import Statement, identity_statements
from policies.stack.invocations import function_at, invoked_function
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.roles import grants_of, holders_of, policies_of

_ANY = frozenset(
    {
        "bedrock:applyguardrail",
        "cloudwatch:putmetricdata",
        "dynamodb:batchgetitem",
        "dynamodb:conditioncheckitem",
        "dynamodb:getitem",
        "dynamodb:query",
        "secretsmanager:getsecretvalue",  # which secret: _SECRETS
        "sqs:getqueueurl",
        "ssm:getparameter",
        "ssm:getparameters",
        "states:describeexecution",
    }
)
"""Reads, and metrics of its own, that any function may have on a resource of the stack."""

_OF_LAMBDA = ("ec2:", "kms:", "logs:create", "logs:put", "xray:")
"""How actions begin that Lambda needs for its log, trace, key and network; grants-data-plane-only
judges them."""

BY_FUNCTION = {
    "slack-notifier": {
        "cloudwatch:describealarms",
        "dynamodb:putitem",
        "sqs:changemessagevisibility",
        "sqs:deletemessage",
        "sqs:getqueueattributes",
        "sqs:receivemessage",
        "sqs:sendmessage",
    },
    "task-generation": {
        "bedrock:invokemodel",
        "bedrock:invokemodelwithresponsestream",
        "dynamodb:putitem",
        "dynamodb:updateitem",
    },
    "workflow-archive": {
        "dynamodb:updateitem",
        "s3:getobject",
        "s3:putobject",
        "sqs:sendmessage",
    },
    "workflow-cancel": {"dynamodb:updateitem", "states:stopexecution"},
    "workflow-finish": {"dynamodb:updateitem"},
    "workflow-prepare": {"dynamodb:deleteitem", "dynamodb:putitem", "dynamodb:updateitem"},
    "workflow-reconcile": {"dynamodb:updateitem", "sns:publish", "sqs:sendmessage"},
    "workflow-save-batch": {"dynamodb:updateitem"},
    "workflow-start": {"dynamodb:putitem", "dynamodb:updateitem", "states:startexecution"},
    "workflow-status": set[str](),
}
"""Function -> what else it may do (design: Functions)."""

_LISTED_ONLY = frozenset[str]().union(*BY_FUNCTION.values()) - {
    *("sqs:changemessagevisibility", "sqs:deletemessage", "sqs:getqueueattributes"),
    *("sqs:receivemessage", "sqs:sendmessage"),
}
"""What a function may do only by its line: to change the table or the archive, to call the model,
to start, end or announce executions. A new function may have queues of its own."""

_DATABASE = frozenset(BY_FUNCTION) - {
    "slack-notifier",
    "task-generation",
    "workflow-archive",
    "workflow-status",
}
_SECRETS = {
    "database-url": _DATABASE,
    "jwt-secret": frozenset({"workflow-status"}),
    "slack-webhook": frozenset({"slack-notifier"}),
}
"""End of a secret's name -> the listed functions that may read it."""


@stack_policy(
    "grants-by-function",
    risk="A function that is taken over writes, deletes or calls what it never needed.",
    fix="Remove the action or secret; or, with the reason, add it to the function's line in"
    " policies/rules/grants/by_function.py: a new function needs a line to do more than read.",
    source="design: Functions; guide: IAM権限の最小化; NIST 800-53 AC-6",
)
def by_function(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Functions have the actions and secrets of their lines; machine and backups what they call."""
    for role in graph.of(resource_types.ROLE):
        if role.project != WORKFLOW or deployment_program.declares(role):
            continue
        where = next(iter(policies_of(graph, role)), role)
        for holder in holders_of(graph, role):
            if holder.type not in _JUDGED:
                continue
            name = _name(holder)
            for statement in grants_of(graph, role):
                for problem in _problems(statement, name, _refused(holder, name, statement)):
                    yield where, f"{holder.name} {problem}"


_JUDGED = (resource_types.FUNCTION, resource_types.MACHINE, resource_types.BACKUP_SELECTION)


def _name(holder: Resource) -> str:
    """A function's name in the tables; empty for the machine and for backups."""
    if holder.type != resource_types.FUNCTION:
        return ""
    return str(holder.read("name")).removeprefix(f"{holder.project}-{holder.stack}-")


def _refused(holder: Resource, name: str, statement: Statement) -> frozenset[str]:
    """The actions of a statement that its holder may not do."""
    actions = frozenset(map(str.lower, statement.actions))
    if holder.type == resource_types.MACHINE:
        called = {state.action.lower() for state in tasks(holder)}
        return frozenset(
            each for each in actions - called if not each.startswith((*_OF_LAMBDA, "logs:"))
        )
    if holder.type == resource_types.BACKUP_SELECTION:
        return frozenset(each for each in actions - OF_BACKUPS if not each.startswith("kms:"))
    if name not in BY_FUNCTION:
        return actions & _LISTED_ONLY
    listed = _ANY | BY_FUNCTION[name]
    return frozenset(each for each in actions - listed if not each.startswith(_OF_LAMBDA))


def _problems(statement: Statement, name: str, refused: frozenset[str]) -> Iterator[str]:
    arns = ", ".join(statement.resources)
    for action in map(str.lower, statement.actions):
        if action in refused:
            why = "it is not in its list" if name in BY_FUNCTION or not name else "it has no list"
            yield f"may not do {action} on {arns}: {why}"
        if action == "secretsmanager:getsecretvalue":
            for arn in statement.resources:
                secret = arn.removesuffix("-??????")
                for end, readers in _SECRETS.items():
                    if secret.endswith(f"-{end}") and name not in readers:
                        yield f"may not read {arn}: {', '.join(sorted(readers))} may"


@stack_policy(
    "grants-no-invented-claims",
    risk="A role calls a function behind the API directly, with claims of any user that it likes.",
    fix="Call the API with a user's token; grant lambda:InvokeFunction on no function behind it,"
    " except to the operators' role `act` on workflow-start, for retries.",
    source="design: HTTP API; Invariants, 7; OWASP API1:2023",
)
def no_invented_claims(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """No role may invoke a function that trusts the API's claims."""
    behind = {
        function.urn
        for integration in graph.of(resource_types.INTEGRATION)
        if (function := invoked_function(graph, integration, "integrationUri"))
    }
    for resource in graph.resources:
        for statement in identity_statements(resource):
            invokes = "lambda:invokefunction" in map(str.lower, statement.actions)
            for arn in statement.resources if statement.allows and invokes else ():
                function = function_at(graph, arn)
                is_retry = (
                    operators.kind_granted(resource) == operators.ACT
                    and function is not None
                    and str(function.read("name")).endswith(f"-{operators.RETRIED_BY}")
                )
                if function and function.urn in behind and not is_retry:
                    yield resource, f"it allows to invoke {function.name}, which trusts its event"

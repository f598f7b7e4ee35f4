"""What functions, the machine and AWS Backup have to be allowed, for their calls and AWS's."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

from policies import deployment_program, operators
from policies.conventions import ARCHIVER, WORKFLOW
from policies.policy import stack_policy
from policies.rules.expected.entries import SECRETS, VARIABLES, entry_of
from policies.rules.grants.backup_calls import calls_of_backups
from policies.stack import resource_types
from policies.stack.alarm_rules import RuleError, parse_rule
from policies.stack.definitions import tasks
from policies.stack.documents import Statement
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.roles import grants_of, holders_of, policies_of, role_of

Call = tuple[str, str]
"""An action, and the ARN that it is on."""

ITEMS: Mapping[str, tuple[str, ...]] = {
    "slack-notifier": ("GetItem", "PutItem"),
    "task-generation": ("PutItem", "Query", "UpdateItem"),
    "workflow-archive": ("Query", "UpdateItem"),
    "workflow-cancel": ("GetItem", "Query", "UpdateItem"),
    "workflow-finish": ("GetItem", "Query", "UpdateItem"),
    "workflow-prepare": ("PutItem", "UpdateItem"),
    "workflow-reconcile": ("GetItem", "Query", "UpdateItem"),
    "workflow-save-batch": ("BatchGetItem", "UpdateItem"),
    "workflow-start": ("GetItem", "PutItem", "Query", "UpdateItem"),
    "workflow-status": ("Query",),
}
"""Function -> what it does with items of the table (components/iam/function_policies.py)."""

ADMISSION = ("DeleteItem", "GetItem", "Query")
"""What workflow-prepare does besides where executions wait for their turn."""

_EXECUTIONS: Mapping[str, tuple[str, ...]] = {
    "workflow-cancel": ("StopExecution",),
    "workflow-reconcile": ("DescribeExecution",),
    "workflow-start": ("DescribeExecution",),
}
"""Function -> what it does with executions (docs/grants.md: recorded calls)."""

_STARTS, _QUERIES_INDEXES, _READS_ALARMS = "workflow-start", "workflow-status", "slack-notifier"
_ARCHIVED_MONTHS, _ARCHIVED_OBJECTS = "month-index", "executions/*"

_ENVELOPE = (
    *("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
    *("kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
)
"""(Amazon DynamoDB Developer Guide: encryption at rest, authorizing use of the key)"""

_BY_SERVICE: Mapping[str, tuple[str, ...]] = {
    "dynamodb": _ENVELOPE,
    "lambda": ("kms:Decrypt",),  # the environment of a function
    "s3": ("kms:Decrypt", "kms:GenerateDataKey"),
    "secretsmanager": ("kms:Decrypt",),
    "sns": ("kms:Decrypt", "kms:GenerateDataKey"),
    "sqs": ("kms:Decrypt", "kms:GenerateDataKey"),
}
"""Service that a role calls -> what it needs on the stack's key, through the service."""


_HOLDERS = (resource_types.FUNCTION, resource_types.MACHINE, resource_types.BACKUP_SELECTION)


@stack_policy(
    "grants-needed",
    risk="A function, the state machine or AWS Backup is refused a call, at its first use in"
    " production.",
    fix="Grant the role the action on exactly that resource.",
    source="docs/grants.md: recorded calls; the guides of AWS's services that it names",
)
def needed(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """The roles of the workflow's functions, machine and backups allow all their calls."""
    for holder in graph.of(*_HOLDERS):
        role = role_of(graph, holder)
        if holder.project != WORKFLOW or role is None or deployment_program.declares(holder):
            continue
        if holder.type == resource_types.MACHINE:
            calls = list(_calls_of_machine(graph, holder))
        elif holder.type == resource_types.BACKUP_SELECTION:
            calls = list(calls_of_backups(holder))
        else:
            name = entry_of(holder.read("name"), holder.project, holder.stack)
            calls = list(_calls_of_function(graph, holder, name)) if name else []
        where = next(iter(policies_of(graph, role)), role)
        grants = grants_of(graph, role)
        for action, arn in calls:
            if not any(_allows(each, action, arn) for each in grants):
                yield where, f"{holder.name} needs {action} on {arn}"


def _allows(statement: Statement, action: str, arn: str) -> bool:
    actions = {each.lower() for each in statement.actions}
    return action.lower() in actions and any(
        fnmatchcase(arn, pattern) for pattern in statement.resources
    )


@stack_policy(
    "grants-key-by-service",
    risk="An allowed call fails, because DynamoDB or another service may not use the key for it; or"
    " a role that is taken over encrypts and decrypts more than its calls need.",
    fix="Through each service (kms:ViaService) grant what its guide asks of callers, no more: "
    + "; ".join(f"{service}: {', '.join(each)}" for service, each in _BY_SERVICE.items())
    + ".",
    source="Amazon DynamoDB, S3, SNS, SQS and Secrets Manager guides: key management; NIST 800-53"
    " AC-6",
)
def key_by_service(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Roles may do on the key, through a service, what the service needs of them."""
    for role in graph.of(resource_types.ROLE):
        # What people's commands take of the key follows from each command, not from the service:
        # tests/workflow/test_least_privilege.py runs them.
        if role.project != WORKFLOW or operators.kind_of(role):
            continue
        where = next(iter(policies_of(graph, role)), role)
        grants = grants_of(graph, role)
        called = {action.partition(":")[0] for each in grants for action in each.actions}
        is_function = any(h.type == resource_types.FUNCTION for h in holders_of(graph, role))
        called = called | {"lambda"} if is_function else called - {"lambda"}
        for service in sorted(set(_BY_SERVICE)):
            granted = _through(graph, grants, service)
            needed = {*_BY_SERVICE[service]} if service in called else set[str]()
            for action in sorted(needed - granted):
                yield where, f"{role.name} needs {action} on the stack's key through {service}"
            for action in sorted(granted - {*_BY_SERVICE[service]}):
                yield where, f"{role.name} needs no {action} through {service}"


def _through(graph: ResourceGraph, grants: list[Statement], service: str) -> set[str]:
    """What is allowed on the stack's key through a service."""
    return {
        action
        for each in grants
        if f"{service}.{graph.region}.amazonaws.com"
        in each.condition("kms:ViaService", "StringEquals")
        for action in each.actions
        if action.startswith("kms:")
    }


def _calls_of_function(graph: ResourceGraph, function: Resource, name: str) -> Iterator[Call]:
    told = {
        variable: str(function.read("environment", "variables", variable))
        for variable in VARIABLES[name]
    }

    def arn(service: str, rest: str) -> str:
        return f"arn:aws:{service}:{graph.region}:{graph.account}:{rest}"

    group = arn("logs", f"log-group:/aws/lambda/{function.read('name')}:*")
    yield from (("logs:CreateLogStream", group), ("logs:PutLogEvents", group))
    yield from (("xray:PutTelemetryRecords", "*"), ("xray:PutTraceSegments", "*"))
    table = arn("dynamodb", f"table/{told['TABLE_NAME']}")
    yield from ((f"dynamodb:{action}", table) for action in ITEMS[name])
    if name == "workflow-prepare" and told["MODEL_BUDGET_PER_MINUTE"] != "0":
        yield from ((f"dynamodb:{action}", table) for action in ADMISSION)
    if name == _QUERIES_INDEXES:
        declared = graph.arns.get(table)
        for index in declared.items("globalSecondaryIndexes") if declared else ():
            yield "dynamodb:Query", f"{table}/index/{index['name']}"
    for variable in sorted(VARIABLES[name] & set(SECRETS)):
        secret = f"{function.project}-{function.stack}-{SECRETS[variable]}"
        yield "secretsmanager:GetSecretValue", arn("secretsmanager", f"secret:{secret}-??????")
    machine = told.get("STATE_MACHINE_ARN", "").rpartition(":")[0]
    executions = f"{machine.replace(':stateMachine:', ':execution:')}:*"
    yield from ((f"states:{action}", executions) for action in _EXECUTIONS.get(name, ()))
    if name == _STARTS:
        yield "states:StartExecution", machine
    if "NOTIFICATIONS_TOPIC_ARN" in told:
        yield "sns:Publish", told["NOTIFICATIONS_TOPIC_ARN"]
    if name == ARCHIVER:
        yield "dynamodb:Query", f"{table}/index/{_ARCHIVED_MONTHS}"
        objects = f"arn:aws:s3:::{told['ARCHIVE_BUCKET']}/{_ARCHIVED_OBJECTS}"
        yield from (("s3:GetObject", objects), ("s3:PutObject", objects))
    yield from _calls_of_notifier(graph, name, told)
    yield from _failures(graph, function)
    yield from _network(graph, function)


def _calls_of_notifier(graph: ResourceGraph, name: str, told: Mapping[str, str]) -> Iterator[Call]:
    """Its queues, and the alarms behind composite ones, whose states it shows."""
    if name != _READS_ALARMS:
        return
    for variable, action in (
        ("SLACK_QUEUE_URL", "sqs:ChangeMessageVisibility"),
        ("SLACK_DEAD_LETTERS_URL", "sqs:SendMessage"),
    ):
        queue = told[variable].rpartition("/")[2]
        yield action, f"arn:aws:sqs:{graph.region}:{graph.account}:{queue}"
    metric_alarms = {each.read("name"): each for each in graph.of(resource_types.ALARM)}
    for composite in graph.of(resource_types.COMPOSITE_ALARM):
        try:
            conditions = parse_rule(str(composite.read("alarmRule"))).conditions
        except RuleError:
            continue  # observability-composite-alarm reports it
        for state, child in conditions:
            if state == "ALARM" and child in metric_alarms:
                yield "cloudwatch:DescribeAlarms", str(graph.arn(metric_alarms[child]))


def _failures(graph: ResourceGraph, function: Resource) -> Iterator[Call]:
    """The queue to which Lambda sends, with the function's role, the events that it failed on."""
    for config in graph.of(resource_types.INVOKE_CONFIG):
        if config.read("functionName") == function.read("name"):
            queue = graph.source(config, "destinationConfig", resource_types.QUEUE)
            if queue is not None:
                yield "sqs:SendMessage", str(graph.arn(queue))


def _network(graph: ResourceGraph, function: Resource) -> Iterator[Call]:
    """(AWS Lambda Developer Guide: giving functions access to resources in a VPC)"""
    subnets, groups = (
        function.items("vpcConfig", name) for name in ("subnetIds", "securityGroupIds")
    )
    if not subnets:
        return
    ec2 = f"arn:aws:ec2:{graph.region}:{graph.account}"
    for action in ("AssignPrivateIpAddresses", "DeleteNetworkInterface", "CreateNetworkInterface"):
        yield f"ec2:{action}", f"{ec2}:network-interface/*"
    yield "ec2:UnassignPrivateIpAddresses", f"{ec2}:network-interface/*"
    yield from (("ec2:CreateNetworkInterface", f"{ec2}:subnet/{each}") for each in subnets)
    yield from (("ec2:CreateNetworkInterface", f"{ec2}:security-group/{each}") for each in groups)
    yield from (("ec2:DescribeNetworkInterfaces", "*"), ("ec2:DescribeSubnets", "*"))


def _calls_of_machine(graph: ResourceGraph, machine: Resource) -> Iterator[Call]:
    for state in tasks(machine):
        if state.action != "lambda:InvokeFunction":  # stack-roles-suffice judges the ARNs
            yield from _service_call(graph, state.action, state.body.get("Arguments"))
    destination = machine.read("loggingConfiguration", "logDestination")
    if isinstance(destination, str):
        group = f"{destination.removesuffix(':*')}:*"
        yield from (("logs:CreateLogStream", group), ("logs:PutLogEvents", group))
    # (AWS Step Functions Developer Guide: IAM policies for AWS X-Ray)
    yield from (("xray:GetSamplingRules", "*"), ("xray:GetSamplingTargets", "*"))
    yield from (("xray:PutTelemetryRecords", "*"), ("xray:PutTraceSegments", "*"))


def _service_call(graph: ResourceGraph, action: str, given: object) -> Iterator[Call]:
    arguments = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    table = graph.named(resource_types.TABLE, arguments.get("TableName"))
    arn = graph.arn(table) if table else arguments.get("TopicArn")
    if isinstance(arn, str):
        yield action, arn

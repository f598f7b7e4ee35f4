"""Calls that AWS's services make for the product, or with its roles, each with the guide for it.

The emulator does not make them. They are derived from the declared resources (a function with a key
decrypts its environment) and from the recorded calls (a role that writes to an encrypted table uses
the table's key).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from checks.least_privilege.calls import Call, Context, context
from checks.least_privilege.key_uses import (
    KeyUse,
    key_uses,
    key_uses_of_role,
    key_uses_of_service,
)
from checks.least_privilege.stack import DeclaredStack
from components.arns import Arn
from components.iam.grants import ENVELOPE_ENCRYPTION, PROFILE_REGIONS
from components.names import Names
from policies import operators
from policies.stack import resource_types
from policies.stack.documents import statements
from policies.stack.resource_graph import Resource

_BACKUP_ROLE = "AWS Backup Developer Guide: IAM service roles"
_BACKUP_POLICY = (
    "AWS Backup Developer Guide: managed policies, customer managed policies (DynamoDB)"
)
_BACKUP_READS = "AWS Backup API Reference: what `python -m ops verify` reads"
_API_LOG = "CloudWatch Logs User Guide: analyzing log data with CloudWatch Logs Insights"
_LAMBDA_LOGS = "Lambda Developer Guide: sending function logs to CloudWatch Logs"
_LAMBDA_TRACES = "Lambda Developer Guide: visualize invocations with X-Ray"
_LAMBDA_ENVIRONMENT = "AWS re:Post: KMS exceptions of Lambda functions"
_LAMBDA_NETWORK = "Lambda Developer Guide: giving functions access to resources in a VPC"
_LAMBDA_ROLE = "Lambda Developer Guide: execution role"
_LAMBDA_DESTINATION = "Lambda Developer Guide: retaining records of asynchronous invocations"
_LAMBDA_QUEUE = "Lambda Developer Guide: using Lambda with Amazon SQS, execution role"
_LAMBDA_VARIABLES = "Lambda API Reference: GetFunctionConfiguration, Environment and its Error"
_STATES_ROLE = "Step Functions Developer Guide: creating an IAM role for your state machine"
_FACTOR = "IAM User Guide: configuring MFA-protected API access"
_STATES_LOGS = "Step Functions Developer Guide: using CloudWatch Logs to log execution history"
_STATES_TRACES = "Step Functions Developer Guide: IAM policies for AWS X-Ray"
_BEDROCK = "Bedrock User Guide: prerequisites for inference profiles"
_EVENTS_TARGET = "EventBridge User Guide: resource-based policies, Lambda permissions"
_EVENTS_QUEUE = "EventBridge User Guide: dead-letter queues, granting permissions"
_LOGS_KEY = "CloudWatch Logs User Guide: encrypt log data using AWS KMS"
_ALARM_TOPIC = "CloudWatch User Guide: notifying users on alarm changes, encrypted topics"

_TOPIC_QUEUE = "SNS Developer Guide: subscribing a queue to a topic, encrypted queues"
_TOPIC_LETTERS = "SNS Developer Guide: dead-letter queues, configuring one for a subscription"
_TOPIC_FUNCTION = "SNS Developer Guide: fanout to Lambda functions"

_RESTORED_ITEMS = "DynamoDB Developer Guide: using IAM with DynamoDB backup and restore"
_RESTORED_TAGS = "DynamoDB API Reference: RestoreTableToPointInTime, what to set up again"
_CREATED_TABLE = KeyUse(
    "dynamodb",
    ("CreateGrant",),
    "DynamoDB Developer Guide: encryption at rest, authorizing use of the key",
)

_LOG_DELIVERY = (
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
)
_ALARM_ACTIONS = ("alarmActions", "okActions", "insufficientDataActions")


def service_calls(stack: DeclaredStack, recorded: Iterable[Call]) -> list[Call]:
    """The calls of AWS's services in a stack; recorded: the calls of its roles."""
    found = [
        call
        for resource in stack.resources
        if resource.type in _BY_TYPE
        for call in _BY_TYPE[resource.type](stack, resource)
    ]
    by_roles = [*recorded, *found]
    found += [each for call in by_roles for each in _other_regions(call)]
    found += [each for call in by_roles for each in key_uses(stack, call)]
    return list(dict.fromkeys(found))


def plain_http(stack: DeclaredStack) -> Iterator[Call]:
    """Calls without TLS, which every topic, queue and bucket has to refuse, whoever makes them."""
    source = "AWS Well-Architected SEC09-BP02"
    actions = {resource_types.TOPIC: "sns:Publish", resource_types.QUEUE: "sqs:SendMessage"}
    for resource in stack.of(*actions):
        yield Call("*", actions[resource.type], str(stack.arn(resource)), source=source)
    for bucket in stack.of(resource_types.BUCKET):
        yield Call("*", "s3:ListBucket", str(stack.arn(bucket)), source=source)
        yield Call("*", "s3:GetObject", f"{stack.arn(bucket)}/any-object", source=source)


def _function(stack: DeclaredStack, function: Resource) -> Iterator[Call]:
    props, role = function.props, _name(function.props["role"])
    service = "lambda.amazonaws.com"
    yield Call(service, "sts:AssumeRole", props["role"], source=_LAMBDA_ROLE)
    yield from _log_writes(stack, role, f"/aws/lambda/{props['name']}", _LAMBDA_LOGS)
    if props.get("tracingConfig", {}).get("mode") == "Active":
        for action in ("PutTelemetryRecords", "PutTraceSegments"):
            yield Call(role, f"xray:{action}", "*", source=_LAMBDA_TRACES)
    if key := stack.key_of(function):
        use = KeyUse("lambda", ("Decrypt",), _LAMBDA_ENVIRONMENT)
        yield from key_uses_of_role(stack, role, key, use)
    if vpc := props.get("vpcConfig"):
        yield from _network(stack, role, vpc["subnetIds"], vpc["securityGroupIds"])


def _network(
    stack: DeclaredStack, role: str, subnets: list[str], groups: list[str]
) -> Iterator[Call]:
    ec2 = f"arn:aws:ec2:{stack.region}:{stack.account}"
    interface = f"{ec2}:network-interface/eni-0"
    joined = [
        *(f"subnet/{each}" for each in subnets),
        *(f"security-group/{each}" for each in groups),
    ]
    resources = {
        "CreateNetworkInterface": [interface, *(f"{ec2}:{each}" for each in joined)],
        "AssignPrivateIpAddresses": [interface],
        "DeleteNetworkInterface": [interface],
        "UnassignPrivateIpAddresses": [interface],
        "DescribeNetworkInterfaces": ["*"],
        "DescribeSubnets": ["*"],
    }
    for action, arns in resources.items():
        for arn in arns:
            yield Call(role, f"ec2:{action}", arn, source=_LAMBDA_NETWORK)


def _machine(stack: DeclaredStack, machine: Resource) -> Iterator[Call]:
    props, role = machine.props, _name(machine.props["roleArn"])
    arn, states = str(stack.arn(machine)), "states.amazonaws.com"
    aliases = [each.props["name"] for each in stack.of(resource_types.MACHINE_ALIAS)]
    for source_arn in (arn, *(f"{arn}:{alias}" for alias in aliases)):
        on_behalf = _on_behalf(stack, source_arn)
        yield Call(states, "sts:AssumeRole", props["roleArn"], on_behalf, _STATES_ROLE)
    if destination := props.get("loggingConfiguration", {}).get("logDestination"):
        for action in _LOG_DELIVERY:
            yield Call(role, f"logs:{action}", "*", source=_STATES_LOGS)
        group = destination.partition(":log-group:")[2].removesuffix(":*")
        yield from _log_writes(stack, role, group, _STATES_LOGS)
    if props.get("tracingConfiguration", {}).get("enabled"):
        actions = ("GetSamplingRules", "GetSamplingTargets")
        for action in (*actions, "PutTelemetryRecords", "PutTraceSegments"):
            yield Call(role, f"xray:{action}", "*", source=_STATES_TRACES)


def _log_writes(stack: DeclaredStack, role: str, group: str, source: str) -> Iterator[Call]:
    arn = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:{group}:log-stream:any-stream"
    for action in ("CreateLogStream", "PutLogEvents"):
        yield Call(role, f"logs:{action}", arn, source=source)


def _log_group(stack: DeclaredStack, group: Resource) -> Iterator[Call]:
    if key := stack.key_of(group):
        under = context({"kms:EncryptionContext:aws:logs:arn": str(stack.arn(group))})
        for action in ENVELOPE_ENCRYPTION:
            service = f"logs.{stack.region}.amazonaws.com"
            yield Call(service, f"kms:{action}", stack.key_arn(key), under, _LOGS_KEY)


def _event_target(stack: DeclaredStack, target: Resource) -> Iterator[Call]:
    rule = stack.named(resource_types.EVENT_RULE, target.props["rule"])
    on_behalf = _on_behalf(stack, str(rule and stack.arn(rule)))
    service = "events.amazonaws.com"
    if ":lambda:" in target.props["arn"]:
        yield Call(service, "lambda:InvokeFunction", target.props["arn"], on_behalf, _EVENTS_TARGET)
    if letters := target.props.get("deadLetterConfig"):
        yield from _send(stack, service, letters["arn"], on_behalf, _EVENTS_QUEUE)


def _invoke_config(stack: DeclaredStack, config: Resource) -> Iterator[Call]:
    function = stack.named(resource_types.FUNCTION, config.props["functionName"])
    failed = config.props.get("destinationConfig", {}).get("onFailure")
    if function and failed:
        role, to = _name(function.props["role"]), failed["destination"]
        action = "sqs:SendMessage" if ":sqs:" in to else "sns:Publish"
        yield Call(role, action, to, source=_LAMBDA_DESTINATION)


def _event_source(stack: DeclaredStack, mapping: Resource) -> Iterator[Call]:
    named = str(mapping.props["functionName"])
    name = named.partition(":function:")[2].partition(":")[0] or named
    function = stack.named(resource_types.FUNCTION, name)
    if function:
        for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"):
            role, queue = _name(function.props["role"]), mapping.props["eventSourceArn"]
            yield Call(role, f"sqs:{action}", queue, source=_LAMBDA_QUEUE)


def _alarm(stack: DeclaredStack, alarm: Resource) -> Iterator[Call]:
    on_behalf = _on_behalf(stack, str(stack.arn(alarm)))
    topics = {arn for name in _ALARM_ACTIONS for arn in alarm.props.get(name) or ()}
    for topic in sorted(topics):
        service = "cloudwatch.amazonaws.com"
        yield Call(service, "sns:Publish", topic, on_behalf, _ALARM_TOPIC)
        yield from key_uses_of_service(stack, service, topic, on_behalf, _ALARM_TOPIC)


def _subscription(stack: DeclaredStack, subscription: Resource) -> Iterator[Call]:
    props, service = subscription.props, "sns.amazonaws.com"
    on_behalf = _on_behalf(stack, props["topic"])
    if props["protocol"] == "lambda":
        yield Call(service, "lambda:InvokeFunction", props["endpoint"], on_behalf, _TOPIC_FUNCTION)
    if props["protocol"] == "sqs":
        yield from _send(stack, service, props["endpoint"], on_behalf, _TOPIC_QUEUE)
    if props.get("redrivePolicy"):
        letters: str = json.loads(props["redrivePolicy"])["deadLetterTargetArn"]
        yield from _send(stack, service, letters, on_behalf, _TOPIC_LETTERS)


def _backups(stack: DeclaredStack, selection: Resource) -> Iterator[Call]:
    """AWS Backup makes backups of the selected tables with the selection's role."""
    role, service = selection.props["iamRoleArn"], "backup.amazonaws.com"
    account = context({"aws:SourceAccount": stack.account})
    yield Call(service, "sts:AssumeRole", role, account, _BACKUP_ROLE)
    on_table = ("CreateBackup", "DescribeTable", "ListTagsOfResource", "StartAwsBackupJob")
    on_backup = ("DeleteBackup", "DescribeBackup")
    for table in selection.props["resources"]:
        for actions, arn in ((on_table, table), (on_backup, f"{table}/backup/any-backup")):
            for action in actions:
                yield Call(_name(role), f"dynamodb:{action}", arn, source=_BACKUP_POLICY)


def _send(
    stack: DeclaredStack, service: str, queue: str, on_behalf: Context, source: str
) -> Iterator[Call]:
    yield Call(service, "sqs:SendMessage", queue, on_behalf, source)
    yield from key_uses_of_service(stack, service, queue, on_behalf, source)


def _other_regions(call: Call) -> Iterator[Call]:
    """An inference profile routes a call to any region of its geography."""
    profile = call.resource.partition(":inference-profile/")[2]
    geography, _, model = profile.partition(".")
    for region in PROFILE_REGIONS.get(geography, ()):
        arn = f"arn:aws:bedrock:{region}::foundation-model/{model}"
        yield Call(call.principal, call.action, arn, source=_BEDROCK)


def _on_behalf(stack: DeclaredStack, source_arn: str) -> Context:
    return context({"aws:SourceArn": source_arn, "aws:SourceAccount": stack.account})


def _role(stack: DeclaredStack, role: Resource) -> Iterator[Call]:
    """People assume the operators' roles; `act` compares versions with their environments."""
    kind = operators.kind_of(role)
    if kind is None:
        return
    for statement in statements(role.props["assumeRolePolicy"]):
        for _, person in statement.principals:
            factor = context({"aws:MultiFactorAuthPresent": "true"})
            yield Call(person, "sts:AssumeRole", str(stack.arn(role)), factor, _FACTOR)
    yield from _looks(stack, role.props["name"], kind)
    if kind == operators.ACT:
        yield from _restores(stack, role.props["name"])
        for key in {stack.key_of(each) for each in stack.of(resource_types.FUNCTION)}:
            if key is None:
                continue
            use = KeyUse("lambda", ("Decrypt",), _LAMBDA_VARIABLES)
            yield from key_uses_of_role(stack, role.props["name"], key, use)


def _looks(stack: DeclaredStack, role: str, kind: str) -> Iterator[Call]:
    """What a run of the commands does not show: `verify` on a stack with AWS Backup, which the
    embedded cloud's IAM does not know, and people's own queries of the API's log."""
    names = Names(stack.environment, stack.account, stack.region)
    plan = names.arn(Arn.BACKUP_PLAN, "plan-id")
    tags = context({f"aws:ResourceTag/{key}": value for key, value in names.tags.items()})
    yield Call(role, "backup:ListBackupPlans", "*", source=_BACKUP_READS)
    yield Call(role, "backup:DescribeBackupVault", names.backup_vault_arn, source=_BACKUP_READS)
    for action in ("GetBackupPlan", "GetBackupSelection", "ListBackupSelections"):
        yield Call(role, f"backup:{action}", plan, tags, _BACKUP_READS)
    if kind == operators.LOOK:
        api_log = f"{names.log_group_arn(names.api_log_group)}:*"
        yield Call(role, "logs:StartQuery", api_log, source=_API_LOG)


def _restores(stack: DeclaredStack, role: str) -> Iterator[Call]:
    """A restored table gets its items, tags and key in the name of whoever restores it."""
    for table in stack.of(resource_types.TABLE):
        restored = f"{stack.arn(table)}-restored-20261129T080000"
        for action in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"):
            yield Call(role, f"dynamodb:{action}", restored, source=_RESTORED_ITEMS)
        yield Call(role, "dynamodb:TagResource", restored, source=_RESTORED_TAGS)
        if key := stack.key_of(table):
            for use in key_uses_of_role(stack, role, key, _CREATED_TABLE):
                for_aws = context({"kms:GrantIsForAWSResource": "true"})
                yield replace(use, context=(*use.context, *for_aws))


def _name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]


_BY_TYPE = {
    resource_types.BACKUP_SELECTION: _backups,
    resource_types.ALARM: _alarm,
    resource_types.COMPOSITE_ALARM: _alarm,
    resource_types.EVENT_TARGET: _event_target,
    resource_types.FUNCTION: _function,
    resource_types.INVOKE_CONFIG: _invoke_config,
    resource_types.LOG_GROUP: _log_group,
    resource_types.MACHINE: _machine,
    resource_types.ROLE: _role,
    resource_types.SUBSCRIPTION: _subscription,
    resource_types.EVENT_SOURCE_MAPPING: _event_source,
}

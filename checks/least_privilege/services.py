"""What AWS does in our name, or with a permission that we gave it: each call with who says so.

None of these passes the emulator's enforcement, so they are derived: from what is declared (a
function under a key decrypts its environment), and from the recorded calls (whoever writes to a
table under a key uses that key). The sources are AWS's guides.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.least_privilege.calls import Call, Context, context
from checks.least_privilege.stack import Stack
from components.iam.grants import ENVELOPE_ENCRYPTION, PROFILE_REGIONS
from policies import resource_types
from policies.resource_graph import Resource

_LAMBDA_LOGS = "Lambda Developer Guide: sending function logs to CloudWatch Logs"
_LAMBDA_TRACES = "Lambda Developer Guide: visualize invocations with X-Ray"
_LAMBDA_ENVIRONMENT = "AWS re:Post: KMS exceptions of Lambda functions"
_LAMBDA_NETWORK = "Lambda Developer Guide: giving functions access to resources in a VPC"
_LAMBDA_ROLE = "Lambda Developer Guide: execution role"
_LAMBDA_DESTINATION = "Lambda Developer Guide: retaining records of asynchronous invocations"
_LAMBDA_QUEUE = "Lambda Developer Guide: using Lambda with Amazon SQS, execution role"
_STATES_ROLE = "Step Functions Developer Guide: creating an IAM role for your state machine"
_STATES_LOGS = "Step Functions Developer Guide: using CloudWatch Logs to log execution history"
_STATES_TRACES = "Step Functions Developer Guide: IAM policies for AWS X-Ray"
_BEDROCK = "Bedrock User Guide: prerequisites for inference profiles"
_EVENTS_TARGET = "EventBridge User Guide: resource-based policies, Lambda permissions"
_EVENTS_QUEUE = "EventBridge User Guide: dead-letter queues, granting permissions"
_LOGS_KEY = "CloudWatch Logs User Guide: encrypt log data using AWS KMS"
_ALARM_TOPIC = "CloudWatch User Guide: notifying users on alarm changes, encrypted topics"
_TOPIC_KEY = "SNS Developer Guide: key management"
_TOPIC_QUEUE = "SNS Developer Guide: subscribing a queue to a topic, encrypted queues"
_TOPIC_LETTERS = "SNS Developer Guide: dead-letter queues, configuring one for a subscription"
_TOPIC_FUNCTION = "SNS Developer Guide: fanout to Lambda functions"
_TABLE_KEY = "DynamoDB Developer Guide: encryption at rest, authorizing use of the key"
_SECRET_KEY = "Secrets Manager User Guide: permissions for the KMS key"  # noqa: S105 - a title
_QUEUE_KEY = "SQS Developer Guide: key management, configuring KMS permissions"


@dataclass(frozen=True)
class _KeyUse:
    """What a role does with a key through a service, and who says so."""

    service: str
    actions: tuple[str, ...]
    source: str


_SEND = ("Decrypt", "GenerateDataKey")
_KEY_USE = {
    # of the caller, through the service
    "dynamodb": _KeyUse("dynamodb", ENVELOPE_ENCRYPTION, _TABLE_KEY),
    "secretsmanager:GetSecretValue": _KeyUse("secretsmanager", ("Decrypt",), _SECRET_KEY),
    "sns:Publish": _KeyUse("sns", _SEND, _TOPIC_KEY),
    "sqs:ReceiveMessage": _KeyUse("sqs", ("Decrypt",), _QUEUE_KEY),
    "sqs:SendMessage": _KeyUse("sqs", _SEND, _QUEUE_KEY),
}
_LOG_DELIVERY = (
    *("CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies"),
    *("GetLogDelivery", "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery"),
)
_ALARM_ACTIONS = ("alarmActions", "okActions", "insufficientDataActions")


def service_calls(stack: Stack, recorded: Iterable[Call]) -> list[Call]:
    """Every call of a service's own in a stack, given what its roles were recorded to call."""
    found = [
        call
        for resource in stack.resources
        if resource.type in _BY_TYPE
        for call in _BY_TYPE[resource.type](stack, resource)
    ]
    by_roles = [*recorded, *found]
    found += [each for call in by_roles for each in _other_regions(call)]
    found += [each for call in by_roles for each in _key_use(stack, call)]
    return list(dict.fromkeys(found))


def plain_http(stack: Stack) -> Iterator[Call]:
    """What every topic and queue has to refuse if it comes without TLS, whoever sends it."""
    source = "AWS Well-Architected SEC09-BP02"
    actions = {resource_types.TOPIC: "sns:Publish", resource_types.QUEUE: "sqs:SendMessage"}
    for resource in stack.of(*actions):
        yield Call("*", actions[resource.type], str(stack.arn(resource)), source=source)


def _function(stack: Stack, function: Resource) -> Iterator[Call]:
    props, role = function.props, _name(function.props["role"])
    service = "lambda.amazonaws.com"
    yield Call(service, "sts:AssumeRole", props["role"], source=_LAMBDA_ROLE)
    yield from _log_writes(stack, role, f"/aws/lambda/{props['name']}", _LAMBDA_LOGS)
    if props.get("tracingConfig", {}).get("mode") == "Active":
        for action in ("PutTelemetryRecords", "PutTraceSegments"):
            yield Call(role, f"xray:{action}", "*", source=_LAMBDA_TRACES)
    if key := stack.key_of(function):
        use = _KeyUse("lambda", ("Decrypt",), _LAMBDA_ENVIRONMENT)
        yield from _by_role(stack, role, key, use)
    if vpc := props.get("vpcConfig"):
        yield from _network(stack, role, vpc["subnetIds"], vpc["securityGroupIds"])


def _network(stack: Stack, role: str, subnets: list[str], groups: list[str]) -> Iterator[Call]:
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


def _machine(stack: Stack, machine: Resource) -> Iterator[Call]:
    props, role = machine.props, _name(machine.props["roleArn"])
    by = _on_behalf(stack, str(stack.arn(machine)))
    yield Call("states.amazonaws.com", "sts:AssumeRole", props["roleArn"], by, _STATES_ROLE)
    if destination := props.get("loggingConfiguration", {}).get("logDestination"):
        for action in _LOG_DELIVERY:
            yield Call(role, f"logs:{action}", "*", source=_STATES_LOGS)
        group = destination.partition(":log-group:")[2].removesuffix(":*")
        yield from _log_writes(stack, role, group, _STATES_LOGS)
    if props.get("tracingConfiguration", {}).get("enabled"):
        actions = ("GetSamplingRules", "GetSamplingTargets")
        for action in (*actions, "PutTelemetryRecords", "PutTraceSegments"):
            yield Call(role, f"xray:{action}", "*", source=_STATES_TRACES)


def _log_writes(stack: Stack, role: str, group: str, source: str) -> Iterator[Call]:
    arn = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:{group}:log-stream:made-by-aws"
    for action in ("CreateLogStream", "PutLogEvents"):
        yield Call(role, f"logs:{action}", arn, source=source)


def _log_group(stack: Stack, group: Resource) -> Iterator[Call]:
    if key := stack.key_of(group):
        under = context({"kms:EncryptionContext:aws:logs:arn": str(stack.arn(group))})
        for action in ENVELOPE_ENCRYPTION:
            service = f"logs.{stack.region}.amazonaws.com"
            yield Call(service, f"kms:{action}", stack.key_arn(key), under, _LOGS_KEY)


def _event_target(stack: Stack, target: Resource) -> Iterator[Call]:
    rule = stack.named(resource_types.EVENT_RULE, target.props["rule"])
    by = _on_behalf(stack, str(rule and stack.arn(rule)))
    service = "events.amazonaws.com"
    if ":lambda:" in target.props["arn"]:
        yield Call(service, "lambda:InvokeFunction", target.props["arn"], by, _EVENTS_TARGET)
    if letters := target.props.get("deadLetterConfig"):
        yield from _send(stack, service, letters["arn"], by, _EVENTS_QUEUE)


def _invoke_config(stack: Stack, config: Resource) -> Iterator[Call]:
    function = stack.named(resource_types.FUNCTION, config.props["functionName"])
    failed = config.props.get("destinationConfig", {}).get("onFailure")
    if function and failed:
        role, to = _name(function.props["role"]), failed["destination"]
        action = "sqs:SendMessage" if ":sqs:" in to else "sns:Publish"
        yield Call(role, action, to, source=_LAMBDA_DESTINATION)


def _event_source(stack: Stack, mapping: Resource) -> Iterator[Call]:
    named = str(mapping.props["functionName"])
    name = named.partition(":function:")[2].partition(":")[0] or named
    function = stack.named(resource_types.FUNCTION, name)
    if function:
        for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"):
            role, queue = _name(function.props["role"]), mapping.props["eventSourceArn"]
            yield Call(role, f"sqs:{action}", queue, source=_LAMBDA_QUEUE)


def _alarm(stack: Stack, alarm: Resource) -> Iterator[Call]:
    by = _on_behalf(stack, str(stack.arn(alarm)))
    topics = {arn for name in _ALARM_ACTIONS for arn in alarm.props.get(name) or ()}
    for topic in sorted(topics):
        service = "cloudwatch.amazonaws.com"
        yield Call(service, "sns:Publish", topic, by, _ALARM_TOPIC)
        yield from _service_key_use(stack, service, topic, by, _ALARM_TOPIC)


def _subscription(stack: Stack, subscription: Resource) -> Iterator[Call]:
    props, service = subscription.props, "sns.amazonaws.com"
    by = _on_behalf(stack, props["topic"])
    if props["protocol"] == "lambda":
        yield Call(service, "lambda:InvokeFunction", props["endpoint"], by, _TOPIC_FUNCTION)
    if props["protocol"] == "sqs":
        yield from _send(stack, service, props["endpoint"], by, _TOPIC_QUEUE)
    if props.get("redrivePolicy"):
        letters: str = json.loads(props["redrivePolicy"])["deadLetterTargetArn"]
        yield from _send(stack, service, letters, by, _TOPIC_LETTERS)


def _send(stack: Stack, service: str, queue: str, by: Context, source: str) -> Iterator[Call]:
    yield Call(service, "sqs:SendMessage", queue, by, source)
    yield from _service_key_use(stack, service, queue, by, source)


def _service_key_use(
    stack: Stack, service: str, target: str, by: Context, source: str
) -> Iterator[Call]:
    """A service that writes to something encrypted uses its key, under the key's own policy."""
    resource = stack.at(target)
    if resource and (key := stack.key_of(resource)):
        for action in _SEND:
            yield Call(service, f"kms:{action}", stack.key_arn(key), by, source)


def _key_use(stack: Stack, call: Call) -> Iterator[Call]:
    """A role that uses something encrypted uses its key, through the service that keeps it."""
    use = _KEY_USE.get(call.action) or _KEY_USE.get(call.service)
    resource = stack.at(call.resource)
    if use is None or resource is None or call.principal.endswith(".amazonaws.com"):
        return
    if key := stack.key_of(resource):
        yield from _by_role(stack, call.principal, key, use)


def _by_role(stack: Stack, role: str, key: Resource, use: _KeyUse) -> Iterator[Call]:
    through = context(
        {
            "kms:ViaService": f"{use.service}.{stack.region}.amazonaws.com",
            "kms:ResourceAliases": stack.aliases(key),
        }
    )
    for action in use.actions:
        yield Call(role, f"kms:{action}", stack.key_arn(key), through, use.source)


def _other_regions(call: Call) -> Iterator[Call]:
    """A profile routes the call to whichever region of its geography has room."""
    profile = call.resource.partition(":inference-profile/")[2]
    geography, _, model = profile.partition(".")
    for region in PROFILE_REGIONS.get(geography, ()):
        arn = f"arn:aws:bedrock:{region}::foundation-model/{model}"
        yield Call(call.principal, call.action, arn, source=_BEDROCK)


def _on_behalf(stack: Stack, source_arn: str) -> Context:
    return context({"aws:SourceArn": source_arn, "aws:SourceAccount": stack.account})


def _name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]


_BY_TYPE = {
    resource_types.ALARM: _alarm,
    resource_types.COMPOSITE_ALARM: _alarm,
    resource_types.EVENT_TARGET: _event_target,
    resource_types.FUNCTION: _function,
    resource_types.INVOKE_CONFIG: _invoke_config,
    resource_types.LOG_GROUP: _log_group,
    resource_types.MACHINE: _machine,
    resource_types.SUBSCRIPTION: _subscription,
    "aws:lambda/eventSourceMapping:EventSourceMapping": _event_source,
}

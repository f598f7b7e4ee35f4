"""The stack as a whole: what is granted is there, and who needs a permission has it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from policies import resource_types
from policies.definitions import State, tasks
from policies.documents import Statement, identity_statements, resource_statements
from policies.policy import stack_policy
from policies.resource_graph import UNKNOWN, Graph, Resource
from policies.rules import deployment
from policies.rules.encryption import allows_service, policy_of, services_may_use
from policies.rules.iam import grants_of, policies_of, role_of
from policies.rules.resilience import behind

_FOREIGN = (
    r"arn:aws:bedrock:[a-z0-9-]+::foundation-model/.+",  # AWS's
    r"arn:aws:bedrock:REGION:ACCOUNT:inference-profile/.+",  # AWS's, in every account
    r"arn:aws:ec2:REGION:ACCOUNT:(network-interface/\*|subnet/.+|security-group/.+)",  # configured
    r"arn:aws:kms:REGION:ACCOUNT:key/\*",  # ours by its alias, which another policy looks at
)
_DELIVERY = frozenset(
    f"logs:{action}".lower()
    for action in (
        *["CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "GetLogDelivery"],
        *["DescribeResourcePolicies", "ListLogDeliveries", "PutResourcePolicy"],
        "UpdateLogDelivery",
    )
)
"""(AWS Step Functions Developer Guide: using CloudWatch Logs to log execution history)"""


@stack_policy(
    "stack-grants-its-own",
    protects="A grant on what this stack does not own: another environment's table, a slip.",
    fix="Name resources of this stack, by its account and region.",
    source="design: Known before it exists; NIST 800-53 AC-6",
)
def grants_its_own(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every ARN in a document is one of this stack's; in another program than the workflow's, also
    of the workflow in the same environment, which is what it exports."""
    for permission in graph.of(resource_types.PERMISSION):
        arn = permission.read("sourceArn")
        if isinstance(arn, str) and not _is_ours(graph, arn) and ":execute-api:" not in arn:
            yield permission, f"{arn} is not of this stack"
    for resource in graph.resources:
        identity = list(identity_statements(resource))
        for statement in [*identity, *resource_statements(resource)]:
            sources = statement.condition("aws:SourceArn", "ArnEquals", "StringEquals")
            for arn in [*statement.resources, *sources]:
                ours = _is_ours(graph, arn) or deployment.is_the_workflows(resource, arn)
                if statement.allows and arn != "*" and not ours:
                    yield resource, f"{arn} is not of this stack"


def _is_ours(graph: Graph, arn: str) -> bool:
    def known(form: str) -> str:
        return form.replace("REGION", graph.region).replace("ACCOUNT", graph.account)

    if any(re.fullmatch(known(form), arn) for form in _FOREIGN):
        return True
    table, _, index = arn.partition("/index/")
    if index:
        indexes: Any = table in graph.arns and graph.arns[table].read("globalSecondaryIndexes")
        return any(each["name"] == index for each in indexes or ())
    whole = arn.removesuffix("-??????").removesuffix(":*").replace(":execution:", ":stateMachine:")
    return whole in graph.arns


@stack_policy(
    "stack-invokers-may-invoke",
    protects="An event or request that is refused at the function's door.",
    fix="Give the invoker a permission on the function's alias, for its own ARN, and wait for it.",
    source="AWS Lambda Developer Guide: resource-based policies; aws-traps: IAM",
)
def invokers_may_invoke(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every invoker has its permission, on the alias, before it is there itself."""
    for target in graph.of(resource_types.EVENT_TARGET):
        rule = graph.named(resource_types.EVENT_RULE, target.read("rule"))
        yield from _needs_permission(
            graph, target, holder=target, where="arn", service="events", source=rule
        )
    for subscription in graph.of(resource_types.SUBSCRIPTION):
        topic = graph.source(subscription, "topic", resource_types.TOPIC)
        yield from _needs_permission(
            graph, subscription, holder=subscription, where="endpoint", service="sns", source=topic
        )
    for route in graph.of(resource_types.ROUTE):
        integration = graph.source(route, "target", resource_types.INTEGRATION)
        if integration is None:
            yield route, "has no integration of this stack"
            continue
        yield from _needs_permission(
            graph,
            route,
            holder=integration,
            where="integrationUri",
            service="apigateway",
            source=None,
        )


def _needs_permission(
    graph: Graph,
    invoker: Resource,
    *,
    holder: Resource,
    where: str,
    service: str,
    source: Resource | None,
) -> Iterator[tuple[Resource, str]]:
    function = behind(graph, holder, where)
    if function is None:
        return
    alias = graph.source(holder, where, resource_types.FUNCTION_ALIAS)
    alias = alias or graph.arns.get(str(holder.read(where)))
    permissions = [
        each
        for each in graph.of(resource_types.PERMISSION)
        if each.props["principal"] == f"{service}.amazonaws.com"
        and each.props["action"] == "lambda:InvokeFunction"
        and each.read("function") == function.read("name")
        and each.read("qualifier") == (alias.read("name") if alias else None)
        and _is_from(graph, each, source)
    ]
    if not permissions:
        yield invoker, f"may not invoke {function.name} (by its alias)"
    elif not any(graph.reaches(invoker, each) for each in permissions):
        yield invoker, f"is there before its permission to invoke {function.name}"


def _is_from(graph: Graph, permission: Resource, source: Resource | None) -> bool:
    arn = permission.read("sourceArn")
    if source is None:
        return arn is not None
    return arn == graph.arn(source) or source.urn in permission.sources.get("sourceArn", ())


@stack_policy(
    "stack-events-may-be-kept",
    protects="A dead-letter queue that refuses what it is there for.",
    fix="Let events.amazonaws.com send to the queue and use its key, for the rule's ARN.",
    source="EventBridge User Guide: dead-letter queues; aws-traps: Keys",
)
def events_may_be_kept(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Rules may send to the queues for what they could not deliver, encrypted as they are."""
    for target in graph.of(resource_types.EVENT_TARGET):
        queue = graph.source(target, "deadLetterConfig", resource_types.QUEUE)
        rule = graph.named(resource_types.EVENT_RULE, target.read("rule"))
        if queue is None or rule is None:
            continue
        arn = str(graph.arn(rule))
        policy = policy_of(graph, queue)
        if not any(allows_service(each, "events", {"sqs:sendmessage"}, arn) for each in policy):
            yield target, f"{rule.name} may not send to {queue.name}"
        if not services_may_use(graph, queue, "events", arn):
            yield target, f"{rule.name} may not use the key of {queue.name}"
    for config in graph.of(resource_types.INVOKE_CONFIG):
        queue = graph.source(config, "destinationConfig", resource_types.QUEUE)
        function = graph.named(resource_types.FUNCTION, config.read("functionName"))
        role = role_of(graph, function) if function else None
        if queue and role and not _may(graph, role, "sqs:SendMessage", str(graph.arn(queue))):
            yield config, f"{role.name} may not send to {queue.name}"


@stack_policy(
    "stack-alarms-may-publish",
    protects="An alarm whose message the encrypted topic refuses.",
    fix="Let cloudwatch.amazonaws.com publish to the topic and use its key, for the alarm's ARN.",
    source="CloudWatch User Guide: alarms and encrypted topics; aws-traps: Keys",
)
def alarms_may_publish(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Topics and their keys let alarms through, and are there before them."""
    for alarm in graph.of(resource_types.ALARM, resource_types.COMPOSITE_ALARM):
        arn = str(graph.arn(alarm))
        for topic in graph.of(resource_types.TOPIC):
            actions = [text for _, text in _texts(alarm, "alarmActions", "okActions")]
            inputs = ("alarmActions", "okActions")
            by_edge = any(topic.urn in alarm.sources.get(each, ()) for each in inputs)
            if not by_edge and graph.arn(topic) not in actions:
                continue
            policy = policy_of(graph, topic)
            if not any(allows_service(s, "cloudwatch", {"sns:publish"}, arn) for s in policy):
                yield alarm, f"may not publish to {topic.name}"
            if not services_may_use(graph, topic, "cloudwatch", arn):
                yield alarm, f"may not use the key of {topic.name}"


@stack_policy(
    "stack-roles-suffice",
    protects="A machine or function that is refused what its own definition makes it do.",
    fix="Grant the role the action on exactly that resource.",
    source="Step Functions Developer Guide: IAM policies for integrated services; AWS Lambda:"
    " execution role; aws-traps: IAM",
)
def roles_suffice(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """What a definition calls, a log takes and a trace needs, the role allows."""
    for holder in graph.of(resource_types.FUNCTION, resource_types.MACHINE):
        role = role_of(graph, holder)
        if role is None:
            continue
        at = next(iter(policies_of(graph, role)), role)
        for action, arn in _needed(graph, holder):
            if not _may(graph, role, action, arn):
                yield at, f"{holder.name} needs {action} on {arn}"


def _needed(graph: Graph, holder: Resource) -> Iterator[tuple[str, str]]:
    yield "xray:PutTraceSegments", "*"
    if holder.type == resource_types.FUNCTION:
        group = graph.named(resource_types.LOG_GROUP, f"/aws/lambda/{holder.read('name')}")
        if group:
            yield "logs:PutLogEvents", f"{graph.arn(group)}:*"
        if holder.read("vpcConfig", "subnetIds"):  # a function outside one has it empty
            interfaces = f"arn:aws:ec2:{graph.region}:{graph.account}:network-interface/*"
            yield "ec2:DescribeNetworkInterfaces", "*"
            yield "ec2:CreateNetworkInterface", interfaces
            yield "ec2:DeleteNetworkInterface", interfaces
        role = role_of(graph, holder)
        for statement in grants_of(graph, role) if role else ():
            for arn in statement.resources:
                profile = re.fullmatch(r"arn:aws:bedrock:.+:inference-profile/[a-z]+\.(.+)", arn)
                if profile:
                    model = f"arn:aws:bedrock:{graph.region}::foundation-model/{profile[1]}"
                    yield "bedrock:InvokeModel", model
    else:
        for action in sorted(_DELIVERY):
            yield action, "*"
        for state in tasks(holder):
            yield _call(graph, state)


def _call(graph: Graph, state: State) -> tuple[str, str]:
    """The action and resource of a task."""
    target = state.target
    integration = re.fullmatch(r"arn:aws:states:::(?:aws-sdk:)?(\w+):(\w+)(?:\.\w+)?", target)
    if not integration:
        return "lambda:InvokeFunction", target
    service, action = integration.groups()
    arguments: Any = state.body.get("Arguments") or state.body.get("Parameters") or {}
    table = graph.named(resource_types.TABLE, arguments.get("TableName"))
    arn = graph.arn(table) if table else arguments.get("TopicArn") or arguments.get("QueueUrl")
    return f"{service}:{action[0].upper()}{action[1:]}", str(arn or "*")


def _may(graph: Graph, role: Resource, action: str, arn: str) -> bool:
    return any(_covers(each, action, arn) for each in grants_of(graph, role))


def _covers(statement: Statement, action: str, arn: str) -> bool:
    return action.lower() in map(str.lower, statement.actions) and (
        arn in statement.resources or "*" in statement.resources
    )


def _texts(resource: Resource, *names: str) -> Iterable[tuple[str, str]]:
    for name in names:
        values: Any = resource.read(name)
        if values is not UNKNOWN:
            for value in values or ():
                yield name, value

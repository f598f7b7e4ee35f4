"""Traces, logs and alarms for the operators."""

import json
from collections.abc import Iterator
from typing import Any

from policies import remediations
from policies.conventions import PROTECTED_LOG_DAYS, PROTECTED_STACKS
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph


@resource_policy(
    "observability-traced",
    on={resource_types.FUNCTION, resource_types.MACHINE},
    risk="Nobody can follow an execution through its functions.",
    fix="Set tracing to Active (function) or enabled (machine).",
    source="guide: X-Ray トレーシング; Security Hub Lambda.7; Well-Architected REL06-BP07",
)
def traced(resource: Resource) -> Iterator[str]:
    """Functions and machines are traced."""
    if (
        resource.type == resource_types.FUNCTION
        and resource.read("tracingConfig", "mode") != "Active"
    ):
        yield "tracingConfig.mode is not Active: X-Ray sees no call"
    if resource.type == resource_types.MACHINE and (
        resource.read("tracingConfiguration", "enabled") is not True
    ):
        yield "tracingConfiguration.enabled is not true: X-Ray sees no execution"


@resource_policy(
    "observability-machine-log",
    on={resource_types.MACHINE},
    risk="Nobody sees how executions end, or users' texts are in a log.",
    fix="Log at level ALL without execution data, to a log group's ARN that ends with :*.",
    source="guide: CloudWatch Logs; Security Hub StepFunctions.1; aws-traps: State machine logs",
)
def machine_log(resource: Resource) -> Iterator[str]:
    """Every event is logged, without execution data."""
    logging: Any = resource.props.get("loggingConfiguration")
    if not logging:
        yield "it has no log"
        return
    if logging.get("level") != "ALL":
        yield f"its log level is {logging.get('level', 'OFF')}: only ALL logs succeeded executions"
    if logging.get("includeExecutionData") is not False:
        yield "includeExecutionData is true: the users' texts are logged"
    if not str(logging.get("logDestination", "")).endswith(":*"):
        yield "its log destination is no log group's ARN that ends with :*"


@resource_policy(
    "observability-log-retention",
    on={resource_types.LOG_GROUP},
    risk="Logs are kept and paid for without end, or deleted before they are needed.",
    fix=f"Set retention_in_days; in production at least {PROTECTED_LOG_DAYS}.",
    source="guide: CloudWatch Logs; Security Hub CloudWatch.16; NIST 800-53 AU-11",
    remediate=remediations.retention,
)
def log_retention(resource: Resource) -> Iterator[str]:
    """Logs are kept for a limited time, in production for long."""
    days = resource.props.get("retentionInDays") or 0
    if not days:
        yield "logs are kept without end"
    elif resource.stack in PROTECTED_STACKS and days < PROTECTED_LOG_DAYS:
        yield f"logs are kept {days:.0f} days, {PROTECTED_LOG_DAYS} are needed"


@stack_policy(
    "observability-log-groups",
    risk="Lambda creates the log group of a function, without key and retention; or a log group is"
    " not used.",
    fix="Declare /aws/lambda/NAME for every function, before it; delete the others.",
    source="design: WorkflowFunctions; aws-traps: IAM",
)
def log_groups(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every function has a declared log group, and every log group is used."""
    used = set[str]()
    for function in graph.of(resource_types.FUNCTION):
        own = f"/aws/lambda/{function.read('name')}"
        given: Any = function.read("loggingConfig", "logGroup")
        name = given if isinstance(given, str) else own
        group = graph.named(resource_types.LOG_GROUP, name)
        if name == own and not isinstance(function.read("name"), str):
            yield function, "it has no name, so that no log group can be declared for it"
        elif group is None:
            yield function, f"{name} is not declared"
        else:
            used.add(group.urn)
            if not graph.reaches(function, group):
                yield function, f"log group {name} may be created after it"
    for machine in graph.of(resource_types.MACHINE):
        arn = str(machine.read("loggingConfiguration", "logDestination")).removesuffix(":*")
        if arn in graph.arns:
            used.add(graph.arns[arn].urn)
    for stage in graph.of(resource_types.STAGE):
        group = graph.source(stage, "accessLogSettings", resource_types.LOG_GROUP)
        group = group or graph.arns.get(str(stage.read("accessLogSettings", "destinationArn")))
        if group:
            used.add(group.urn)
    for group in graph.of(resource_types.LOG_GROUP):
        if group.urn not in used:
            yield group, "nothing writes to it"


@resource_policy(
    "observability-access-log",
    on={resource_types.STAGE},
    risk="Requests are not logged, or one caller uses up the capacity of all.",
    fix="Log JSON with requestId, routeKey and status; set throttling rate and burst.",
    source="Security Hub APIGateway.9; OWASP API4:2023; aws-traps: API",
)
def access_log(resource: Resource) -> Iterator[str]:
    """Stages log requests and throttle them."""
    if resource.read("accessLogSettings", "destinationArn") is None:
        yield "it has no access log"
    else:
        fields: Any = json.loads(resource.props["accessLogSettings"]["format"])
        for field in ("requestId", "routeKey", "status"):
            if f"$context.{field}" not in fields.values():
                yield f"its access log lacks {field}"
    for limit in ("throttlingRateLimit", "throttlingBurstLimit"):
        if not resource.read("defaultRouteSettings", limit):
            yield f"it has no {limit}"


@resource_policy(
    "observability-alarm-sound",
    on={resource_types.ALARM},
    risk="CloudWatch takes missing data as it likes, or has no values for the period.",
    fix="Set treat_missing_data, and periods in whole minutes.",
    source="CloudWatch User Guide: missing data; aws-traps: CloudWatch",
)
def alarm_sound(resource: Resource) -> Iterator[str]:
    """Alarms have a treatment of missing data and a supported period."""
    if not resource.props.get("treatMissingData"):
        yield "treatMissingData is not set"
    queries: Any = resource.props.get("metricQueries") or ()
    metrics: list[Any] = [query["metric"] for query in queries if query.get("metric")]
    for metric in metrics or [resource.props]:
        period = metric.get("period")
        if period and (period % 60 or period < 0):
            yield f"a period of {period:.0f} s is no number of whole minutes"

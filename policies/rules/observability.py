"""What operators can see: traces, logs that are kept, and alarms that reach somebody."""

import json
import re
from collections.abc import Iterator
from typing import Any

from policies import resource_types
from policies.policy import resource_policy, stack_policy
from policies.resource_graph import UNKNOWN, Graph, Resource

_MILLISECONDS = frozenset({"Duration", "ExecutionTime", "IntegrationLatency", "Latency"})
_KEPT_DAYS_IN_PRODUCTION = 90


@resource_policy(
    "observability-traced",
    on={resource_types.FUNCTION, resource_types.MACHINE},
    protects="An execution that nobody can follow through its functions.",
    fix="Set tracing to Active (function) or enabled (machine).",
    source="guide: X-Ray トレーシング; Security Hub Lambda.7; Well-Architected REL06-BP07",
)
def traced(resource: Resource) -> Iterator[str]:
    """Functions and machines are traced."""
    if (
        resource.type == resource_types.FUNCTION
        and resource.read("tracingConfig", "mode") != "Active"
    ):
        yield "X-Ray is not active"
    if resource.type == resource_types.MACHINE and (
        resource.read("tracingConfiguration", "enabled") is not True
    ):
        yield "X-Ray is off"


@resource_policy(
    "observability-machine-log",
    on={resource_types.MACHINE},
    protects="Endings that nobody sees, and users' texts in a log.",
    fix="Log at ALL without execution data, to a log group's ARN with :* at its end.",
    source="guide: CloudWatch Logs; Security Hub StepFunctions.1; aws-traps: State machine logs",
)
def machine_log(resource: Resource) -> Iterator[str]:
    """All is logged, but data."""
    logging: Any = resource.props.get("loggingConfiguration") or {}
    if logging.get("level") != "ALL":
        yield f"logs at {logging.get('level', 'OFF')}: success is written only at ALL"
    if logging.get("includeExecutionData") is not False:
        yield "execution data, which is the users', goes into the log"
    if not str(logging.get("logDestination", "")).endswith(":*"):
        yield "its destination is no log group's ARN with :*"


@resource_policy(
    "observability-log-retention",
    on={resource_types.LOG_GROUP},
    protects="Logs that are kept, and paid for, for ever; or gone before anybody asks.",
    fix=f"Set retention_in_days; in production at least {_KEPT_DAYS_IN_PRODUCTION}.",
    source="guide: CloudWatch Logs; Security Hub CloudWatch.16; NIST 800-53 AU-11",
)
def log_retention(resource: Resource) -> Iterator[str]:
    """Logs are kept for a time."""
    days = resource.props.get("retentionInDays") or 0
    if not days:
        yield "kept for ever"
    elif resource.stack == "prod" and days < _KEPT_DAYS_IN_PRODUCTION:
        yield f"kept {days:.0f} days"


@stack_policy(
    "observability-log-groups",
    protects="A function that makes a log group of its own, without key and retention; and log"
    " groups that nobody writes to.",
    fix="Declare /aws/lambda/NAME for every function, before it; drop the others.",
    source="design: WorkflowFunctions; aws-traps: IAM",
)
def log_groups(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every function has its log group, every log group a writer."""
    used = set[str]()
    for function in graph.of(resource_types.FUNCTION):
        own = f"/aws/lambda/{function.props['name']}"
        given: Any = function.read("loggingConfig", "logGroup")
        name = given if isinstance(given, str) else own
        group = graph.named(resource_types.LOG_GROUP, name)
        if group is None:
            yield function, f"{name} is not declared"
        else:
            used.add(group.urn)
            if not graph.reaches(function, group):
                yield function, f"{name} may be made after it"
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
            yield group, "nobody writes to it"


@resource_policy(
    "observability-access-log",
    on={resource_types.STAGE},
    protects="Requests that leave no trace, and callers that use up everybody's share.",
    fix="Log JSON with requestId, routeKey and status; set throttling rate and burst.",
    source="Security Hub APIGateway.9; OWASP API4:2023; aws-traps: API",
)
def access_log(resource: Resource) -> Iterator[str]:
    """Stages log requests and throttle them."""
    if resource.read("accessLogSettings", "destinationArn") is None:
        yield "no access log"
    else:
        fields: Any = json.loads(resource.props["accessLogSettings"]["format"])
        for field in ("requestId", "routeKey", "status"):
            if f"$context.{field}" not in fields.values():
                yield f"the access log lacks {field}"
    for limit in ("throttlingRateLimit", "throttlingBurstLimit"):
        if not resource.read("defaultRouteSettings", limit):
            yield f"no {limit}"


@stack_policy(
    "observability-alarm-actions",
    protects="An alarm that nobody hears.",
    fix="Give it alarm_actions, or name it in the rule of a composite alarm that has some.",
    source="guide: CloudWatch アラーム; Security Hub CloudWatch.15; aws-traps: Alarms",
)
def alarm_actions(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every alarm acts, or is the child of a composite that does."""
    heard = set[str]()
    for composite in graph.of(resource_types.COMPOSITE_ALARM):
        if _acts(composite):
            heard |= set(re.findall(r'"([^"]+)"', composite.props["alarmRule"]))
    for alarm in graph.of(resource_types.ALARM, resource_types.COMPOSITE_ALARM):
        name = alarm.props["name" if alarm.type == resource_types.ALARM else "alarmName"]
        if not _acts(alarm) and name not in heard:
            yield alarm, "no action, and no composite that has one names it"


def _acts(alarm: Resource) -> bool:
    actions = alarm.read("alarmActions")
    enabled = alarm.read("actionsEnabled")
    return enabled is not False and (actions is UNKNOWN or bool(actions))


@resource_policy(
    "observability-alarm-sound",
    on={resource_types.ALARM},
    protects="An alarm that can never fire, or fires for a unit that was mistaken.",
    fix="Choose treat_missing_data; give times in milliseconds, periods in whole minutes.",
    source="CloudWatch User Guide: missing data; aws-traps: CloudWatch",
)
def alarm_sound(resource: Resource) -> Iterator[str]:
    """Alarms are within what CloudWatch does."""
    if not resource.props.get("treatMissingData"):
        yield "what missing data means is not chosen"
    queries: Any = resource.props.get("metricQueries") or ()
    metrics: list[Any] = [query["metric"] for query in queries if query.get("metric")]
    for metric in metrics or [resource.props]:
        period = metric.get("period")
        if period and period % 60:
            yield f"a period of {period:.0f} s needs high-resolution metrics"
        threshold = resource.props.get("threshold")
        name = metric.get("metricName")
        if name in _MILLISECONDS and threshold and threshold < 1000:  # noqa: PLR2004 - a second
            yield f"{name} is in milliseconds: {threshold:.0f} is under a second"

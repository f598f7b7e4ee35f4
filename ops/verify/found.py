"""What AWS holds of a stack: the calls, and their answers in the words of the expectations."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from botocore.exceptions import ClientError

from components.names import ALIAS
from handlers.contract.functions import FUNCTIONS, SLACK_NOTIFIER
from ops.problems import is_missing, sentence
from ops.stack import Stack
from ops.verify import copies, facts
from ops.verify.expected import NEWEST, digest, key_schema
from ops.verify.facts import Facts

_PENDING = ("PendingConfirmation", "Deleted", "")
"""What stands in place of a subscription's ARN until somebody confirms it, or after the end."""

Checks = Iterator[tuple[str, str]]


def found(stack: Stack, declared: Facts) -> tuple[Facts, dict[str, str]]:
    """The facts, and subject -> why it could not be read. What is missing has no facts.

    declared: AWS Backup is asked only where the program declares backups.
    """
    names = stack.names
    read: Facts = {}
    unreadable: dict[str, str] = {}

    def take(subject: str, reader: Callable[..., Iterable[tuple[str, str]]], *given: str) -> None:
        checks = read.setdefault(subject, {})
        try:
            checks.update(reader(stack, *given))
        except ClientError as error:
            if not is_missing(error):
                unreadable[subject] = sentence(error)

    for spec in FUNCTIONS:
        name = names.function(spec)
        take(facts.function(name), _function, name)
        take(facts.function(name), _warm, name)
    take(facts.machine(names.state_machine), _machine)
    take(facts.table(names.table), _table)
    for group in names.log_groups:
        take(facts.log_group(group), _log_group, group)
    for name in (names.alerts_topic, names.notifications_topic):
        take(facts.topic(name), _topic, names.topic_arn(name))
    for name in (names.ended_rule, names.sweep_rule, names.archive_rule):
        take(facts.rule(name), _rule, name)
    reader = names.function(SLACK_NOTIFIER)
    take(facts.queue_reader(reader), _queue_reader, reader)
    take(facts.key(names.key_alias), _key)
    take(facts.api(names.api), _api)
    for reader_of_bucket in copies.HELD_OF_BUCKET:
        take(facts.bucket(names.archive_bucket), reader_of_bucket)
    if (vault := facts.backup_vault(names.backup_vault)) in declared:
        take(vault, copies.held_vault)
        take(facts.backup_plan(names.backup_plan), copies.held_plan)
    read |= {facts.alarm(name): dict(checks) for name, checks in _alarms(stack)}
    return read, unreadable


def _function(stack: Stack, name: str) -> Checks:
    client = stack.client("lambda")
    alias = client.get_alias(FunctionName=name, Name=ALIAS)
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    numbers = [int(each["Version"]) for page in pages for each in page["Versions"]
               if each["Version"].isdigit()]  # fmt: skip
    version = alias["FunctionVersion"]
    yield "live version", _version(version, max(numbers, default=0))
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    yield "other versions behind live", _weights(weights)
    live = client.get_function_configuration(FunctionName=name, Qualifier=ALIAS)
    yield "CodeSha256", live["CodeSha256"]
    yield "state", f"{live.get('State', 'Active')}, {live.get('LastUpdateStatus', 'Successful')}"
    yield "time-out", f"{live['Timeout']} s"
    yield "memory", f"{live['MemorySize']} MB"
    yield "key", stack.key_name(live.get("KMSKeyArn"))
    yield "tracing", live.get("TracingConfig", {}).get("Mode", facts.ABSENT)


def _warm(stack: Stack, name: str) -> Checks:
    warm = stack.client("lambda").get_provisioned_concurrency_config(
        FunctionName=name, Qualifier=ALIAS
    )
    ready = warm["RequestedProvisionedConcurrentExecutions"]
    yield "provisioned concurrency", f"{ready} {warm['Status']}"


def _machine(stack: Stack) -> Checks:
    client, names = stack.client("stepfunctions"), stack.names
    described = client.describe_state_machine(stateMachineArn=names.state_machine_arn)
    yield "status", described["status"]
    yield "log level", described.get("loggingConfiguration", {}).get("level", "OFF")
    routes = client.describe_state_machine_alias(
        stateMachineAliasArn=names.state_machine_alias_arn
    )["routingConfiguration"]
    first, *others = sorted(routes, key=lambda route: -route["weight"])
    versions = client.list_state_machine_versions(stateMachineArn=names.state_machine_arn)
    newest = max(_number(each["stateMachineVersionArn"])
                 for each in versions["stateMachineVersions"])  # fmt: skip
    version_arn = first["stateMachineVersionArn"]
    yield "live version", _version(version_arn.rpartition(":")[2], newest)
    yield (
        "other versions behind live",
        _weights(
            {str(_number(each["stateMachineVersionArn"])): each["weight"] / 100 for each in others}
        ),
    )
    live = client.describe_state_machine(stateMachineArn=version_arn)
    yield "definition", digest(live["definition"])


def _table(stack: Stack) -> Checks:
    client, name = stack.client("dynamodb"), stack.names.table
    table = client.describe_table(TableName=name)["Table"]
    yield "status", table["TableStatus"]
    keys = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
    yield "key schema", key_schema(keys["HASH"], keys.get("RANGE"))
    yield "billing", table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    encryption = table.get("SSEDescription", {})
    yield "key", stack.key_name(encryption.get("KMSMasterKeyArn"))
    yield "deletion protection", "on" if table.get("DeletionProtectionEnabled") else "off"
    for index in table.get("GlobalSecondaryIndexes", []):
        parts = [f"{key['AttributeName']} {key['KeyType']}" for key in index["KeySchema"]]
        state = index.get("IndexStatus", "ACTIVE")
        held = ", ".join([*parts, index["Projection"]["ProjectionType"], state])
        yield f"index {index['IndexName']}", held
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    enabled = ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    yield "TTL", ttl["AttributeName"] if enabled else ttl["TimeToLiveStatus"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    yield "point-in-time recovery", recovery.get("PointInTimeRecoveryStatus", "DISABLED")


def _log_group(stack: Stack, name: str) -> Checks:
    pages = stack.client("logs").get_paginator("describe_log_groups")
    for page in pages.paginate(logGroupNamePrefix=name):
        for group in page["logGroups"]:
            if group["logGroupName"] == name:
                yield "key", stack.key_name(group.get("kmsKeyId"))
                days = group.get("retentionInDays")
                yield "retention", f"{days} days" if days else "for ever"


def _alarms(stack: Stack) -> Iterator[tuple[str, Checks]]:
    pages = stack.client("cloudwatch").get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=stack.names.prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )  # fmt: skip
    for page in pages:
        for each in page["MetricAlarms"]:
            yield each["AlarmName"], _metric_alarm(each)
        for each in page["CompositeAlarms"]:
            yield each["AlarmName"], _composite(each)


def _metric_alarm(alarm: dict[str, Any]) -> Checks:
    yield "kind", "metric alarm"
    yield "threshold", f"{alarm['ComparisonOperator']} {float(alarm['Threshold']):g}"


def _composite(alarm: dict[str, Any]) -> Checks:
    yield "kind", "composite alarm"
    yield "actions", "on" if alarm.get("ActionsEnabled", True) else "off"
    yield "alarm actions", ", ".join(sorted(alarm.get("AlarmActions", []))) or "none"
    yield "rule", hashlib.sha256(alarm["AlarmRule"].encode()).hexdigest()[:16]


def _topic(stack: Stack, arn: str) -> Checks:
    client = stack.client("sns")
    attributes = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    yield "key", stack.key_name(attributes.get("KmsMasterKeyId"))
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    for each in (subscription for page in pages for subscription in page["Subscriptions"]):
        state = each["SubscriptionArn"]
        confirmed = "confirmed" if state not in _PENDING else state or "Deleted"
        yield f"subscription {each['Protocol']} {each['Endpoint']}", confirmed


def _rule(stack: Stack, name: str) -> Checks:
    client = stack.client("events")
    yield "state", client.describe_rule(Name=name)["State"]
    targets = client.list_targets_by_rule(Rule=name)["Targets"]
    yield "target", ", ".join(target["Arn"] for target in targets) or "none"


def _queue_reader(stack: Stack, name: str) -> Checks:
    mappings = stack.client("lambda").list_event_source_mappings(
        FunctionName=f"{name}:{ALIAS}",
        EventSourceArn=stack.names.queue_arn(stack.names.slack_queue),
    )["EventSourceMappings"]
    for mapping in mappings:
        yield "state", mapping["State"]
        yield "queue", mapping["EventSourceArn"]


def _key(stack: Stack) -> Checks:
    client = stack.client("kms")
    key = client.describe_key(KeyId=stack.names.key_alias)["KeyMetadata"]
    yield "state", key["KeyState"]
    rotation = client.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    yield "rotation", "on" if rotation else "off"


def _api(stack: Stack) -> Checks:
    yield "GET /health", health_of(stack)


def _api_endpoint(stack: Stack) -> str | None:
    for page in stack.client("apigatewayv2").get_paginator("get_apis").paginate():
        for api in page["Items"]:
            if api["Name"] == stack.names.api:
                return api["ApiEndpoint"]
    return None


def health_of(stack: Stack) -> str:
    """The HTTP status of GET /health, or why there is none."""
    url = stack.api_url or _api_endpoint(stack)
    if url is None:
        return facts.ABSENT
    try:
        with urlopen(f"{url}/health", timeout=30) as reply:  # noqa: S310 - AWS's own answer
            return str(reply.status)
    except HTTPError as error:
        return str(error.code)
    except OSError as error:
        return f"no answer: {error}"


def _version(live: str, newest: int) -> str:
    return NEWEST if live == str(newest) else f"{live}, the newest is {newest}"


def _weights(weights: dict[str, float]) -> str:
    return ", ".join(f"{version}: {weight:.0%}" for version, weight in weights.items()) or "none"


def _number(arn: str) -> int:
    return int(arn.rpartition(":")[2])

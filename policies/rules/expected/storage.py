"""Settings of the table, queues, subscriptions and logs."""

from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy
from policies.rules.expected.settings import Table, between, one_of, optional, wrong_settings
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

_KEPT_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922),
    *(3288, 3653),
    *(0, None),  # for ever: observability-log-retention reports it
)
"""CloudWatch Logs API Reference: PutRetentionPolicy."""

SETTINGS: Table = {
    resource_types.TABLE: (
        one_of("streamEnabled", [None, False], "whoever reads the stream has all that is written"),
        one_of("billingMode", ["PAY_PER_REQUEST", "PROVISIONED"], "the default needs capacities"),
        *(
            optional(between(f"onDemandThroughput.max{way}RequestUnits", 1000, 100_000, "refused"))
            for way in ("Read", "Write")
        ),
        one_of("attributes[].type", ["S", "N", "B"], "DynamoDB has no other keys"),
        one_of(
            "globalSecondaryIndexes[].projectionType",
            ["ALL", "KEYS_ONLY", "INCLUDE"],
            "there is no other",
        ),
        one_of(
            "globalSecondaryIndexes[].keySchemas[].keyType", ["HASH", "RANGE"], "there is no other"
        ),
    ),
    resource_types.QUEUE: (
        optional(
            between("visibilityTimeoutSeconds", 0, 1800, "a message waits so long after a crash")
        ),
        optional(between("delaySeconds", 0, 60, "an alarm or a notification is late")),
        optional(
            between("maxMessageSize", 65_536, 1_048_576, "SNS drops a message that does not fit")
        ),
        optional(between("messageRetentionSeconds", 60, 1_209_600, "SQS refuses other values")),
    ),
    resource_types.LOG_GROUP: (
        one_of("retentionInDays", _KEPT_DAYS, "CloudWatch Logs refuses other values"),
    ),
}


@resource_policy(
    "expected-storage",
    on={*SETTINGS, resource_types.SUBSCRIPTION},
    risk="AWS refuses the table or log group, or a message is lost or waits for hours.",
    fix="Give the setting the value that the message names.",
    source="Amazon DynamoDB, SQS and CloudWatch Logs API References",
)
def storage_settings(resource: Resource) -> Iterator[str]:
    """Billing, keys, indexes, time-outs and retention have values that AWS takes."""
    if resource.type == resource_types.SUBSCRIPTION:
        if resource.read("protocol") == "sqs" and resource.read("redrivePolicy") is None:
            yield "redrivePolicy is absent: SNS drops a message that the queue does not take"
        return
    yield from wrong_settings(resource, SETTINGS)
    if resource.type == resource_types.TABLE:
        yield from _wrong_keys(resource.props)
        yield from _lacking_capacity(resource)


def _wrong_keys(table: Any) -> Iterator[str]:
    indexes = [*(table.get("globalSecondaryIndexes") or ())]
    keys = {table.get("hashKey"), table.get("rangeKey")}
    for index in indexes:
        schema = [(each.get("keyType"), each.get("attributeName")) for each in _schema(index)]
        keys |= {name for _, name in schema}
        if [kind for kind, _ in schema] not in (["HASH"], ["HASH", "RANGE"]):
            yield f"index {index.get('name')} has keys {schema}, it needs HASH, then RANGE or none"
    declared = {each.get("name") for each in table.get("attributes") or ()}
    if declared != keys - {None}:
        yield f"attributes are {_names(declared)}, the keys are {_names(keys)}: they have to agree"


def _lacking_capacity(table: Resource) -> Iterator[str]:
    for name in ("readCapacity", "writeCapacity"):
        if table.read("billingMode") == "PROVISIONED" and not table.read(name):
            yield f"{name} is absent: DynamoDB refuses a table that is PROVISIONED without it"


def _schema(index: Any) -> list[Any]:
    """The keys of an index, in either of the provider's forms."""
    if index.get("keySchemas"):
        return [*index["keySchemas"]]
    plain = (("HASH", index.get("hashKey")), ("RANGE", index.get("rangeKey")))
    return [{"keyType": kind, "attributeName": name} for kind, name in plain if name]


def _names(names: set[Any]) -> str:
    return ", ".join(sorted(map(str, names - {None})))

"""Settings of functions and of what calls them."""

import re
from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy
from policies.rules.expected.settings import (
    Right,
    Table,
    between,
    one_of,
    optional,
    wrong_settings,
)
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

_PROVISIONED = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
_SNAPSHOTTED = ("workflow-start", "workflow-status", "workflow-cancel", "task-generation")
"""Ends of the names of functions that keep nothing in a snapshot that copies may not share."""
_MOST_STORAGE_OF_A_SNAPSHOT = 512
_NUMBERS = ("_SECONDS", "_DAYS", "_SIZE", "_PERCENT", "_PER_MINUTE")
"""Ends of the names of variables that handlers read as a number."""


def _ids(prefix: str, least: int) -> Any:
    def are_ids(values: Any) -> bool:
        found = list(values or ())
        return len(found) >= least and all(
            re.fullmatch(f"{prefix}-[0-9a-f]+", str(each)) for each in found
        )

    return are_ids


def _is_one_architecture(values: Any) -> bool:
    return list(values or ()) in (["arm64"], ["x86_64"])


SETTINGS: Table = {
    resource_types.FUNCTION: (
        Right(
            "architectures",
            _is_one_architecture,
            "[arm64] or [x86_64]",
            "binary packages are built for one, and AWS's default is another",
        ),
        between("memorySize", 256, 4096, "Python does not start in less, more is paid unused"),
        optional(between("ephemeralStorage.size", 512, 1024, "handlers write no files")),
        between("timeout", 1, 900, "AWS's limits; the default is 3 seconds"),
        one_of(
            "snapStart.applyOn",
            [None, "None", "PublishedVersions"],
            "Lambda knows no other",
        ),
        one_of("skipDestroy", [None, False], "versions without a stack would stay and could run"),
        Right("vpcConfig.subnetIds", _ids("subnet", 2), "two subnets", "one zone fails"),
        Right("vpcConfig.securityGroupIds", _ids("sg", 1), "security groups", "no way out"),
    ),
    resource_types.ROLE: (
        optional(
            between("maxSessionDuration", 3600, 14_400, "stolen credentials work for so long")
        ),
    ),
    resource_types.EVENT_SOURCE_MAPPING: (
        between("batchSize", 1, 1000, "a batch has to fit into one call and its time-out"),
        optional(between("maximumBatchingWindowInSeconds", 0, 60, "messages wait so long")),
        Right(
            "scalingConfig",
            bool,
            "given, with maximumConcurrency",
            "a backlog would take the account's concurrency away from the API",
        ),
        between("scalingConfig.maximumConcurrency", 2, 10, "Slack takes a message a second"),
    ),
    resource_types.INVOKE_CONFIG: (
        between("maximumRetryAttempts", 1, 2, "an event is lost at the first fault"),
        between("maximumEventAgeInSeconds", 900, 21_600, "an outage of minutes loses events"),
    ),
    resource_types.EVENT_TARGET: (
        between("retryPolicy.maximumRetryAttempts", 2, 50, "an event is lost at the first fault"),
        between(
            "retryPolicy.maximumEventAgeInSeconds", 900, 21_600, "an outage of minutes loses events"
        ),
    ),
    _PROVISIONED: (
        between("provisionedConcurrentExecutions", 1, 30, "each is paid for by the hour"),
    ),
}


@resource_policy(
    "expected-functions",
    on=SETTINGS,
    risk="A function does not start, or an event is lost while it cannot.",
    fix="Give the setting the value that the message names.",
    source="AWS Lambda Developer Guide: quotas, asynchronous invocation; Security Hub Lambda.5",
)
def function_settings(resource: Resource) -> Iterator[str]:
    """Architecture, memory, network, retries and concurrency are stated and sound."""
    yield from wrong_settings(resource, SETTINGS)
    if resource.read("snapStart", "applyOn") == "PublishedVersions":
        yield from _wrong_snapshots(resource)
    variables: Any = resource.read("environment", "variables") or {}
    for name in variables if resource.type == resource_types.FUNCTION else ():
        value = resource.read("environment", "variables", name)
        if isinstance(value, str) and name.endswith(_NUMBERS) and not _is_number(value):
            yield f"environment variable {name} is {value!r}: the handler reads a number"


def _wrong_snapshots(function: Resource) -> Iterator[str]:
    if not str(function.read("name")).endswith(_SNAPSHOTTED):
        yield (
            "snapStart.applyOn is PublishedVersions: copies of one snapshot share connections and"
            f" random numbers; only {', '.join(_SNAPSHOTTED)} are made for that"
        )
    storage = function.read("ephemeralStorage", "size")
    if isinstance(storage, int | float) and storage > _MOST_STORAGE_OF_A_SNAPSHOT:
        yield f"ephemeralStorage.size is {storage:g}: Lambda takes SnapStart up to 512 MB"


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", text))

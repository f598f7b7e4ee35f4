"""Deletes old published versions of a stack's functions and of its state machine.

Each deployment publishes new ones, and neither Pulumi nor AWS deletes any. They count: Lambda's
packages against 75 GB an account and region, a state machine's versions against 1000.
(AWS Lambda Developer Guide, AWS Step Functions Developer Guide: quotas)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from components.names import Names
from components.settings import Settings
from declared.program import PROJECT, stack_config
from handlers.contract.functions import FUNCTIONS
from ops.problems import OperatorError, is_missing
from ops.stack import Stack

LEAST_KEPT = 2
"""The version that runs and the one before it: what a rollback by the alias needs."""

_SETTING = f"{PROJECT}:keptVersions"


@dataclass(frozen=True)
class Version:
    """A published version.

    owner: the function's or the state machine's name. number: counts from 1.
    arn: of the version.
    """

    owner: str
    number: int
    arn: str


def kept_versions(stack: str) -> int:
    """The setting keptVersions of a stack."""
    default: int = Settings.model_fields["kept_versions"].default
    return int(stack_config(stack).get(_SETTING, default))


def old_versions(stack: Stack, keep: int) -> list[Version]:
    """The versions that are too old, the oldest of each first."""
    functions, machines = stack.client("lambda"), stack.client("stepfunctions")
    found = list[Version]()
    for spec in FUNCTIONS:
        name = stack.names.function(spec)
        found += removable(_of_function(functions, name), _used_of_function(functions, name), keep)
    used = _used_of_machine(machines, stack.names)
    return [*found, *removable(_of_machine(machines, stack.names), used, keep)]


def delete_versions(stack: Stack, versions: Iterable[Version]) -> None:
    """Delete versions, one call each."""
    for version in versions:
        if version.owner == stack.names.state_machine:
            stack.client("stepfunctions").delete_state_machine_version(
                stateMachineVersionArn=version.arn
            )
        else:
            stack.client("lambda").delete_function(
                FunctionName=version.owner, Qualifier=str(version.number)
            )


def removable(versions: Iterable[Version], used: set[int], keep: int) -> list[Version]:
    """All but the newest `keep` and those in use; the oldest first.

    Raises OperatorError if a rollback would have nothing to go back to.
    """
    if keep < LEAST_KEPT:
        raise OperatorError(f"--keep {keep}: at least {LEAST_KEPT}, to roll back to one")
    oldest_first = sorted(versions, key=lambda version: version.number)
    return [version for version in oldest_first[:-keep] if version.number not in used]


def _of_function(client: Any, name: str) -> Iterator[Version]:
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    for each in (version for page in pages for version in page["Versions"]):
        if each["Version"] != "$LATEST":
            yield Version(name, int(each["Version"]), each["FunctionArn"])


def _used_of_function(client: Any, name: str) -> set[int]:
    """What aliases point at, also by their weights, and what provisioned concurrency is for."""
    used = set[int]()
    for page in client.get_paginator("list_aliases").paginate(FunctionName=name):
        for alias in page["Aliases"]:
            weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
            used |= {int(each) for each in (alias["FunctionVersion"], *weights) if each.isdigit()}
    qualifiers = (each["FunctionArn"].rpartition(":")[2] for each in _provisioned(client, name))
    return used | {int(each) for each in qualifiers if each.isdigit()}


def _provisioned(client: Any, name: str) -> list[dict[str, Any]]:
    paginator = client.get_paginator("list_provisioned_concurrency_configs")
    try:
        pages = [*paginator.paginate(FunctionName=name)]
    except ClientError as error:  # so the embedded cloud answers where there is none
        if is_missing(error):
            return []
        raise
    return [each for page in pages for each in page["ProvisionedConcurrencyConfigs"]]


def _of_machine(client: Any, names: Names) -> Iterator[Version]:
    for each in every(
        client.list_state_machine_versions, "stateMachineVersions", names.state_machine_arn
    ):
        arn = each["stateMachineVersionArn"]
        yield Version(names.state_machine, _number(arn), arn)


def _used_of_machine(client: Any, names: Names) -> set[int]:
    used = set[int]()
    for each in every(
        client.list_state_machine_aliases, "stateMachineAliases", names.state_machine_arn
    ):
        alias = client.describe_state_machine_alias(
            stateMachineAliasArn=each["stateMachineAliasArn"]
        )
        used |= {
            _number(route["stateMachineVersionArn"]) for route in alias["routingConfiguration"]
        }
    return used


def every(call: Any, key: str, machine: str) -> Iterator[Any]:
    """Every item of a list that botocore has no paginator for."""
    page = call(stateMachineArn=machine)
    yield from page[key]
    while token := page.get("nextToken"):
        page = call(stateMachineArn=machine, nextToken=token)
        yield from page[key]


def _number(arn: str) -> int:
    return int(arn.rpartition(":")[2])

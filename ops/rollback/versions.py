"""Published versions and the alias `live` of the functions and of the state machine: the calls."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from components.names import ALIAS
from components.settings import STATE_MACHINE_PIN
from handlers.contract.functions import FUNCTIONS
from ops.prune import every
from ops.rollback.plan import Owner
from ops.stack import Stack

FUNCTION_NAMES = tuple(spec.name for spec in FUNCTIONS)
NAMES = (STATE_MACHINE_PIN, *FUNCTION_NAMES)


def read_owner(stack: Stack, name: str) -> Owner:
    """The versions of a function or of the state machine."""
    return _machine(stack) if name == STATE_MACHINE_PIN else _function(stack, name)


def live_version(stack: Stack, name: str) -> int:
    """What `live` points at; where it has weights, at most."""
    if name != STATE_MACHINE_PIN:
        alias = stack.client("lambda").get_alias(FunctionName=_physical(stack, name), Name=ALIAS)
        return int(alias["FunctionVersion"])
    routes: list[dict[str, Any]] = stack.client("stepfunctions").describe_state_machine_alias(
        stateMachineAliasArn=stack.names.state_machine_alias_arn
    )["routingConfiguration"]
    return _number(max(routes, key=lambda route: route["weight"])["stateMachineVersionArn"])


def point_live(stack: Stack, name: str, version: int) -> None:
    """Let `live` point at one version alone."""
    if name != STATE_MACHINE_PIN:
        stack.client("lambda").update_alias(
            FunctionName=_physical(stack, name),
            Name=ALIAS,
            FunctionVersion=str(version),
            RoutingConfig={"AdditionalVersionWeights": {}},
        )
        return
    route = {"stateMachineVersionArn": f"{stack.names.state_machine_arn}:{version}", "weight": 100}
    stack.client("stepfunctions").update_state_machine_alias(
        stateMachineAliasArn=stack.names.state_machine_alias_arn, routingConfiguration=[route]
    )


@dataclass(frozen=True)
class Content:
    """What a version is: facts to compare, and the definition of a machine's."""

    facts: dict[str, str]
    definition: str = ""


def read_content(stack: Stack, name: str, version: int) -> Content:
    """A version's content; of the environment only the variables' names and whether they differ."""
    if name == STATE_MACHINE_PIN:
        arn = f"{stack.names.state_machine_arn}:{version}"
        machine = stack.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        return Content({}, machine["definition"])
    return read_function(stack, name, str(version))


def read_function(stack: Stack, name: str, qualifier: str) -> Content:
    """The content of a function's version, or of the one that an alias points at."""
    held = stack.client("lambda").get_function_configuration(
        FunctionName=_physical(stack, name), Qualifier=qualifier
    )
    variables: dict[str, str] = held.get("Environment", {}).get("Variables", {})
    return Content(
        {
            "CodeSha256": held["CodeSha256"],
            "time-out": f"{held['Timeout']} s",
            "memory": f"{held['MemorySize']} MB",
            "state": held.get("State", "Active"),
            **{f"variable {key}": value for key, value in variables.items()},
        }
    )


def _function(stack: Stack, name: str) -> Owner:
    client, physical = stack.client("lambda"), _physical(stack, name)
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=physical)
    published = {
        int(each["Version"]): _time(each["LastModified"])
        for page in pages
        for each in page["Versions"]
        if each["Version"].isdigit()
    }
    return Owner(name, live_version(stack, name), published)


def _machine(stack: Stack) -> Owner:
    client, arn = stack.client("stepfunctions"), stack.names.state_machine_arn
    versions = every(client.list_state_machine_versions, "stateMachineVersions", arn)
    published = {_number(each["stateMachineVersionArn"]): each["creationDate"] for each in versions}
    return Owner(STATE_MACHINE_PIN, live_version(stack, STATE_MACHINE_PIN), published)


def _physical(stack: Stack, name: str) -> str:
    return next(stack.names.function(spec) for spec in FUNCTIONS if spec.name == name)


def _time(text: str) -> datetime:
    """Lambda's `2026-11-29T08:00:00.000+0000`."""
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _number(arn: str) -> int:
    return int(arn.rpartition(":")[2])

"""What runs is a numbered version, on a runtime that AWS mends, behind an alias that exists."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph, strings

_CALLING_TYPES = (
    resource_types.EVENT_SOURCE_MAPPING,
    resource_types.EVENT_TARGET,
    resource_types.INTEGRATION,
    resource_types.INVOKE_CONFIG,
    resource_types.MACHINE,
    resource_types.PERMISSION,
    resource_types.PROVISIONED_CONCURRENCY,
    resource_types.SUBSCRIPTION,
)
_QUALIFIED_TYPES = {
    resource_types.INVOKE_CONFIG: "functionName",
    resource_types.PERMISSION: "function",
    resource_types.PROVISIONED_CONCURRENCY: "functionName",
}
"""Type with a qualifier -> the input that names the function."""

_PERCENT = 100

_DEPRECATED = {
    "dotnet10": date(2028, 11, 14),
    "java21": date(2029, 6, 30),
    "java25": date(2029, 6, 30),
    "nodejs22.x": date(2027, 4, 30),
    "nodejs24.x": date(2028, 4, 30),
    "provided.al2023": date(2029, 6, 30),
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
    "ruby3.3": date(2027, 3, 31),
    "ruby3.4": date(2028, 3, 31),
}
"""Runtime -> the day from which AWS no longer mends it (AWS Lambda Developer Guide: runtimes, as in
cfn-lint's LmbdRuntimeLifecycle.json)."""


@resource_policy(
    "wiring-supported-runtime",
    on={resource_types.FUNCTION},
    risk="AWS mends no security fault of the runtime, and later refuses to deploy the function.",
    fix="Set runtime to a supported one, such as python3.13.",
    source="AWS Lambda Developer Guide: runtimes; Security Hub Lambda.2",
)
def supported_runtime(resource: Resource) -> Iterator[str]:
    """Functions run on a runtime that AWS supports today."""
    runtime = str(resource.read("runtime"))
    if resource.read("packageType") == "Image":
        yield "it runs an image, whose system only its builder mends: deploy a zip"
    elif runtime not in _DEPRECATED:
        yield f"{runtime} is no supported runtime: {', '.join(sorted(_DEPRECATED))} are"
    elif _DEPRECATED[runtime] <= datetime.now(UTC).date():
        yield f"AWS no longer mends {runtime} since {_DEPRECATED[runtime]}"


@stack_policy(
    "wiring-numbered-versions",
    risk="Callers meet code that nobody released, a rollback changes nothing, and Lambda refuses"
    " provisioned concurrency on $LATEST and on versions with a snapshot.",
    fix="Point every alias at a published version, and every caller and qualifier at an alias; give"
    " a function SnapStart or provisioned concurrency.",
    source="guide: ロールバック手順; AWS Lambda Developer Guide: versions, aliases",
)
def numbered_versions(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Aliases name numbered versions, and nothing names $LATEST."""
    for resource in graph.of(*_CALLING_TYPES):
        for path, text in strings(resource.props):
            if "$LATEST" in text:
                yield resource, f"{path} names $LATEST"
    yield from _warm_and_snapshotted(graph)
    for alias in graph.of(resource_types.FUNCTION_ALIAS):
        version = alias.read("functionVersion")
        weights: Any = alias.read("routingConfig", "additionalVersionWeights") or {}
        for each in (version, *(weights if weights is not UNKNOWN else ())):
            if each is UNKNOWN:
                if not graph.source(alias, "functionVersion", resource_types.FUNCTION):
                    yield alias, "its version is no output of a function of this stack"
            elif not re.fullmatch(r"\d+", str(each)):
                yield (
                    alias,
                    f"functionVersion or routingConfig names {each}, which is no numbered version",
                )
    for alias in graph.of(resource_types.MACHINE_ALIAS):
        machine = graph.source(alias, "routingConfigurations", resource_types.MACHINE)
        arns = [
            text
            for path, text in strings(alias.read("routingConfigurations"))
            if path.endswith("stateMachineVersionArn")
        ]
        wrong = [each for each in arns if not re.search(r":stateMachine:[^:]+:\d+\Z", each)]
        if wrong or machine is None:
            shown = ", ".join(wrong) or "a version of another machine"
            yield alias, f"it routes to {shown}, which is no numbered version of this stack"
        weights = sum(each.get("weight") or 0 for each in alias.items("routingConfigurations"))
        if weights != _PERCENT:
            yield alias, f"its weights are {weights:.0f} together, {_PERCENT} are needed"


def _warm_and_snapshotted(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    snapshotted = {
        each.read("name")
        for each in graph.of(resource_types.FUNCTION)
        if each.read("snapStart", "applyOn") == "PublishedVersions"
    }
    for warm in graph.of(resource_types.PROVISIONED_CONCURRENCY):
        if warm.read("functionName") in snapshotted:
            yield warm, "its function has SnapStart, beside which Lambda refuses it"


@stack_policy(
    "wiring-qualifiers-exist",
    risk="Lambda refuses a permission or a configuration for an alias that is not there yet.",
    fix="Make qualifier the name of an alias of the same function, from the alias's output.",
    source="AWS Lambda Developer Guide: aliases; design: Known before it exists",
)
def qualifiers_exist(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A qualifier is a declared alias that exists first, or a numbered version."""
    aliases = {
        (each.read("functionName"), each.read("name")): each
        for each in graph.of(resource_types.FUNCTION_ALIAS)
    }
    for resource in graph.of(*_QUALIFIED_TYPES):
        qualifier = resource.read("qualifier")
        if not isinstance(qualifier, str) or qualifier.isdecimal():
            continue
        function = resource.read(_QUALIFIED_TYPES[resource.type])
        alias = aliases.get((function, qualifier))
        if alias is None:
            yield resource, f"{function} has no alias {qualifier}"
        elif not graph.reaches(resource, alias):
            yield resource, f"it may be created before {alias.name}"

"""Data can be restored, failed events are kept, and a deployment can be rolled back."""

from collections.abc import Iterator
from typing import Any

from policies.conventions import PROTECTED_STACKS
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.definitions import tasks
from policies.stack.invocations import function_at, invoked_function
from policies.stack.replaced_types import REPLACED_BY
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph

_DATA_TYPES = frozenset(
    {
        resource_types.TABLE,
        resource_types.KEY,
        resource_types.KEY_ALIAS,
        resource_types.SECRET,
        resource_types.USER_POOL,
        resource_types.BUCKET,
        resource_types.BACKUP_VAULT,
    }
)


@resource_policy(
    "resilience-table",
    on={resource_types.TABLE},
    risk="Lost data cannot be restored, and old items are never deleted.",
    fix="Enable point-in-time recovery and a TTL attribute.",
    source="guide: バックアップとリカバリ; Security Hub DynamoDB.2; NIST 800-53 CP-9",
)
def table(resource: Resource) -> Iterator[str]:
    """Tables have point-in-time recovery and a TTL."""
    if resource.read("pointInTimeRecovery", "enabled") is not True:
        yield "it has no point-in-time recovery"
    if resource.read("ttl", "enabled") is not True or not resource.read("ttl", "attributeName"):
        yield "it has no TTL"


@resource_policy(
    "resilience-protected",
    on=_DATA_TYPES,
    risk="One `pulumi destroy`, or a replacement, deletes production's data.",
    fix="Set protect=True, and the service's own deletion protection.",
    source="guide: バックアップとリカバリ; Security Hub DynamoDB.6; Pulumi docs: protect",
)
def protected(resource: Resource) -> Iterator[str]:
    """Resources that hold data in a protected stack cannot be deleted by mistake."""
    if resource.stack not in PROTECTED_STACKS:
        return
    if not resource.protect:
        yield "protect is not set"
    if (
        resource.type == resource_types.TABLE
        and resource.props.get("deletionProtectionEnabled") is not True
    ):
        yield "the table's own deletion protection is off"
    if (
        resource.type == resource_types.USER_POOL
        and resource.props.get("deletionProtection") != "ACTIVE"
    ):
        yield "the pool's own deletion protection is off"
    if resource.type == resource_types.SECRET and resource.props.get("recoveryWindowInDays") == 0:
        yield "recoveryWindowInDays is 0: a deleted secret cannot be recovered"


@resource_policy(
    "resilience-replaceable",
    on=REPLACED_BY,
    risk="Pulumi refuses to replace what is protected, so a rotated secret or a changed permission"
    " stops every deployment.",
    fix="Set protect=False on the resource: otherwise it inherits its parent's protection.",
    source="Pulumi docs: protect (children inherit it); terraform-provider-aws: ForceNew",
)
def replaceable(resource: Resource) -> Iterator[str]:
    """What a normal change replaces is not protected, neither directly nor by its parent."""
    if resource.protect:
        inputs = " or ".join(REPLACED_BY[resource.type])
        yield f"protect is set, but a change of {inputs} replaces it"


@stack_policy(
    "resilience-failure-destination",
    risk="An event is lost when its function has failed three times.",
    fix="Give the target a dead-letter queue and retries, and the function's alias an on_failure"
    " destination.",
    source="AWS Lambda Developer Guide: asynchronous invocation; EventBridge: dead-letter queues;"
    " Well-Architected Serverless Lens",
)
def failure_destination(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Events that a function fails on are kept."""
    for invoker in graph.of(resource_types.EVENT_TARGET, resource_types.SUBSCRIPTION):
        input_ = "endpoint" if invoker.type == resource_types.SUBSCRIPTION else "arn"
        function = invoked_function(graph, invoker, input_)
        if function is None:
            continue
        if invoker.type == resource_types.EVENT_TARGET:
            if invoker.read("deadLetterConfig", "arn") is None:
                yield invoker, "it has no dead-letter queue"
            if not invoker.read("retryPolicy", "maximumRetryAttempts"):
                yield invoker, "it has no retries"
        elif invoker.read("redrivePolicy") is None:
            yield invoker, "it has no dead-letter queue"
        if not _keeps_failures(graph, function):
            yield function, f"{invoker.name} invokes it, and failed events are kept nowhere"


def _keeps_failures(graph: ResourceGraph, function: Resource) -> bool:
    if function.read("deadLetterConfig", "targetArn") is not None:
        return True
    aliases = {
        alias.read("name")
        for alias in graph.of(resource_types.FUNCTION_ALIAS)
        if _belongs_to(alias, function)
    }
    return any(
        _belongs_to(config, function)
        and config.read("destinationConfig", "onFailure", "destination") is not None
        and config.read("qualifier") in aliases
        for config in graph.of(resource_types.INVOKE_CONFIG)
    )


@resource_policy(
    "resilience-rules-on",
    on={resource_types.EVENT_RULE},
    risk="Executions stay open, because the rule that finds them is off.",
    fix="Leave the rule enabled.",
    source="design: Invariants, 2; EventBridge User Guide: rules",
)
def rules_on(resource: Resource) -> Iterator[str]:
    """Event rules are enabled."""
    if resource.props.get("state") == "DISABLED" or resource.props.get("isEnabled") is False:
        yield "state or isEnabled says that it is disabled"


@stack_policy(
    "resilience-rollback",
    risk="A deployment cannot be rolled back, and callers meet a mix of two deployments.",
    fix="Publish versions of functions and state machine, give each an alias, call the alias.",
    source="guide: ロールバック手順; AWS Lambda: aliases; Step Functions: versions and aliases",
)
def rollback(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Functions and state machines publish versions and are called by an alias."""
    aliases = list(graph.of(resource_types.FUNCTION_ALIAS))
    for resource in graph.of(resource_types.FUNCTION, resource_types.MACHINE):
        if resource.props.get("publish") is not True:
            yield resource, "it publishes no version"
    for function in graph.of(resource_types.FUNCTION):
        if not any(_belongs_to(alias, function) for alias in aliases):
            yield function, "it has no alias"
    for machine in graph.of(resource_types.MACHINE):
        if not any(
            graph.source(alias, "routingConfigurations", resource_types.MACHINE) is machine
            for alias in graph.of(resource_types.MACHINE_ALIAS)
        ):
            yield machine, "it has no alias"
        for state in tasks(machine):
            function = function_at(graph, state.target)
            if function and graph.arn(function) == state.target:
                yield machine, f"{state.name} calls {function.name} without its alias"
    for invoker, input_ in _invokers(graph):
        if invoked_function(graph, invoker, input_) and not _names_alias(graph, invoker, input_):
            yield invoker, "it invokes the function without its alias"


def _invokers(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """(invoker, the input that names the function)."""
    yield from ((each, "integrationUri") for each in graph.of(resource_types.INTEGRATION))
    yield from ((each, "arn") for each in graph.of(resource_types.EVENT_TARGET))
    yield from ((each, "functionName") for each in graph.of(resource_types.EVENT_SOURCE_MAPPING))


def _names_alias(graph: ResourceGraph, invoker: Resource, input_: str) -> bool:
    value = invoker.read(input_)
    found = graph.arns.get(str(value)) if value is not UNKNOWN else None
    found = found or graph.source(invoker, input_, resource_types.FUNCTION_ALIAS)
    return found is not None and found.type == resource_types.FUNCTION_ALIAS


def _belongs_to(resource: Resource, function: Resource) -> bool:
    """Whether an alias or invoke configuration is the function's."""
    name: Any = resource.read("functionName")
    return name in (function.read("name"), None) or function.urn in resource.sources.get(
        "functionName", ()
    )

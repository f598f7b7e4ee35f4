"""What must survive: data, calls that end, and events that nobody could take."""

from collections.abc import Iterator
from typing import Any

from policies import resource_types
from policies.definitions import State, definition, states, tasks
from policies.policy import resource_policy, stack_policy
from policies.resource_graph import UNKNOWN, Graph, Resource

PROTECTED_STACKS = frozenset({"prod"})
_KEEPS_DATA = frozenset(
    {
        resource_types.TABLE,
        resource_types.KEY,
        resource_types.KEY_ALIAS,
        resource_types.SECRET,
        resource_types.USER_POOL,
    }
)

MAX_INLINE_CONCURRENCY = 40
"""(AWS Step Functions Developer Guide: Map state in inline mode)"""
MAX_INTEGRATION_MS = 30_000
"""(Amazon API Gateway Developer Guide: quotas of HTTP APIs)"""


@resource_policy(
    "resilience-table",
    on={resource_types.TABLE},
    protects="Data that cannot be brought back, and items that are never deleted.",
    fix="Enable point-in-time recovery and a TTL attribute.",
    source="guide: バックアップとリカバリ; Security Hub DynamoDB.2; NIST 800-53 CP-9",
)
def table(resource: Resource) -> Iterator[str]:
    """Tables can be restored and tidy up."""
    if resource.read("pointInTimeRecovery", "enabled") is not True:
        yield "no point-in-time recovery"
    if resource.read("ttl", "enabled") is not True or not resource.read("ttl", "attributeName"):
        yield "no TTL"


@resource_policy(
    "resilience-protected",
    on=_KEEPS_DATA,
    protects="Production's data, deleted by one `pulumi destroy` or replaced by a renaming.",
    fix="Set protect=True, and the service's own deletion protection.",
    source="guide: バックアップとリカバリ; Security Hub DynamoDB.6; Pulumi docs: protect",
)
def protected(resource: Resource) -> Iterator[str]:
    """What holds data in production cannot be deleted by mistake."""
    if resource.stack not in PROTECTED_STACKS:
        return
    if not resource.protect:
        yield "not protected"
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
        yield "a deleted secret is gone at once"


@resource_policy(
    "resilience-states-end",
    on={resource_types.MACHINE},
    protects="A state that waits for ever, or whose error ends the execution of all its siblings.",
    fix="Give every task TimeoutSeconds, Retry (with jitter and a cap) and Catch; give the machine"
    " TimeoutSeconds that exceed each state's.",
    source="AWS Step Functions Developer Guide: best practices, time-outs; design: State machine",
)
def states_end(resource: Resource) -> Iterator[str]:
    """Every task times out, retries and is caught; the machine times out last."""
    whole = definition(resource).get("TimeoutSeconds")
    if not whole:
        yield "the machine has no TimeoutSeconds"
    for state in tasks(resource):
        for needed in ("TimeoutSeconds", "Retry", "Catch"):
            if not state.body.get(needed):
                yield f"{state.name} has no {needed}"
        if whole and (state.body.get("TimeoutSeconds") or 0) >= whole:
            yield f"{state.name} may take as long as the whole machine, {whole} s"
        for retrier in state.body.get("Retry", ()):
            if retrier.get("JitterStrategy") != "FULL" or not retrier.get("MaxDelaySeconds"):
                yield f"{state.name} retries without jitter or cap"
            if {"States.ALL", "States.TaskFailed"} & set(retrier["ErrorEquals"]):
                yield f"{state.name} retries errors that no retry helps"


@resource_policy(
    "resilience-map-concurrency",
    on={resource_types.MACHINE},
    protects="A Map that floods what it calls, or that waits where it was thought to run.",
    fix=f"Set MaxConcurrency between 1 and {MAX_INLINE_CONCURRENCY} on every inline Map.",
    source="Step Functions Developer Guide: Map state in inline mode; aws-traps: Step Functions",
)
def map_concurrency(resource: Resource) -> Iterator[str]:
    """Inline Maps say how much at once."""
    for state in states(resource):
        mode = state.body.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode", "INLINE")
        if state.type == "Map" and mode == "INLINE":
            at_once = state.body.get("MaxConcurrency")
            if not isinstance(at_once, int) or not 1 <= at_once <= MAX_INLINE_CONCURRENCY:
                yield f"{state.name}: MaxConcurrency {at_once}"


@stack_policy(
    "resilience-timeouts-nest",
    protects="A caller that gives up while its function works on, and calls it again.",
    fix="Function < state; function < integration < 30 s. Lower the inner or raise the outer one.",
    source="design: State machine; AWS Lambda: time-outs; aws-traps: API, Lambda",
)
def timeouts_nest(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Functions time out before whoever calls them."""
    for function in graph.of(resource_types.FUNCTION):
        if not function.props.get("timeout"):
            yield function, "no time-out: Lambda's default is 3 s"
    for machine in graph.of(resource_types.MACHINE):
        for state in tasks(machine):
            function = function_at(graph, state.target)
            limit = state.body.get("TimeoutSeconds") or 0
            if function and function.props.get("timeout", 3) >= limit:
                yield function, f"{function.props.get('timeout')} s, but {state.name} waits {limit}"
    for integration in graph.of(resource_types.INTEGRATION):
        function = behind(graph, integration, "integrationUri")
        limit = (integration.props.get("timeoutMilliseconds") or MAX_INTEGRATION_MS) / 1000
        if limit * 1000 > MAX_INTEGRATION_MS:
            yield integration, f"{limit:.0f} s: an HTTP API waits {MAX_INTEGRATION_MS / 1000:.0f}"
        if function and function.props.get("timeout", 3) >= limit:
            yield function, f"{function.props.get('timeout')} s, but the API waits {limit:.0f}"


@stack_policy(
    "resilience-reserved-concurrency",
    protects="A function that is switched off, or throttled by its own limit.",
    fix="Reserve nothing, or at least what the machine runs at once.",
    source="AWS Lambda Developer Guide: reserved concurrency; aws-traps: Lambda",
)
def reserved_concurrency(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """A reservation, where there is one, is enough for the machine."""
    needed: dict[str, tuple[int, State]] = {}
    for machine in graph.of(resource_types.MACHINE):
        for state in tasks(machine):
            function = function_at(graph, state.target)
            if function:
                needed[function.urn] = max(
                    needed.get(function.urn, (0, state)), (state.at_once, state), key=lambda x: x[0]
                )
    for function in graph.of(resource_types.FUNCTION):
        reserved = function.props.get("reservedConcurrentExecutions")
        if reserved is None or reserved < 0:
            continue
        at_once, state = needed.get(function.urn, (1, None))
        if reserved < at_once:
            why = f"{state.name} runs {at_once} at once" if state else "switched off"
            yield function, f"reserved {reserved:.0f}: {why}"


@stack_policy(
    "resilience-failure-destination",
    protects="An event that is lost because its function failed three times.",
    fix="Give the target a dead-letter queue and retries, and the function's alias an on_failure"
    " destination.",
    source="AWS Lambda Developer Guide: asynchronous invocation; EventBridge: dead-letter queues;"
    " Well-Architected Serverless Lens",
)
def failure_destination(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """What is invoked by events leaves its failures somewhere."""
    for invoker in graph.of(resource_types.EVENT_TARGET, resource_types.SUBSCRIPTION):
        where = "endpoint" if invoker.type == resource_types.SUBSCRIPTION else "arn"
        function = behind(graph, invoker, where)
        if function is None:
            continue
        if invoker.type == resource_types.EVENT_TARGET:
            if invoker.read("deadLetterConfig", "arn") is None:
                yield invoker, "no dead-letter queue"
            if not invoker.read("retryPolicy", "maximumRetryAttempts"):
                yield invoker, "no retries"
        elif invoker.read("redrivePolicy") is None:
            yield invoker, "no dead-letter queue"
        if not _keeps_failures(graph, function):
            yield function, f"{invoker.name} invokes it, and what fails goes nowhere"


@resource_policy(
    "resilience-rules-on",
    on={resource_types.EVENT_RULE},
    protects="Executions that nobody gives an end, for the rule that looks for them is off.",
    fix="Leave the rule enabled.",
    source="design: Invariants, 2; EventBridge User Guide: rules",
)
def rules_on(resource: Resource) -> Iterator[str]:
    """Rules are enabled."""
    if resource.props.get("state") == "DISABLED" or resource.props.get("isEnabled") is False:
        yield "disabled"


def _keeps_failures(graph: Graph, function: Resource) -> bool:
    if function.read("deadLetterConfig", "targetArn") is not None:
        return True
    aliases = {
        a.read("name") for a in graph.of(resource_types.FUNCTION_ALIAS) if _is_of(a, function)
    }
    return any(
        _is_of(config, function)
        and config.read("destinationConfig", "onFailure", "destination") is not None
        and config.read("qualifier") in aliases
        for config in graph.of(resource_types.INVOKE_CONFIG)
    )


@stack_policy(
    "resilience-rollback",
    protects="A deployment that cannot be taken back, and callers that meet half of one.",
    fix="Publish versions of functions and machine, put the alias before them, call the alias.",
    source="guide: ロールバック手順; AWS Lambda: aliases; Step Functions: versions and aliases",
)
def rollback(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Everything that runs is a published version behind an alias, and is called by it."""
    aliases = list(graph.of(resource_types.FUNCTION_ALIAS))
    for resource in graph.of(resource_types.FUNCTION, resource_types.MACHINE):
        if resource.props.get("publish") is not True:
            yield resource, "publishes no version"
    for function in graph.of(resource_types.FUNCTION):
        if not any(_is_of(alias, function) for alias in aliases):
            yield function, "has no alias"
    for machine in graph.of(resource_types.MACHINE):
        if not any(
            graph.source(alias, "routingConfigurations", resource_types.MACHINE) is machine
            for alias in graph.of(resource_types.MACHINE_ALIAS)
        ):
            yield machine, "has no alias"
        for state in tasks(machine):
            function = function_at(graph, state.target)
            if function and graph.arn(function) == state.target:
                yield machine, f"{state.name} calls {function.name} unqualified"
    for invoker, where in _invokers(graph):
        if behind(graph, invoker, where) and not _is_alias(graph, invoker, where):
            yield invoker, "invokes the function, not its alias"


def _invokers(graph: Graph) -> Iterator[tuple[Resource, str]]:
    yield from ((each, "integrationUri") for each in graph.of(resource_types.INTEGRATION))
    yield from ((each, "arn") for each in graph.of(resource_types.EVENT_TARGET))
    yield from ((each, "functionName") for each in graph.of(resource_types.EVENT_SOURCE_MAPPING))


def _is_alias(graph: Graph, invoker: Resource, where: str) -> bool:
    value = invoker.read(where)
    found = graph.arns.get(str(value)) if value is not UNKNOWN else None
    found = found or graph.source(invoker, where, resource_types.FUNCTION_ALIAS)
    return found is not None and found.type == resource_types.FUNCTION_ALIAS


def _is_of(alias: Resource, function: Resource) -> bool:
    name: Any = alias.read("functionName")
    return name in (function.read("name"), None) or function.urn in alias.sources.get(
        "functionName", ()
    )


def function_at(graph: Graph, arn: str) -> Resource | None:
    """The function that an ARN, perhaps of an alias, names."""
    found = graph.arns.get(arn)
    if found and found.type == resource_types.FUNCTION_ALIAS:
        return graph.named(resource_types.FUNCTION, found.read("functionName"))
    return found if found and found.type == resource_types.FUNCTION else None


def behind(graph: Graph, invoker: Resource, where: str) -> Resource | None:
    """The function that an invoker calls, by ARN or by the edge to it or to its alias."""
    value = invoker.read(where)
    if isinstance(value, str):
        return function_at(graph, value)
    alias = graph.source(invoker, where, resource_types.FUNCTION_ALIAS)
    if alias:
        return graph.named(resource_types.FUNCTION, alias.read("functionName"))
    return graph.source(invoker, where, resource_types.FUNCTION)

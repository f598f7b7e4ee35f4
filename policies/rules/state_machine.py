"""The state machine's limits: time-outs, retries and concurrency."""

from collections.abc import Iterator

from policies.conventions import MAX_TRANSACTIONS, SAVER
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.definitions import State, definition, states, tasks
from policies.stack.invocations import function_at, invoked_function
from policies.stack.resource_graph import Resource, ResourceGraph

MAX_INLINE_CONCURRENCY = 40
"""(AWS Step Functions Developer Guide: Map state in inline mode)"""
_MOST_RESERVED = 4
"""Times the calls at once: for some executions at the same time."""
MAX_INTEGRATION_MS = 30_000
"""(Amazon API Gateway Developer Guide: quotas of HTTP APIs)"""


@resource_policy(
    "resilience-states-end",
    on={resource_types.MACHINE},
    risk="A state waits for ever, or one error ends the execution for all parallel states.",
    fix="Give every Task TimeoutSeconds, Retry (with jitter and MaxDelaySeconds) and Catch; give"
    " the state machine more TimeoutSeconds than any state.",
    source="AWS Step Functions Developer Guide: best practices, time-outs; design: State machine",
)
def states_end(resource: Resource) -> Iterator[str]:
    """Every Task has a time-out, Retry and Catch; the state machine's time-out is the longest."""
    whole = definition(resource).get("TimeoutSeconds")
    if not whole:
        yield "the state machine has no TimeoutSeconds"
    for state in tasks(resource):
        for field in ("TimeoutSeconds", "Retry", "Catch"):
            if not state.body.get(field):
                yield f"{state.name} has no {field}"
        if whole and (state.body.get("TimeoutSeconds") or 0) >= whole:
            yield f"{state.name} may take as long as the whole execution, {whole} s"
        for retrier in state.body.get("Retry", ()):
            if retrier.get("JitterStrategy") != "FULL" or not retrier.get("MaxDelaySeconds"):
                yield f"{state.name} retries without JitterStrategy FULL or MaxDelaySeconds"
            if {"States.ALL", "States.TaskFailed"} & set(retrier["ErrorEquals"]):
                yield f"{state.name} also retries errors that a retry cannot mend"


@resource_policy(
    "resilience-map-concurrency",
    on={resource_types.MACHINE},
    risk="A Map calls more at once than its function bears, or less than it is meant to; a"
    " distributed one without a limit calls the model 10,000 times at once.",
    fix=f"Set MaxConcurrency, a number, between 1 and {MAX_INLINE_CONCURRENCY} on every Map (around"
    f" {SAVER}: {MAX_TRANSACTIONS}); nested Maps multiply.",
    source="Step Functions Developer Guide: Map state; aws-traps: Step Functions; design: State"
    " machine",
)
def map_concurrency(resource: Resource) -> Iterator[str]:
    """Maps, distributed ones too, have a fixed MaxConcurrency, and so have nested ones together."""
    for state in states(resource):
        limit = state.body.get("MaxConcurrency")
        is_bounded = isinstance(limit, int) and 1 <= limit <= MAX_INLINE_CONCURRENCY
        if state.type == "Map" and not is_bounded:
            yield f"{state.name} has MaxConcurrency {limit}"
        if state.type == "Task" and state.concurrency > MAX_INLINE_CONCURRENCY:
            yield f"{state.name} may run {state.concurrency} times at once"
        saves = state.type == "Task" and f"-{SAVER}:" in f"{state.target}:"
        if saves and state.concurrency > MAX_TRANSACTIONS:
            yield f"{state.name} runs {state.concurrency} transactions at once on the database"


@stack_policy(
    "resilience-timeouts-nest",
    risk="A caller times out while its function still works, and calls it again.",
    fix="Function < state; function < integration < 30 s. Lower the inner or raise the outer one.",
    source="design: State machine; AWS Lambda: time-outs; aws-traps: API, Lambda",
)
def timeouts_nest(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Functions time out before their callers do."""
    for function in graph.of(resource_types.FUNCTION):
        if not function.props.get("timeout"):
            yield function, "it has no time-out: Lambda's default is 3 s"
    for machine in graph.of(resource_types.MACHINE):
        for state in tasks(machine):
            function = function_at(graph, state.target)
            limit = state.body.get("TimeoutSeconds") or 0
            if function and _timeout(function) >= limit:
                yield (
                    function,
                    f"it may take {_timeout(function)} s, but {state.name} waits {limit}",
                )
    for integration in graph.of(resource_types.INTEGRATION):
        function = invoked_function(graph, integration, "integrationUri")
        limit = (integration.props.get("timeoutMilliseconds") or MAX_INTEGRATION_MS) / 1000
        if limit * 1000 > MAX_INTEGRATION_MS:
            most = MAX_INTEGRATION_MS / 1000
            yield integration, f"its time-out is {limit:.0f} s, an HTTP API's at most {most:.0f}"
        if function and _timeout(function) >= limit:
            yield function, f"it may take {_timeout(function)} s, but the API waits {limit:.0f}"


def _timeout(function: Resource) -> int:
    return function.props.get("timeout", 3)


@stack_policy(
    "resilience-reserved-concurrency",
    risk="A function is switched off or throttled by its own limit, or takes away what the"
    " account's other functions need.",
    fix="Reserve nothing, or as much as the state machine calls at once, up to"
    f" {_MOST_RESERVED} times that.",
    source="AWS Lambda Developer Guide: reserved concurrency; aws-traps: Lambda",
)
def reserved_concurrency(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Reserved concurrency is enough for the state machine."""
    needed: dict[str, tuple[int, State]] = {}
    for machine in graph.of(resource_types.MACHINE):
        for state in tasks(machine):
            function = function_at(graph, state.target)
            if function:
                needed[function.urn] = max(
                    needed.get(function.urn, (0, state)),
                    (state.concurrency, state),
                    key=lambda each: each[0],
                )
    for function in graph.of(resource_types.FUNCTION):
        reserved = function.props.get("reservedConcurrentExecutions")
        if reserved is None or reserved < 0:
            continue
        concurrency, state = needed.get(function.urn, (1, None))
        if reserved < concurrency:
            why = f"{state.name} calls it {concurrency} times at once" if state else "it never runs"
            yield function, f"{reserved:.0f} are reserved: {why}"
        elif state and reserved > _MOST_RESERVED * concurrency:
            most = _MOST_RESERVED * concurrency
            yield function, f"{reserved:.0f} are reserved, {most} at most: no other may use them"

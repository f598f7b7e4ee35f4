"""The walk from state to state: through the machine, and through each iteration of a Map.

Amazon States Language: when an iteration of a Map fails and nothing catches it, the Map fails at
once and its other iterations end (MiniStack runs them to their end).
"""

import copy
from typing import Any

from localcloud.aws.executions.history import check_size, compact, record
from localcloud.aws.executions.scopes import Scope, current, entered
from localcloud.aws.ministack import ExecutionError, Json, responses, states

INLINE_MAP_LIMIT = 40
"""Iterations of an inline Map that run at once, whatever MaxConcurrency says (quotas)."""

_run_map_items = states._run_map_items
_run_sub_machine = states._run_sub_machine


def walk(all_states: Json, start_at: str, data: Any, execution: Json, context: Json) -> Any:
    """Run states from `start_at` to an end; the last one's output, ExecutionError if one fails."""
    scope = current()
    name: str | None = start_at
    data = copy.deepcopy(data)
    while name:
        if scope is not None:
            scope.check()
        state = all_states[name]
        kind = state["Type"]
        context["State"] = {"Name": name, "EnteredTime": responses.now_iso(), "RetryCount": 0}
        entered_details = {"name": name, "input": compact(data)}
        record(execution, f"{kind}StateEntered", {"stateEnteredEventDetails": entered_details})
        data, following = _run_state(state, data, execution, context)
        check_size(data, name)
        exited_details = {"name": name, "output": compact(data)}
        record(execution, f"{kind}StateExited", {"stateExitedEventDetails": exited_details})
        name = following
    return data


def _run_state(state: Json, data: Any, execution: Json, context: Json) -> tuple[Any, str | None]:
    match state["Type"]:
        case "Fail":
            raise ExecutionError(*states._fail_state_error(state, data, context))
        case "Task" | "Map" | "Parallel" as kind:
            run = getattr(states, f"_execute_{kind.lower()}")
            return run(state, data, execution, context)
        case "Succeed":
            # a Pass without Next: unlike MiniStack's own Succeed it evaluates a JSONata Output
            return states._execute_pass(state, data, context)
        case kind:
            return getattr(states, f"_execute_{kind.lower()}")(state, data, context)


def run_map(state: Json, data: Any, execution: Json, context: Json) -> tuple[Any, str | None]:
    """Run a Map's iterations in a scope of their own (replaces MiniStack's `_run_map_items`)."""
    scope = current()
    if scope is None or _is_distributed(state):
        return _run_map_items(state, data, execution, context)
    items = _items(state, data, context)
    record(execution, "MapStateStarted", {"mapStateStartedEventDetails": {"length": len(items)}})
    at_once = state.get("MaxConcurrency", 0)
    if isinstance(at_once, int):
        at_once = min(at_once or INLINE_MAP_LIMIT, INLINE_MAP_LIMIT)
    with entered(scope.branch(map_name=context["State"]["Name"])) as iterations:
        try:
            outcome = _run_map_items({**state, "MaxConcurrency": at_once}, data, execution, context)
        except ExecutionError as error:
            outcome = iterations.failure or error
    scope.last_event_id = max(scope.last_event_id, iterations.last_event_id)
    if isinstance(outcome, Exception):
        record(execution, "MapStateFailed")
        raise outcome
    record(execution, "MapStateSucceeded")
    return outcome


def run_iteration(
    all_states: Json, start_at: str, data: Any, execution: Json, context: Json
) -> Any:
    """Run one iteration or branch (replaces MiniStack's `_run_sub_machine`)."""
    iterations = current()
    if iterations is None or not iterations.map_name:
        return walk(all_states, start_at, data, execution, context)
    iterations.check()
    iteration = {"name": iterations.map_name, "index": context["Map"]["Item"]["Index"]}
    with entered(iterations.branch()) as scope:
        _record_iteration("Started", scope, iteration)
        try:
            output = walk(all_states, start_at, data, execution, context)
        except Exception as error:
            if not scope.ended:
                _record_iteration("Failed", scope, iteration)
                iterations.last_event_id = scope.last_event_id
                iterations.end(error)
            raise
        _record_iteration("Succeeded", scope, iteration)
        iterations.last_event_id = max(iterations.last_event_id, scope.last_event_id)
        return output


def _record_iteration(outcome: str, scope: Scope, iteration: Json) -> None:
    details = {f"mapIteration{outcome}EventDetails": iteration}
    record(scope.execution, f"MapIteration{outcome}", details)


def _items(state: Json, data: Any, context: Json) -> list[Any]:
    if "Items" in state:
        return states._jsonata_state_field(state, "Items", "array", data, context)
    effective = states._apply_input_path(state, data, context)
    return states._resolve_path_or_ctx(state.get("ItemsPath", "$"), effective, context)


def _is_distributed(state: Json) -> bool:
    processor: Json = state.get("ItemProcessor", state.get("Iterator", {}))
    return processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"

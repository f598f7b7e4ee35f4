"""A Map state: its items, and the iterations of one that is inline."""

from typing import Any

from localcloud.aws.executions.asl.attempts import attempt, located
from localcloud.aws.executions.asl.distributed_map import MapRun, Tolerance, is_distributed
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.lines import Work, run_side_by_side
from localcloud.aws.executions.asl.parallel_state import Walk
from localcloud.aws.executions.asl.plain_states import Outcome, begun
from localcloud.aws.executions.errors import StatesRuntimeError
from localcloud.aws.executions.history import record
from localcloud.aws.executions.scopes import Scope
from localcloud.aws.ministack import ExecutionError, Json

INLINE_LIMIT = 40
"""Iterations of an inline Map that run at once, whatever MaxConcurrency says (quotas)."""

_WHOLE_PERCENT = 100


def run_map(state: Json, given: Any, frame: Frame, walk: Walk) -> Outcome:
    """Map: the outputs of its iterations, in the order of its items."""
    fields = begun(state, given, frame)
    processor: Json = state.get("ItemProcessor") or state["Iterator"]

    def iteration(index: int, item: Any) -> Work:
        inner = frame.inner(Map={"Item": {"Index": index, "Value": item}})
        details = {"name": frame.context["State"]["Name"], "index": index}

        def work(line: Scope) -> Any:
            _record(frame, "Started", details, leads_on=True)
            try:
                with located(frame):
                    given = fields.item_input(inner)
                output = walk(processor, given, inner)
            except ExecutionError:
                _record(frame, "Failed", details, leads_on=False)
                raise
            line.ended_at = _record(frame, "Succeeded", details, leads_on=False)
            return output

        return work

    def work() -> Any:
        at_once: int = fields.number("MaxConcurrency") or 0
        if at_once < 0:
            raise StatesRuntimeError("MaxConcurrency cannot be negative.")
        items = [] if "ItemReader" in state else fields.items()
        started = {"mapStateStartedEventDetails": {"length": len(items)}}
        record(frame.execution, "MapStateStarted", started)
        tolerance = _tolerance(fields.number)
        if is_distributed(processor):
            run = MapRun(state, fields, frame, walk, at_once, tolerance)
            results = run.outputs(items)
        else:
            results = run_side_by_side(
                [iteration(index, item) for index, item in enumerate(items)],
                min(at_once or INLINE_LIMIT, INLINE_LIMIT),
            )
            record(frame.execution, "MapStateSucceeded", leads_on=False)
        return fields.output(results)

    # recorded: what a Map's fields fail with does not follow the event that entered it
    previous = frame.came_from
    return attempt(state, fields, frame, work, given_up="MapStateFailed", previous=previous)


def _record(frame: Frame, outcome: str, iteration: Json, *, leads_on: bool) -> int:
    details = {f"mapIteration{outcome}EventDetails": iteration}
    return record(frame.execution, f"MapIteration{outcome}", details, leads_on=leads_on)


def _tolerance(number: Any) -> Tolerance:
    count = number("ToleratedFailureCount")
    percentage = number("ToleratedFailurePercentage", "float")
    if count is not None and count < 0:
        raise StatesRuntimeError("ToleratedFailureCount cannot be negative.")
    if percentage is not None and not 0 <= percentage <= _WHOLE_PERCENT:
        raise StatesRuntimeError("ToleratedFailurePercentage must be between 0 and 100.")
    return Tolerance(count, percentage)

"""The walk from state to state: through a machine, a branch or an iteration."""

import copy
from collections.abc import Callable
from typing import Any

from localcloud.aws.executions.asl.attempts import located
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.map_state import run_map
from localcloud.aws.executions.asl.parallel_state import run_parallel
from localcloud.aws.executions.asl.plain_states import (
    Outcome,
    run_choice,
    run_fail,
    run_pass,
    run_succeed,
    run_wait,
)
from localcloud.aws.executions.asl.task_state import run_task
from localcloud.aws.executions.history import (
    check_size,
    record,
    with_assigned,
    with_input,
    with_output,
)
from localcloud.aws.executions.scopes import current
from localcloud.aws.ministack import Json, responses


def walk(machine: Json, given: Any, frame: Frame) -> Any:
    """Run states from StartAt to an end; the last one's output, ExecutionError if one fails."""
    scope = current()
    name: str | None = machine["StartAt"]
    data = copy.deepcopy(given)
    while name is not None:
        scope.check()
        state: Json = machine["States"][name]
        data, following = _enter(name, state, data, frame)
        name = following
    return data


def _enter(name: str, state: Json, data: Any, frame: Frame) -> Outcome:
    execution, kind = frame.execution, state["Type"]
    frame.context["State"] = {"EnteredTime": responses.now_iso(), "Name": name}
    frame.came_from, frame.assigned = current().last_event_id, {}
    entered = {"stateEnteredEventDetails": {"name": name, **with_input(data)}}
    frame.entered = record(execution, f"{kind}StateEntered", entered)
    with located(frame):
        output, following = _STATES[kind](state, data, frame)
    check_size(output, name)
    details = {"name": name, **with_output(output), **with_assigned(frame.assigned)}
    record(execution, f"{kind}StateExited", {"stateExitedEventDetails": details})
    frame.variables.update(frame.assigned)
    return output, following


_STATES: dict[str, Callable[[Json, Any, Frame], Outcome]] = {
    "Pass": run_pass,
    "Choice": run_choice,
    "Wait": run_wait,
    "Succeed": run_succeed,
    "Fail": run_fail,
    "Task": run_task,
    "Map": lambda state, data, frame: run_map(state, data, frame, walk),
    "Parallel": lambda state, data, frame: run_parallel(state, data, frame, walk),
}

"""Retry and Catch, of Task, Map and Parallel; and the error of a state that fails by itself.

Specification: Errors. Recorded: States.Runtime is caught neither by States.ALL nor by its own name,
States.DataLimitExceeded by both (the developer guide excepts it from States.ALL).
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from localcloud.aws.executions import tasks
from localcloud.aws.executions.asl.expression_state import ExpressionState
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.path_state import PathState
from localcloud.aws.executions.asl.plain_states import Outcome
from localcloud.aws.executions.errors import QueryEvaluationError, StatesRuntimeError
from localcloud.aws.executions.history import record
from localcloud.aws.ministack import ExecutionError, Json

_DEFAULT_ATTEMPTS = 3


@contextmanager
def located(frame: Frame, previous: int | None = None) -> Generator[None]:
    """Raise a state's own failures as AWS words them; ExecutionError.

    previous: the event that EvaluationFailed follows, unless it is the latest.
    """
    name = frame.context["State"]["Name"]
    where = (
        f"An error occurred while executing the state '{name}' (entered at the event id "
        f"#{frame.entered}). "
    )
    try:
        yield
    except StatesRuntimeError as failure:
        raise ExecutionError("States.Runtime", where + failure.message) from failure
    except QueryEvaluationError as failure:
        error = ExecutionError("States.QueryEvaluationError", where + failure.message)
        details: Json = {"error": error.error, "cause": error.cause, "state": name}
        if failure.location:
            details["location"] = failure.location
        failed = {"evaluationFailedEventDetails": details}
        record(frame.execution, "EvaluationFailed", failed, previous=previous)
        raise error from failure


def attempt(
    state: Json,
    fields: PathState | ExpressionState,
    frame: Frame,
    work: Callable[[], Any],
    *,
    given_up: str = "",
    previous: int | None = None,
) -> Outcome:
    """The outcome of a state's work, with its retriers and catchers.

    work: one attempt; its output. given_up: the event after the last one, before any catcher.
    """
    retries: dict[int, int] = {}
    while True:
        frame.context["State"]["RetryCount"] = sum(retries.values())
        frame.assigned.clear()
        try:
            with located(frame, previous):
                return work(), state.get("Next")
        except ExecutionError as error:
            if error.error == "States.Runtime":
                raise
            delay = _delay(state.get("Retry", []), error.error, retries)
            if delay is not None:
                tasks.sleep(delay)
                continue
            if given_up:
                record(frame.execution, given_up)
            return _caught(state.get("Catch", []), fields, frame, error)


def _delay(retriers: list[Json], error: str | None, retries: dict[int, int]) -> float | None:
    """Seconds to the next attempt, which is counted; None if there is none."""
    for number, retrier in enumerate(retriers):
        if _covers(retrier["ErrorEquals"], error):
            so_far = retries.get(number, 0)
            if so_far >= retrier.get("MaxAttempts", _DEFAULT_ATTEMPTS):
                return None
            retries[number] = so_far + 1
            return tasks.delay_seconds(retrier, so_far)
    return None


def _caught(
    catchers: list[Json],
    fields: PathState | ExpressionState,
    frame: Frame,
    error: ExecutionError,
) -> Outcome:
    for number, catcher in enumerate(catchers):
        if _covers(catcher["ErrorEquals"], error.error):
            output = {"Error": error.error or "", "Cause": error.cause or ""}
            with located(frame):
                return fields.caught(catcher, f"Catch[{number}]/", output), catcher["Next"]
    raise error


def _covers(names: list[str], error: str | None) -> bool:
    if "States.ALL" in names or error in names:
        return True
    return "States.TaskFailed" in names and error != "States.Timeout"

"""The states that do no work: Pass, Choice, Wait, Succeed, Fail."""

from datetime import UTC, datetime
from typing import Any

from localcloud.aws.executions import tasks
from localcloud.aws.executions.asl import choices
from localcloud.aws.executions.asl.expression_state import ExpressionState
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.path_state import PathState
from localcloud.aws.executions.asl.timestamps import moment
from localcloud.aws.executions.errors import (
    PathNotFoundError,
    QueryEvaluationError,
    StatesRuntimeError,
)
from localcloud.aws.executions.history import compact
from localcloud.aws.ministack import ExecutionError, Json

LONGEST_WAIT_SECONDS = 2**31 - 1
"""Recorded: a Wait until 24,856 days from now (2**31 s is 24,855 days and 3 hours) is refused."""

Outcome = tuple[Any, str | None]
"""A state's output, and the name of the state that follows; None at the end."""


def begun(state: Json, given: Any, frame: Frame) -> PathState | ExpressionState:
    """A state that has been entered, in its query language."""
    kind = ExpressionState if frame.is_jsonata(state) else PathState
    return kind(state, given, frame)


def run_pass(state: Json, given: Any, frame: Frame) -> Outcome:
    """Pass: its Result, or what its fields make of its input."""
    fields = begun(state, given, frame)
    if isinstance(fields, ExpressionState):
        return fields.passed_on(state), state.get("Next")
    result = state["Result"] if "Result" in state else fields.arguments()
    return fields.output(result), state.get("Next")


def run_succeed(state: Json, given: Any, frame: Frame) -> Outcome:
    """Succeed: the end of its line."""
    return begun(state, given, frame).passed_on(state), None


def run_fail(state: Json, given: Any, frame: Frame) -> Outcome:
    """Fail: raises its error, which may lack an error, a cause or both."""
    fields = begun(state, given, frame)
    raise ExecutionError(fields.text("Error"), fields.text("Cause"))


def run_choice(state: Json, given: Any, frame: Frame) -> Outcome:
    """Choice: the first rule that holds, or the default, with its Assign and Output."""
    fields = begun(state, given, frame)
    for number, rule in enumerate(state["Choices"]):
        location = f"Choices[{number}]/"
        if isinstance(fields, ExpressionState):
            if fields.holds(rule["Condition"], f"{location}Condition"):
                return fields.passed_on(rule, location), rule["Next"]
        elif choices.holds(rule, fields.referenced):
            return fields.passed_on(rule), rule["Next"]
    if "Default" not in state:
        raise StatesRuntimeError(
            "Failed to transition out of the state. The state does not point to a next state."
        )
    return fields.passed_on(state), state["Default"]


def run_wait(state: Json, given: Any, frame: Frame) -> Outcome:
    """Wait: for Seconds, or until Timestamp."""
    fields = begun(state, given, frame)
    if isinstance(fields, ExpressionState):
        seconds = _expressed_wait(state, fields)
    else:
        seconds = _referenced_wait(state, fields)
    tasks.sleep(seconds)
    return fields.passed_on(state), state.get("Next")


def _expressed_wait(state: Json, fields: ExpressionState) -> float:
    if "Seconds" not in state:
        timestamp = fields.text("Timestamp") or ""
        return _until(
            timestamp,
            QueryEvaluationError(
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time "
                f"format string: {timestamp}",
                "Timestamp",
            ),
        )
    seconds = fields.number("Seconds")
    if not float(seconds).is_integer():
        raise QueryEvaluationError(
            f"The Seconds field cannot be parsed as an integer: {compact(seconds)}", "Seconds"
        )
    if seconds < 0:
        raise QueryEvaluationError(
            f"Seconds cannot be negative but was: {compact(seconds)}", "Seconds"
        )
    return seconds


def _referenced_wait(state: Json, fields: PathState) -> float:
    if "Seconds" in state:
        return state["Seconds"]
    if "Timestamp" in state:
        return _until(state["Timestamp"], StatesRuntimeError("The Timestamp is not valid."))
    name = "SecondsPath" if "SecondsPath" in state else "TimestampPath"
    path = state[name]
    try:
        found = fields.referenced(path)
    except PathNotFoundError:
        raise StatesRuntimeError(
            f"The {name} parameter does not reference an input value: {path}"
        ) from None
    shown = found if isinstance(found, str) else compact(found)
    if name == "TimestampPath":
        return _until(
            shown,
            StatesRuntimeError(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
                f"date-time format string: {path} == {shown}"
            ),
        )
    if not isinstance(found, int) or isinstance(found, bool):
        raise StatesRuntimeError(
            f"The SecondsPath parameter cannot be parsed as a long value: {path} == {shown}"
        )
    if found < 0:
        raise StatesRuntimeError(
            f"The SecondsPath parameter references a negative value: {path} == {shown}"
        )
    return found


def _until(timestamp: str, invalid: Exception) -> float:
    """Seconds from now to a timestamp; raises `invalid` if it is none."""
    then = moment(timestamp)
    if then is None:
        raise invalid
    seconds = (then - datetime.now(UTC)).total_seconds()
    if seconds > LONGEST_WAIT_SECONDS:
        raise StatesRuntimeError("Wait state delay is too long.")
    return max(seconds, 0)

"""What a history says of who worked when."""

from typing import Any

from ops.trace.attempts import Attempt, AttemptOutcome, OutsideEnd, read_end, read_states
from tests.ops.trace.parts import at, history


def entered(name: str, text: str = "") -> dict[str, Any]:
    return {"stateEnteredEventDetails": {"name": name, "input": text}}


def failed(error: str) -> dict[str, Any]:
    return {"lambdaFunctionFailedEventDetails": {"error": error, "cause": "{}"}}


def exited(name: str) -> dict[str, Any]:
    return {"stateExitedEventDetails": {"name": name}}


def test_retries_are_attempts_of_one_step() -> None:
    (state,) = read_states(
        history(
            ("TaskStateEntered", 0, entered("GenerateTasks", '{"actionId": "a"}')),
            ("LambdaFunctionScheduled", 1, {}),
            ("LambdaFunctionStarted", 2, {}),
            ("LambdaFunctionFailed", 3, failed("ModelThrottledError")),
            ("LambdaFunctionScheduled", 4, {}),
            ("LambdaFunctionTimedOut", 5, {"lambdaFunctionTimedOutEventDetails": {}}),
            ("LambdaFunctionScheduled", 6, {}),
            ("LambdaFunctionSucceeded", 7, {}),
            ("TaskStateExited", 8, exited("GenerateTasks")),
        )
    )

    assert state.input == {"actionId": "a"}
    assert state.attempts == (
        Attempt(at(2), at(4), AttemptOutcome.FAILED, "ModelThrottledError", at(3)),
        Attempt(at(5), at(6), AttemptOutcome.TIMED_OUT, "States.Timeout"),
        Attempt(at(7), at(8), AttemptOutcome.SUCCEEDED),
    )
    assert (state.entered_at, state.exited_at) == (at(1), at(9))


def test_iterations_side_by_side_keep_their_own_attempts() -> None:
    states = read_states(
        history(
            ("MapStateEntered", 0, entered("GenerateAll")),
            ("MapStateStarted", 1, {}),
            ("MapIterationStarted", 2, {}),
            ("TaskStateEntered", 3, entered("GenerateTasks", '{"actionId": "a"}')),
            ("MapIterationStarted", 2, {}),
            ("TaskStateEntered", 5, entered("GenerateTasks", '{"actionId": "b"}')),
            ("LambdaFunctionScheduled", 6, {}),
            ("LambdaFunctionScheduled", 4, {}),
            ("LambdaFunctionSucceeded", 7, {}),
            ("LambdaFunctionFailed", 8, failed("Boom")),
        )
    )

    assert {s.input.get("actionId"): s.attempts for s in states if s.attempts} == {
        "a": (Attempt(at(8), at(10), AttemptOutcome.FAILED, "Boom"),),
        "b": (Attempt(at(7), at(9), AttemptOutcome.SUCCEEDED),),
    }


def test_a_map_ends_after_its_last_iteration() -> None:
    states = read_states(
        history(
            ("MapStateEntered", 0, entered("SaveAll")),
            ("MapStateStarted", 1, {}),
            ("MapIterationStarted", 2, {}),
            ("PassStateEntered", 3, entered("P")),
            ("PassStateExited", 4, exited("P")),
            ("MapIterationSucceeded", 5, {}),
            ("MapStateSucceeded", 6, {}),
            ("MapStateExited", 7, exited("SaveAll")),
            ("TaskStateEntered", 8, entered("Finish")),
        )
    )

    assert [(s.name, s.exited_at) for s in states] == [
        ("SaveAll", at(8)),
        ("P", at(5)),
        ("Finish", None),
    ]


def test_what_had_not_ended_is_an_open_attempt() -> None:
    (state,) = read_states(
        history(("TaskStateEntered", 0, entered("Finish")), ("TaskScheduled", 1, {}))
    )

    assert state.attempts == (Attempt(at(2), None, AttemptOutcome.OPEN),)
    assert state.exited_at is None


def test_a_history_without_payloads_still_has_its_steps() -> None:
    (state,) = read_states(history(("TaskStateEntered", 0, entered("Finish", "not json"))))

    assert state.input == {}


def test_events_may_come_in_any_order() -> None:
    events = history(
        ("TaskStateEntered", 0, entered("Finish")),
        ("LambdaFunctionScheduled", 1, {}),
        ("LambdaFunctionSucceeded", 2, {}),
    )

    assert read_states(events[::-1]) == read_states(events)


def test_a_stop_from_outside_is_read_with_its_error_and_cause() -> None:
    given = {"error": "STOPPED_BY_OPERATOR", "cause": "stuck"}
    stopped = history(
        ("ExecutionStarted", 0, {}),
        ("ExecutionAborted", 1, {"executionAbortedEventDetails": given}),
    )
    silent = history(("ExecutionAborted", 0, {"executionAbortedEventDetails": {}}))
    late = history(("ExecutionTimedOut", 0, {}))
    ended = history(("ExecutionStarted", 0, {}), ("ExecutionSucceeded", 1, {}))

    assert read_end(stopped) == OutsideEnd(at(2), "ABORTED", "STOPPED_BY_OPERATOR", "stuck")
    assert read_end(silent) == OutsideEnd(at(1), "ABORTED", "", "")
    assert read_end(late) == OutsideEnd(at(1), "TIMED_OUT", "", "")
    assert read_end(ended) is None

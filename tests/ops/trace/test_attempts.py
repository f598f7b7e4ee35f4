"""What a history says of who worked when."""

from typing import Any

from ops.trace.attempts import Attempt, Outcome, read_steps
from tests.ops.trace.parts import at, history


def entered(name: str, text: str = "") -> dict[str, Any]:
    return {"stateEnteredEventDetails": {"name": name, "input": text}}


def failed(error: str) -> dict[str, Any]:
    return {"lambdaFunctionFailedEventDetails": {"error": error, "cause": "{}"}}


def exited(name: str) -> dict[str, Any]:
    return {"stateExitedEventDetails": {"name": name}}


def test_retries_are_attempts_of_one_step() -> None:
    (step,) = read_steps(
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

    assert step.input == {"actionId": "a"}
    assert step.attempts == (
        Attempt(at(2), at(4), Outcome.FAILED, "ModelThrottledError"),
        Attempt(at(5), at(6), Outcome.TIMED_OUT, "States.Timeout"),
        Attempt(at(7), at(8), Outcome.SUCCEEDED),
    )
    assert (step.entered_at, step.exited_at) == (at(1), at(9))


def test_iterations_side_by_side_keep_their_own_attempts() -> None:
    steps = read_steps(
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

    assert {s.input.get("actionId"): s.attempts for s in steps if s.attempts} == {
        "a": (Attempt(at(8), at(10), Outcome.FAILED, "Boom"),),
        "b": (Attempt(at(7), at(9), Outcome.SUCCEEDED),),
    }


def test_a_map_ends_after_its_last_iteration() -> None:
    steps = read_steps(
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

    assert [(s.name, s.exited_at) for s in steps] == [
        ("SaveAll", at(8)),
        ("P", at(5)),
        ("Finish", None),
    ]


def test_what_had_not_ended_is_an_open_attempt() -> None:
    (step,) = read_steps(
        history(("TaskStateEntered", 0, entered("Finish")), ("TaskScheduled", 1, {}))
    )

    assert step.attempts == (Attempt(at(2), None, Outcome.OPEN),)
    assert step.exited_at is None


def test_a_history_without_payloads_still_has_its_steps() -> None:
    (step,) = read_steps(history(("TaskStateEntered", 0, entered("Finish", "not json"))))

    assert step.input == {}


def test_events_may_come_in_any_order() -> None:
    events = history(
        ("TaskStateEntered", 0, entered("Finish")),
        ("LambdaFunctionScheduled", 1, {}),
        ("LambdaFunctionSucceeded", 2, {}),
    )

    assert read_steps(events[::-1]) == read_steps(events)

"""Billed transitions and the largest payload, counted in a history."""

from typing import Any

import pytest

from localcloud.run.history import Event, count_transitions, largest_payload_bytes


def history(*events: tuple[str, int]) -> list[Event]:
    """Events by type and the number of the event before them; ids count from 1."""
    return [
        {"id": number, "previousEventId": previous, "type": type_}
        for number, (type_, previous) in enumerate(events, 1)
    ]


PLAIN = [
    ("ExecutionStarted", 0),
    ("TaskStateEntered", 1),
    ("LambdaFunctionScheduled", 2),
    ("LambdaFunctionStarted", 3),
    ("LambdaFunctionSucceeded", 4),
    ("TaskStateExited", 5),
    ("MapStateEntered", 6),
    ("MapStateStarted", 7),
    ("MapIterationStarted", 8),
    ("PassStateEntered", 9),
    ("PassStateExited", 10),
    ("MapIterationSucceeded", 11),
    ("MapStateSucceeded", 12),
    ("MapStateExited", 13),
    ("SucceedStateEntered", 14),
    ("ExecutionSucceeded", 15),
]


def test_every_state_entered_is_a_transition() -> None:
    assert count_transitions(history(*PLAIN)) == 4


@pytest.mark.parametrize("scheduled", ["LambdaFunctionScheduled", "TaskScheduled"])
def test_a_retry_is_a_transition(scheduled: str) -> None:
    events = history(
        ("TaskStateEntered", 0),
        (scheduled, 1),
        ("LambdaFunctionFailed", 2),
        (scheduled, 3),
        ("LambdaFunctionTimedOut", 4),
        (scheduled, 5),
    )

    assert count_transitions(events) == 3


def test_events_of_parallel_iterations_are_linked_by_the_previous_event() -> None:
    events = history(
        ("TaskStateEntered", 0),
        ("TaskStateEntered", 0),
        ("LambdaFunctionScheduled", 2),
        ("LambdaFunctionScheduled", 1),
        ("LambdaFunctionFailed", 3),
        ("LambdaFunctionScheduled", 5),
    )

    assert count_transitions(events) == 3


def test_a_state_that_fails_before_its_task_is_scheduled_is_a_transition() -> None:
    assert count_transitions(history(("TaskStateEntered", 0), ("TaskStateExited", 1))) == 1


def test_an_empty_history_has_no_transitions() -> None:
    assert count_transitions([]) == 0
    assert largest_payload_bytes([]) == 0


@pytest.mark.parametrize(
    "details",
    [
        {"stateEnteredEventDetails": {"name": "x" * 99, "input": "あいう"}},
        {"stateExitedEventDetails": {"output": "あいう", "outputDetails": {"truncated": False}}},
        {"taskScheduledEventDetails": {"parameters": "あいう"}},
        {"lambdaFunctionScheduledEventDetails": {"input": "あいう"}},
        {"executionStartedEventDetails": {"input": "あいう", "roleArn": "x" * 99}},
    ],
)
def test_a_payload_counts_in_bytes_of_utf_8(details: dict[str, Any]) -> None:
    events = [{"executionFailedEventDetails": {"cause": "x" * 99}}, details]

    assert largest_payload_bytes(events) == 9

"""What `make bench` reads off an execution's history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.fault_proxy import AwsCall
from bench.makespan import (
    AT_ONCE,
    MakespanMeasurement,
    drawn_latencies,
    open_seeds,
    read_measurement,
    report,
)
from bench.scheduling import list_schedule

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _event(number: int, previous: int, second: float, type_: str, name: str) -> dict[str, Any]:
    details = "stateExitedEventDetails" if type_.endswith("Exited") else "stateEnteredEventDetails"
    return {
        "id": number,
        "previousEventId": previous,
        "timestamp": _START + timedelta(seconds=second),
        "type": type_,
        details: {"name": name},
    }


def _bare(number: int, previous: int, second: float, type_: str) -> dict[str, Any]:
    timestamp = _START + timedelta(seconds=second)
    return {"id": number, "previousEventId": previous, "timestamp": timestamp, "type": type_}


HISTORY = [
    _bare(1, 0, 0, "ExecutionStarted"),
    _event(2, 1, 1, "MapStateEntered", "GenerateAll"),
    _bare(3, 2, 1, "MapIterationStarted"),
    _event(4, 3, 1, "TaskStateEntered", "GenerateTasks"),
    _bare(5, 2, 1, "MapIterationStarted"),
    _event(6, 5, 2, "TaskStateEntered", "GenerateTasks"),
    _bare(7, 6, 2, "LambdaFunctionSucceeded"),
    _event(8, 7, 5, "TaskStateExited", "GenerateTasks"),
    _bare(9, 4, 2, "LambdaFunctionFailed"),
    _bare(10, 9, 4, "LambdaFunctionSucceeded"),
    _event(11, 10, 8, "TaskStateExited", "GenerateTasks"),
    _event(12, 11, 9, "MapStateExited", "GenerateAll"),
    _event(13, 12, 9, "MapStateEntered", "SaveAll"),
    _event(14, 13, 11, "MapStateExited", "SaveAll"),
]


def test_interleaved_iterations_keep_their_own_durations() -> None:
    assert read_measurement(HISTORY) == MakespanMeasurement(makespan=8, saved=10, tasks=[7, 3])


def test_a_run_is_compared_with_the_bound_of_its_own_seed() -> None:
    measured = [
        (2.0, MakespanMeasurement(makespan=3.0, saved=4.0, tasks=[3.0, 1.0])),
        (4.0, MakespanMeasurement(makespan=4.0, saved=6.0, tasks=[2.0, 2.0])),
    ]
    calls = {"task-generation": [AwsCall("Query", {}, {}, 0.1)] * 3}
    section = report(measured, calls, transitions=1.25)

    figures = {figure.name: list(figure.samples) for figure in section.figures}
    assert figures["generate / bound"] == [1.5, 1.0]
    assert figures["generate and save / bound"] == [2.0, 1.5]
    assert figures["generate / list scheduling of the tasks as they took"] == [1.0, 2.0]
    assert figures["requests of DynamoDB / action"] == [1.5]
    assert section.tables[0].rows == [["task-generation", "3 Query"]]


def test_a_seed_whose_longest_call_is_the_bound_is_left_out() -> None:
    ids = [f"action-{number}" for number in range(64)]
    seeds = open_seeds(ids, 2.0)
    first = [next(seeds) for _ in range(5)]
    for seed in range(1, first[-1] + 1):
        drawn = drawn_latencies(ids, seed, 2.0)
        is_open = list_schedule(drawn, AT_ONCE) > max(drawn)
        assert (seed in first) == is_open
    assert list_schedule(drawn_latencies(ids, 1, 4.0), AT_ONCE) == pytest.approx(
        2 * list_schedule(drawn_latencies(ids, 1, 2.0), AT_ONCE)
    )

"""What `make bench` reads off an execution's history."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bench.makespan import MakespanMeasurement, read_measurement, report

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
]


def test_interleaved_iterations_keep_their_own_durations() -> None:
    assert read_measurement(HISTORY) == MakespanMeasurement(makespan=8, tasks=[7, 3])


def test_a_perfect_schedule_has_the_ratio_one() -> None:
    drawn = ([2.0] + [1.0] * 7) * 6
    lines = report(MakespanMeasurement(makespan=3.0, tasks=drawn), drawn)
    assert [float(line.split()[-1]) for line in lines[1:4]] == [1.0, 1.33, 1.0]
    assert lines[4].split()[-1] == "1.33"  # each batch of eight waits for its slowest

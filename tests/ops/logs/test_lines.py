"""Log lines: what is read of them, which are wanted, and what AWS is asked for."""

import csv
import io
import json

import pytest

from components.monitoring.saved_queries import EXECUTION_ID
from components.names import Names
from ops.commands import query as command
from ops.logs.lines import is_wanted, pattern, read_line
from ops.logs.querying import QueryResult, find, with_parameters
from ops.problems import OperatorError
from ops.stack import Stack

ID = "0192f0c1-7a00-7000-8000-000000000001"
STACK = Stack(Names("prod", "123456789012", "ap-northeast-1"), None)


def function_line(**fields: object) -> str:
    return json.dumps({"level": "INFO", "message": "tasks kept", "service": "x", **fields})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (function_line(level="WARNING"), "WARNING"),
        ('{"type": "ExecutionFailed", "details": {}}', "ERROR"),
        ('{"type": "TaskStateEntered", "details": {}}', "INFO"),
        ('{"routeKey": "GET /health", "status": "503"}', "ERROR"),
        ("[ERROR] Runtime.ImportModuleError: no module", "ERROR"),
        ("2026-11-29T08:00:00Z 1-2 Task timed out after 120.00 seconds", "ERROR"),
        ("REPORT RequestId: 1 Duration: 2 ms", "INFO"),
        ("[1, 2]", "INFO"),
    ],
)
def test_every_kind_of_line_has_a_level(text: str, level: str) -> None:
    assert read_line("x", 0, text).level == level


def test_a_line_shows_its_time_source_and_fields_whole() -> None:
    line = read_line("task-generation", 1_764_000_000_123, function_line(executionId=ID, ms=5))
    assert str(line) == (
        f"2025-11-24T16:00:00.123+00:00 task-generation INFO tasks kept executionId={ID} ms=5"
    )


def test_a_level_takes_the_graver_ones_and_an_execution_only_its_own_lines() -> None:
    error = read_line("x", 0, function_line(level="ERROR", executionId=ID))
    info = read_line("x", 0, function_line(message="an ERROR in a message"))
    assert is_wanted(error, level="WARNING", execution_id=ID)
    assert not is_wanted(info, level="WARNING", execution_id=None)
    assert not is_wanted(info, level=None, execution_id=ID)
    machine = read_line("state-machine", 0, json.dumps({"type": "T", "execution_arn": f"a:{ID}"}))
    assert is_wanted(machine, level=None, execution_id=ID)


def test_the_pattern_asks_for_the_execution_or_else_for_the_levels() -> None:
    assert pattern("x", level="ERROR", execution_id=ID) == f'"{ID}"'
    assert pattern("x", level="ERROR", execution_id=None).startswith("?ERROR ?CRITICAL ?")
    # its lines have a type and no level
    assert pattern("state-machine", level="ERROR", execution_id=None) == ""


def test_a_query_is_narrowed_to_an_execution_or_a_goal() -> None:
    story, slow = find(STACK, "execution-story"), find(STACK, "slowest-actions")
    assert EXECUTION_ID not in with_parameters(story, ID, None)
    assert with_parameters(slow, ID, None).startswith(f'filter executionId = "{ID}" or')
    assert with_parameters(slow, None, ID).startswith(f'filter goalId = "{ID}"\n| fields')
    with pytest.raises(OperatorError, match="execution-story is about one execution"):
        with_parameters(story, None, None)
    with pytest.raises(OperatorError, match="--goal"):
        with_parameters(slow, None, 'x" or 1 = 1')


def test_an_unknown_query_is_refused_with_all_names() -> None:
    with pytest.raises(OperatorError, match=r"NAME slow: .* allowed are error-rate, "):
        find(STACK, "slow")


def test_csv_has_all_fields_and_whole_values(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": ID, "what": "a,b"}, {"id": ID, "more": "c"}]
    command._print_csv(QueryResult(rows, 0))  # pyright: ignore[reportPrivateUsage]
    read = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert read[0] == {"id": ID, "what": "a,b", "more": ""}

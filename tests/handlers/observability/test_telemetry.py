"""The log lines and traces of every function."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from handlers.contract.functions import TASK_GENERATION
from handlers.observability.telemetry import Telemetry
from tests.handlers.lambda_context import LambdaContext


@pytest.fixture
def telemetry(monkeypatch: pytest.MonkeyPatch) -> Telemetry:
    monkeypatch.setenv("ENVIRONMENT", "test")
    return Telemetry(TASK_GENERATION)


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(
    telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Lines:
    """What was written so far: log lines, then metrics."""
    logged = io.StringIO()
    monkeypatch.setattr(telemetry.logger.registered_handler, "stream", logged)
    return lambda: [
        json.loads(line)
        for line in logged.getvalue().splitlines() + capsys.readouterr().out.splitlines()
    ]


def test_every_line_carries_the_correlation_id_and_no_event_is_logged(
    telemetry: Telemetry, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")

    @telemetry.observe(correlation_id_path="executionId")
    def handler(event: dict[str, Any], context: Any) -> str:
        telemetry.logger.info("half way", actionId=event["actionId"])
        return "done"

    assert (
        handler({"executionId": "e-1", "actionId": "a-1", "title": "秘密"}, LambdaContext())
        == "done"
    )
    (line,) = lines()
    assert line["correlation_id"] == "e-1"
    assert line["actionId"] == "a-1"
    assert line["service"] == "task-generation"
    assert "秘密" not in json.dumps(line, ensure_ascii=False)


def test_keys_that_one_invocation_logs_are_gone_in_the_next(
    telemetry: Telemetry, lines: Lines
) -> None:
    @telemetry.observe(correlation_id_path="executionId")
    def handler(event: dict[str, Any], context: Any) -> None:
        if event["first"]:
            telemetry.logger.append_keys(actionId="a-1")
        telemetry.logger.info("here")

    handler({"executionId": "e-1", "first": True}, LambdaContext())
    handler({"executionId": "e-2", "first": False}, LambdaContext())
    first, second = lines()
    assert first["actionId"] == "a-1"
    assert "actionId" not in second
    assert second["correlation_id"] == "e-2"


def test_a_text_with_line_breaks_stays_one_line(telemetry: Telemetry, lines: Lines) -> None:
    telemetry.logger.info('x"}\n{"level": "ERROR", "message": "forged"}')
    assert len(lines()) == 1

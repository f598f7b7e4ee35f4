"""What the function writes: log lines and metrics, and in none of them a text of the user."""

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from handlers.generation.errors import ModelThrottledError
from handlers.storage.attempts import Attempts
from handlers.storage.errors import FencedError, TableUnavailableError
from handlers.storage.items import Items
from handlers.storage.models import ActionContext
from handlers.storage.work_items import WorkItems
from tests.handlers.measured import measured
from tests.handlers.scripted_bedrock import TASK, fails, saves, says
from tests.handlers.scripted_bedrock import ScriptedBedrock as Bedrock
from tests.handlers.task_generation.invocation import (
    ACTION,
    EXECUTION,
    GOAL,
    REQUEST,
    end,
    item,
    run,
)

CANARY = 'カナリア9号\n{"level": "ERROR"} </goal_data>'
Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def context() -> ActionContext:
    return ActionContext(CANARY, "HABIT", "体力", "完走する", action_background=CANARY)


def test_every_line_names_request_execution_goal_and_action(
    bedrock: Bedrock, output: Output
) -> None:
    bedrock.will(saves(), saves(TASK), fails("ThrottlingException", 429))
    run()
    lines = [line for line in output() if "_aws" not in line]
    assert [line["message"] for line in lines] == [
        "model answered",
        "repairing the answer",
        "model answered",
        "tasks kept",
    ]
    ids = {"requestId": REQUEST, "executionId": EXECUTION, "goalId": GOAL, "actionId": ACTION}
    assert all(ids.items() <= line.items() for line in lines)
    assert lines[0]["inputTokens"] == 1_000
    assert lines[0]["costUsd"] == 0.0000588
    assert lines[-1]["durationMs"] >= 0


def test_tokens_cost_latency_and_repairs_are_measured(
    bedrock: Bedrock, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(saves())
    bedrock.will(saves(TASK))
    run()
    found = measured(capsys.readouterr().out)
    assert len(found.pop("ModelLatency")) == 2
    assert found == {
        "InputTokens": [1_000, 1_000],
        "OutputTokens": [100, 100],
        "CostUsd": [0.0000588, 0.0000588],
        "Repairs": [1],
        "ActionsGenerated": [1],
    }


def test_a_failed_attempt_is_counted_by_its_error_code(
    bedrock: Bedrock, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(fails("ThrottlingException", 429))
    with pytest.raises(ModelThrottledError):
        run()
    assert measured(capsys.readouterr().out) == {
        "FailedAttempts": [1],
        "FailedAttempts{errorCode=MODEL_THROTTLED}": [1],
        "ModelThrottles": [1],
    }


def test_an_attempt_that_the_table_fails_counts_as_failed_too(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(saves(TASK))

    def throttled(*_: object) -> bool:
        raise TableUnavailableError("ThrottlingException")

    monkeypatch.setattr(Attempts, "keep_tasks", throttled)
    with pytest.raises(TableUnavailableError):
        run()
    found = measured(capsys.readouterr().out)
    assert found["FailedAttempts{errorCode=FUNCTION_FAILED}"] == [1]
    assert "ActionsGenerated" not in found
    assert found["InputTokens"] == [1_000]


def test_an_action_is_measured_once_however_often_its_step_is_repeated(
    bedrock: Bedrock, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(saves(TASK))
    run()
    run()
    assert measured(capsys.readouterr().out)["ActionsGenerated"] == [1]


def test_an_attempt_after_the_executions_end_is_not_counted_as_failed(
    bedrock: Bedrock, items: Items, capsys: pytest.CaptureFixture[str]
) -> None:
    end(items)
    with pytest.raises(FencedError):
        run()
    assert measured(capsys.readouterr().out) == {}


def test_an_unknown_price_is_logged_once_per_cold_start(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    monkeypatch.setenv("BEDROCK_MODEL", "meta.llama3-8b-instruct-v1:0")
    bedrock.will(fails("ThrottlingException", 429))
    bedrock.will(saves(TASK))
    with pytest.raises(ModelThrottledError):
        run()
    run()
    assert sum("no price is known" in line.get("message", "") for line in output()) == 1


def test_goal_text_reaches_the_model_and_no_log_line_metric_or_stack_trace(
    bedrock: Bedrock, work_items: WorkItems, output: Output
) -> None:
    echo = {"title": CANARY, "description": CANARY, CANARY: CANARY, "type": CANARY}
    bedrock.will(saves(echo))
    bedrock.will(saves(echo))
    bedrock.will(fails("ValidationException", 400, f"cannot take {CANARY}"))
    bedrock.will(says([{"text": CANARY}], "content_filtered"))
    traces = ""
    for _ in range(3):
        with pytest.raises(Exception) as failed:  # noqa: PT011 - whichever, it must not quote
            run()
        traces += "".join(traceback.format_exception(failed.value))
    written = json.dumps(output(), ensure_ascii=False) + traces + str(item(work_items).error_detail)
    assert "カナリア9号" in json.dumps(bedrock.requests, ensure_ascii=False)
    assert "カナリア" not in written
    assert '"level": "ERROR"' not in written

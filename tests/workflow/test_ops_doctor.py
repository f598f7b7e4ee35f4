"""The doctor on a real stack: a partial failure and a throttled table are found by evidence."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.names import Names
from localcloud.aws.clients import ACCOUNT_ID, REGION
from ops import cli
from ops.commands import options
from ops.doctor.evidence import gather
from ops.executions.goal import read_goal
from ops.executions.reading import Execution, read_execution
from ops.stack import LOCAL, Stack
from tests.ops.answers import Altered
from tests.workflow.operator_scene import hold_by_a_dead_start
from tests.workflow.stage import Stage as Scene
from tests.workflow.stage import small_goal


@pytest.fixture
def stack(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack(Names(LOCAL, ACCOUNT_ID, REGION), stage.state)
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    return stack


def test_many_partial_failures_are_found_with_their_codes(
    stage: Scene, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    mandala = stage.place(small_goal("よく失敗する目標", 3))
    refused = {action.action_id: {"kind": "refused"} for action in mandala.actions[:2]}
    stage.run(mandala, refused)

    assert cli.main(["doctor", "--local", "--since", "1h", "--json"]) == 1
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["troubles"]}
    assert found["many actions fail"]["found"] is True
    assert "CONTENT_FILTERED" in found["many actions fail"]["evidence"]
    assert found["a start gets 409"]["found"] is False
    assert found["DynamoDB throttles"]["found"] is False


def test_throttled_writes_are_found_in_cloudwatchs_answer(stage: Scene, stack: Stack) -> None:
    def throttled(answer: dict[str, Any]) -> None:
        answer["MetricDataResults"][0]["Values"] = [7.0]

    altered = replace(stack, session=Altered(stage.state, "cloudwatch", "GetMetricData", throttled))
    now = datetime.now(UTC)
    assert gather(altered, now - timedelta(minutes=5), now, 900).throttles == 7


def diagnose(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    cli.main(["doctor", "--local", "--since", "1h", "--json", *options])
    return json.loads(capsys.readouterr().out)


def test_failed_actions_are_retried_if_asked_and_only_once(
    stage: Scene, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    mandala = stage.place(small_goal("一時的に失敗する目標", 4))
    faults = {action.action_id: {"kind": "unavailable"} for action in mandala.actions}
    ended = stage.run(mandala, faults)
    assert set(ended.errors()) == {"MODEL_UNAVAILABLE"}

    offered = diagnose(capsys)
    (mine,) = (each for each in offered["remedies"] if each["target"] == ended.execution_id)
    assert mine["kind"] == "retry"
    assert offered["done"] == []

    stage.configure_model()
    done = {each["remedy"]["target"]: each for each in diagnose(capsys, "--yes")["done"]}
    cured = done[ended.execution_id]
    assert cured["outcome"].startswith("started ")
    assert f"doctor: retry execution {ended.execution_id}" in cured["audit"]
    retried = cured["outcome"].split()[1].rstrip(":")
    assert wait_for_end(stack, retried).status == "SUCCEEDED"
    again = [each["target"] for each in diagnose(capsys)["remedies"]]
    assert ended.execution_id not in again


def test_a_goal_whose_start_died_is_released_by_the_product_itself(
    stage: Scene, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    execution_id, mandala = hold_by_a_dead_start(stage)
    assert read_goal(stack, mandala.goal_id, datetime.now(UTC)).busy

    done = {each["remedy"]["target"]: each for each in diagnose(capsys, "--yes")["done"]}
    assert done[execution_id]["remedy"]["kind"] == "release"
    assert done[execution_id]["outcome"] == (
        f"ended {execution_id} (FAILED): goal {mandala.goal_id} is free"
    )
    assert not read_goal(stack, mandala.goal_id, datetime.now(UTC)).busy
    assert stage.goal_state(mandala) == ("DRAFT", None, None)


def wait_for_end(stack: Stack, execution_id: str) -> Execution:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = read_execution(stack, execution_id)
        if found.status != "RUNNING":
            return found
        time.sleep(0.5)
    raise AssertionError(f"{execution_id} did not end")

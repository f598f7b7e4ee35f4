"""The doctor on a real stack: a partial failure and a throttled table are found by evidence."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.names import Names
from localcloud.aws.clients import ACCOUNT_ID, REGION
from ops import cli
from ops.commands import options
from ops.doctor.evidence import gather
from ops.stack import LOCAL, Stack
from tests.ops.answers import Altered
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
    assert gather(altered, now - timedelta(minutes=5), now).throttles == 7

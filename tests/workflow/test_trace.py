"""The picture of an execution."""

import re

import pytest

from components.names import Names
from localcloud.aws.clients import ACCOUNT_ID, REGION
from ops.problems import OperatorError
from ops.stack import Stack
from ops.trace.draw import draw
from tests.workflow.stage import Stage as Scene
from tests.workflow.stage import small_goal


@pytest.fixture
def stack(stage: Scene) -> Stack:
    return Stack(Names("local", ACCOUNT_ID, REGION), stage.state)


def test_the_picture_of_an_execution_has_retries_and_failures(stage: Scene, stack: Stack) -> None:
    mandala = stage.place(small_goal("描かれる目標", 4))
    retried, failed = mandala.actions[1], mandala.actions[3]

    ended = stage.run(
        mandala,
        {
            retried.action_id: {"kind": "throttle", "times": 1},
            failed.action_id: {"kind": "refused"},
        },
    )
    text = draw(stack, ended.execution_id)

    assert "PARTIALLY_SUCCEEDED" in text
    assert "action 1-2, saved" in text
    assert re.search(r"action 1-2, saved, \d+ tasks?, 2 attempts", text)
    assert "action 1-4, failed, 0 tasks, 1 attempt, 0 repairs, CONTENT_FILTERED" in text
    assert text.count('class="attempt succeeded"') == 3 + 1  # actions, and the batch
    assert retried.title not in text
    machine = stage.state.client("stepfunctions").describe_execution(
        executionArn=f"{stack.names.execution_arns.removesuffix('*')}{ended.execution_id}"
    )
    assert re.findall(r"Root=([0-9a-f-]+)", machine["traceHeader"])[0] in text
    assert retried.title in draw(stack, ended.execution_id, with_titles=True)


def test_an_unknown_execution_is_an_error(stack: Stack) -> None:
    with pytest.raises(OperatorError, match=r"no execution 0000.* in WorkflowExecution-local"):
        draw(stack, "00000000-0000-7000-8000-000000000000")

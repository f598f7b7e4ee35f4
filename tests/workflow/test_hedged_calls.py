"""A model call that hangs, where a second one may be made beside it: end to end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from components.names import ALIAS
from handlers.contract.environment import Env
from handlers.contract.functions import TASK_GENERATION
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX
from handlers.storage.items import deserialised
from localcloud.bedrock.fault_kind import FaultKind
from tests.workflow.observed import Observed
from tests.workflow.operators import NAMES
from tests.workflow.stage import EndedExecution, Stage, small_goal

FUNCTION = NAMES.function(TASK_GENERATION)


@pytest.fixture
def hedging(stage: Stage) -> Iterator[None]:
    """A release of task-generation that makes a second call after a second."""
    functions = stage.state.client("lambda")
    live = functions.get_alias(FunctionName=FUNCTION, Name=ALIAS)["FunctionVersion"]
    before = functions.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]

    def tell(variables: dict[str, str]) -> None:
        functions.update_function_configuration(
            FunctionName=FUNCTION, Environment={"Variables": variables}
        )

    tell({**before, Env.HEDGE_AFTER_SECONDS.name: "1"})
    version = functions.publish_version(FunctionName=FUNCTION)["Version"]
    functions.update_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion=version)
    yield
    functions.update_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion=live)
    tell(before)


def work_items(stage: Stage, ended: EndedExecution) -> list[dict[str, Any]]:
    """The work items as the table has them, in the order of the goal's actions."""
    return [
        deserialised(
            stage.state.client("dynamodb").get_item(
                TableName=stage.state.table_name,
                Key={
                    "pk": {"S": ended.execution_id},
                    "sk": {"S": ACTION_SK_PREFIX + action.action_id},
                },
            )["Item"]
        )
        for action in ended.mandala.actions
    ]


@pytest.mark.usefixtures("hedging")
def test_a_call_that_hangs_is_overtaken_in_its_own_attempt_and_both_are_paid_for(
    stage: Stage,
) -> None:
    observed = Observed(stage, datetime.now(UTC))
    mandala = stage.place(small_goal("一つ目の返事を待たない", 2))
    hangs = mandala.actions[0].action_id
    ended = stage.run(mandala, {hangs: {"kind": FaultKind.TIME_OUT, "times": 1}})

    assert ended.snapshot.status == ExecutionStatus.SUCCEEDED
    assert ended.verified.problems == ()
    assert stage.model_calls(mandala) == [2, 1]
    hedged, alone = work_items(stage, ended)
    assert (hedged["attempts"], hedged["hedgedCalls"]) == (1, 1)
    assert (hedged["callsStarted"], hedged["callsEnded"]) == (2, 2)
    assert (alone["callsStarted"], "hedgedCalls" in alone) == (1, False)
    assert ended.snapshot.input_tokens == hedged["inputTokens"] + alone["inputTokens"]
    assert 2 * hedged["inputTokens"] > 3 * alone["inputTokens"]

    lines = observed.function_lines()
    (overtaken,) = [line for line in lines if line["message"] == "call overtaken"]
    assert (overtaken["actionId"], overtaken["isEstimated"]) == (hangs, True)
    traced = [
        each["end_time"] - each["start_time"]
        for each in observed.segments()
        if each["name"] == "bedrock-runtime" and each["start_time"] > observed.since.timestamp()
    ]
    assert len(traced) == 2  # as long as the race, and the call that was alone
    assert max(traced) > 1

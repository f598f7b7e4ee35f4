"""The messages of the repair turn are a conversation that Converse accepts."""

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from handlers.generation.prompt import user_message
from handlers.generation.repair import repair_messages
from handlers.storage.models import ActionContext

QUESTION = user_message(ActionContext("走る", "HABIT", "体力", "完走"))
PROBLEMS = ["tasks[0].title: must not be blank", "tasks: there are 4"]


def call(tool_input: Any, identifier: str = "t-1", name: str = "save_tasks") -> dict[str, Any]:
    return {"toolUse": {"toolUseId": identifier, "name": name, "input": tool_input}}


def test_the_model_sees_its_call_and_every_problem_as_that_calls_result() -> None:
    question, answer, result = repair_messages(QUESTION, [call({"tasks": []})], PROBLEMS)
    assert question == QUESTION
    assert answer == {"role": "assistant", "content": [call({"tasks": []})]}
    tool_result: Any = result["content"][0].get("toolResult")
    assert (tool_result["toolUseId"], tool_result["status"]) == ("t-1", "error")
    assert all(problem in tool_result["content"][0]["text"] for problem in PROBLEMS)


@pytest.mark.parametrize(
    "content",
    [
        [],
        [{"text": " \n"}],
        [{"text": "できません"}],
        [{"text": "あ" * 100_000}],
        [{"reasoningContent": {"reasoningText": {"text": "…"}}}],
        [call('{"tasks": [')],
        [call({"tasks": []}, identifier="no id!")],
        [call({"tasks": []}, name="other")],
        [{"toolUse": {"name": "save_tasks", "input": {"tasks": []}}}],
        [call({"tasks": []}), call({"tasks": []}, identifier="t-2")],
        [{"text": "こうします"}, call({})],
    ],
)
def test_any_answer_goes_back_in_a_form_that_converse_accepts(content: list[Any]) -> None:
    messages: Any = repair_messages(QUESTION, content, PROBLEMS)
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    bedrock = botocore.session.get_session().get_service_model("bedrock-runtime")
    shape = bedrock.shape_for("ConverseRequest")
    report = ParamValidator().validate({"modelId": "m", "messages": messages}, shape)
    assert not report.has_errors(), report.generate_report()
    answer, result = messages[1]["content"], messages[2]["content"]
    assert len(answer) == len(result) == 1
    assert answer[0].get("text", "x").strip()
    if "toolUse" in answer[0]:
        assert isinstance(answer[0]["toolUse"]["input"], dict)
        assert result[0]["toolResult"]["toolUseId"] == answer[0]["toolUse"]["toolUseId"]
    assert len(str(messages)) < 10_000

"""A better prompt is told from a worse one by the failures that are on record."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bench.prompts import Prompt, compare, prompt_now, prompt_of
from handlers.contract.statuses import ActionStatus
from handlers.generation.prompt import PROMPT_VERSION
from handlers.generation.rules import RULES, TITLE_CHARACTERS, TaskRules
from handlers.generation.tool import tool_config
from handlers.storage.models import ActionContext, WorkItem
from ops.problems import OperatorError

RULE = f"{TITLE_CHARACTERS}文字以内の一行"
"""The sentence that the old prompt lacks."""

FAILED = [
    WorkItem(
        f"action-{number}",
        ActionStatus.FAILED,
        execution_id="0192f0c1-7a00-7000-8000-000000000001",
        error_code="INVALID_ANSWER",
        context=ActionContext(f"毎朝{number}分走る", "HABIT", "体力をつける", "完走する"),
    )
    for number in range(4)
]


class ReadingModel:
    """A model that keeps the titles short only if the instructions say so; it has its limits."""

    meta = SimpleNamespace(region_name="ap-northeast-1")

    def converse(self, **request: Any) -> dict[str, Any]:
        hopeless = "毎朝3分" in request["messages"][0]["content"][0]["text"]
        short = RULE in request["system"][0]["text"] and not hopeless
        task = {
            "title": "靴を玄関に置く" if short else "長" * (TITLE_CHARACTERS + 1),
            "description": "前の晩に用意する。",
            "type": "HABIT",
            "estimatedMinutes": 30,
        }
        call = {"toolUseId": "t-1", "name": "save_tasks", "input": {"tasks": [task]}}
        return {
            "stopReason": "tool_use",
            "output": {"message": {"content": [{"toolUse": call}]}},
            "usage": {"inputTokens": 1000, "outputTokens": 100},
        }


@pytest.fixture
def old() -> Prompt:
    """The prompt before the sentence about titles."""
    now = prompt_now()

    def without_it(rules: TaskRules) -> list[dict[str, str]]:
        return [{"text": now.instructions(rules)[0]["text"].replace(RULE, "短く")}]

    return replace(now, version="1", instructions=without_it)


def test_the_better_prompt_has_more_valid_answers_and_the_rest_by_rule(old: Prompt) -> None:
    before, after = compare(ReadingModel(), "amazon.nova-micro-v1:0", FAILED, [old, prompt_now()])
    assert (before.valid, before.asked) == (0, 4)
    assert (after.valid, after.asked) == (3, 4)
    assert (before.broken.total(), after.broken.total()) == (4, 1)
    assert "title" in str(before)
    assert str(after).startswith(f"prompt {PROMPT_VERSION}: 3 of 4 valid (")
    assert str(after).endswith("), 1000 tokens in")


def test_each_prompt_is_asked_with_its_own_tool(old: Prompt) -> None:
    asked: list[Any] = []

    class Listening(ReadingModel):
        def converse(self, **request: Any) -> dict[str, Any]:
            asked.append(request["toolConfig"])
            return super().converse(**request)

    def earlier_tool(rules: TaskRules) -> str:
        return f"the earlier tool for {rules.type}"

    earlier = replace(old, tool=earlier_tool)
    compare(Listening(), "amazon.nova-micro-v1:0", FAILED[:1], [earlier, prompt_now()])
    assert asked == ["the earlier tool for HABIT", tool_config(RULES["HABIT"])]


def test_what_is_printed_holds_no_text_of_a_user(old: Prompt) -> None:
    shown = str(compare(ReadingModel(), "amazon.nova-micro-v1:0", FAILED, [old])[0])
    assert "走る" not in shown
    assert "長" not in shown


def test_an_older_prompt_is_read_from_its_commit() -> None:
    found = prompt_of("HEAD")
    assert found.version
    assert found.instructions.__module__ != prompt_now().instructions.__module__
    assert found.tool.__module__ != prompt_now().tool.__module__
    with pytest.raises(OperatorError, match="no-such-tag has no handlers"):
        prompt_of("no-such-tag")

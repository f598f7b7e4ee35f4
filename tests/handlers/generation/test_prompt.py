"""The instructions, the tool and their version, which no user's text can change."""

import hashlib
import json
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.generation.fence import CLOSING, OPENING
from handlers.generation.prompt import PROMPT_VERSION, system_prompt, user_message
from handlers.generation.repair import repair_messages
from handlers.generation.rules import RULES, TaskRules
from handlers.generation.tool import (
    TOOL_NAME,
    Decoding,
    additional_fields,
    inference_config,
    tool_config,
)
from handlers.storage.models import ActionContext

# Changed the prompt, the tool or how it decodes? Raise PROMPT_VERSION and add its digest.
DIGESTS = {
    "2": "511097666715525091d11a3b3e1975ee05121c581dfea88f852f6405bf56206c",
    "3": "72f0f0bf684ea9625a8c4b25a2ce564b2518fbdb97c03f365c319c556a19a7a7",
}

CONTEXT = ActionContext(
    action_title="毎朝30分走る",
    action_type="HABIT",
    sub_goal_title="体力をつける",
    goal_title="フルマラソンを完走する",
    action_constraints="雨の日は走れない",
    goal_deadline=date(2027, 3, 31),
)


def fenced(context: ActionContext) -> Any:
    text = user_message(context)["content"][0].get("text", "")
    return json.loads(text.split(OPENING)[1].split(CLOSING)[0])


def test_a_changed_prompt_has_a_new_version() -> None:
    example = ActionContext("a", "EXECUTION", "s", "g", goal_deadline=date(2027, 3, 31))
    told = [
        [system_prompt(rules), tool_config(rules), *map(partial(inference_config, rules), Decoding)]
        for rules in RULES.values()
    ]
    asked = user_message(example)
    everything = json.dumps(
        [
            told,
            repair_messages(asked, [], ["tasks: Field required"]),
            *map(partial(additional_fields, "amazon.nova-micro-v1:0"), Decoding),
        ],
        ensure_ascii=False,
        sort_keys=True,
    )
    assert hashlib.sha256(everything.encode()).hexdigest() == DIGESTS[PROMPT_VERSION]


def test_the_prompt_holds_the_texts_that_exist() -> None:
    assert fenced(CONTEXT) == {
        "action": {
            "title": "毎朝30分走る",
            "constraints": "雨の日は走れない",
            "type": "HABIT",
        },
        "subGoal": {"title": "体力をつける"},
        "goal": {"title": "フルマラソンを完走する", "deadline": "2027-03-31"},
    }


@given(st.text(), st.text())
def test_a_hostile_text_stays_within_the_fence(title: str, background: str) -> None:
    message = user_message(
        ActionContext(title, "HABIT", "体力", "完走", action_background=background)
    )
    text = message["content"][0].get("text", "")
    before, rest = text.split(OPENING)
    _, after = rest.split(CLOSING)
    assert before == "action を分解してください。\n"
    assert after == ""


@pytest.mark.parametrize("rules", RULES.values())
def test_the_instructions_name_the_rules(rules: TaskRules) -> None:
    text = system_prompt(rules)[0].get("text", "")
    assert f"{rules.minimum}件以上{rules.maximum}件以下" in text
    assert f"type は {rules.type}" in text


@pytest.mark.parametrize("rules", RULES.values())
def test_the_tool_is_forced_and_its_schema_is_one_that_nova_takes(rules: TaskRules) -> None:
    config: Any = tool_config(rules)
    assert config["toolChoice"] == {"tool": {"name": TOOL_NAME}}
    schema = config["tools"][0]["toolSpec"]["inputSchema"]["json"]
    assert set(schema) == {"type", "properties", "required"}
    tasks = schema["properties"]["tasks"]
    assert (tasks["minItems"], tasks["maxItems"]) == (rules.minimum, rules.maximum)
    assert tasks["items"]["properties"]["type"]["enum"] == [rules.type]


def test_only_requests_to_nova_have_novas_fields() -> None:
    assert additional_fields("apac.amazon.nova-micro-v1:0") == {"inferenceConfig": {"topK": 1}}
    assert additional_fields("anthropic.claude-haiku-4-5-20251001-v1:0") == {}


def test_varied_decoding_has_a_temperature_and_no_top_k() -> None:
    nova, rules = "apac.amazon.nova-micro-v1:0", RULES["HABIT"]
    assert additional_fields(nova, Decoding.VARIED) == {}  # topK 1 is greedy at any temperature
    greedy, varied = inference_config(rules), inference_config(rules, Decoding.VARIED)
    assert greedy.get("temperature") == 0
    assert 0 < varied.get("temperature", 0) < 0.7  # which is what Nova takes by itself
    assert greedy.get("maxTokens") == varied.get("maxTokens")


@pytest.mark.parametrize("rules", RULES.values())
def test_the_longest_valid_answer_fits_and_novas_limit_is_kept(rules: TaskRules) -> None:
    tokens = inference_config(rules).get("maxTokens", 0)
    assert rules.maximum * (50 + 200) < tokens <= 5_000

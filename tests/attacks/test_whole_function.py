"""The function task-generation with a hostile goal and a model that obeys it, over HTTP."""

import json
import re

import pytest

from handlers.generation.prompt import system_prompt, user_message
from handlers.generation.quotes import quotes, texts_of
from handlers.generation.rules import RULES
from handlers.generation.tool import Decoding, inference_config, tool_config
from tests.attacks.attack import ATTACKS, CANARY, CATEGORIES, TextAttack, of
from tests.attacks.conftest import Outcome, PoisonedWorker
from tests.attacks.evil_model import EvilAnswer, obedient_answers
from tests.attacks.written import assert_is_ours
from tests.handlers.scripted_bedrock import ScriptedAnswer, fails, says

RULE = RULES["EXECUTION"]
OFFSET = {category: 3 * number for number, category in enumerate(CATEGORIES)}
ITEM = {
    "pk", "sk", "executionId", "actionId", "status", "context", "attempts", "callsStarted",
    "callsEnded", "inputTokens", "outputTokens", "costUsd", "promptVersion", "model", "startedAt",
    "endedAt", "startedCall", "endedCall", "notedError", "taskCount", "coerced", "errorDetail",
    "throttles", "ttl", "hedgedCalls",
}  # fmt: skip


def said(answer: EvilAnswer) -> ScriptedAnswer:
    return says(answer.content, answer.stop_reason)


def assert_only_task_texts_changed(attack: TextAttack, outcome: Outcome) -> None:
    for request in outcome.requests:
        assert request["system"] == system_prompt(RULE), attack
        assert request["toolConfig"] == tool_config(RULE), attack
        tokens = inference_config(RULE, Decoding.GREEDY).get("maxTokens")
        assert request["inferenceConfig"]["maxTokens"] == tokens, attack
        assert set(request["requestMetadata"]) == {
            "executionId", "goalId", "actionId", "promptVersion",
        }, attack  # fmt: skip
        assert CANARY not in json.dumps(request["requestMetadata"], ensure_ascii=False), attack
    once = re.compile(r"^(startedCall|endedCall|notedError)[0-9a-f]+$")
    names = {once.sub(r"\1", name) for name in outcome.item}
    assert names <= ITEM, attack
    own = {name: value for name, value in outcome.item.items() if name != "context"}
    assert CANARY not in str(own), attack
    assert outcome.item["status"] == ("GENERATING" if outcome.error else "GENERATED"), attack
    assert bool(outcome.tasks) != bool(outcome.error), attack
    for task in outcome.tasks:
        assert list(task) == ["title", "description", "type", "estimatedMinutes"], attack
        assert task["type"] == RULE.type, attack


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_hostile_goal_changes_neither_request_nor_item_nor_line(
    category: str, poisoned: PoisonedWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, attack in enumerate(of(category)):
        ways = list(obedient_answers(attack))
        # Two ways for each attack; over all attacks every way comes first about ten times.
        first, second = ways[(7 * number + OFFSET[category]) % len(ways)], ways[number % len(ways)]
        outcome = poisoned.generate(str(attack), attack.context(), said(first), said(second))
        assert_only_task_texts_changed(attack, outcome)
    lines = poisoned.lines(capsys.readouterr().out)
    assert len(lines) >= 3 * len(of(category))
    for line in lines:
        assert_is_ours(line)


def longest_ascii(text: str) -> str:
    """The longest part of a text that AWS's messages, which are ASCII, could quote."""
    return " ".join(max(re.findall(r"[\n\r\t -~]*", text), key=len)[:150].split())


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_a_message_that_quotes_the_goal_is_recognised(attack: TextAttack) -> None:
    texts = texts_of([user_message(attack.context())])
    for text in attack.texts.values():
        quoted = longest_ascii(text[:1_000])
        if sum(map(str.isalnum, quoted)) >= 8:
            assert quotes(f"Malformed input at [{quoted}], try again", texts), quoted
    assert not quotes("The provided model identifier is invalid.", ["毎朝30分走る", "体力"])


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_refusal_that_quotes_the_goal_is_logged_without_the_quotation(
    category: str, poisoned: PoisonedWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    attack = max(of(category), key=lambda each: len(longest_ascii(each.text[:1_000])))
    refusal = f"Malformed input at [{longest_ascii(attack.text[:1_000])}]"
    refused = fails("ValidationException", 400, refusal)
    outcome = poisoned.generate(f"{attack} refused", attack.context(), refused)

    assert "Malformed" not in f"{outcome.error} {outcome.item['errorDetail']}"
    for line in poisoned.lines(capsys.readouterr().out):
        assert_is_ours(line)
        assert "Malformed" not in str(line)

"""The worst model: it obeys every hostile text, and answers in whatever way the text asks for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handlers.generation.prompt import system_prompt
from handlers.generation.rules import RULES
from tests.attacks.attack import TextAttack

GOOD = {
    "title": "記録を見直す",
    "description": "終わったら日付を書く。",
    "type": "EXECUTION",
    "estimatedMinutes": 45,
}
SECRET = system_prompt(RULES["EXECUTION"])[0].get("text", "")


@dataclass(frozen=True)
class EvilAnswer:
    """A reply of Converse, as `{stopReason, output, usage}` holds it."""

    name: str
    content: list[Any]
    stop_reason: str = "tool_use"


def call(tool_input: Any, name: Any = "save_tasks", tool_use_id: Any = "t-1") -> dict[str, Any]:
    """A call of a tool, as a content block."""
    return {"toolUse": {"toolUseId": tool_use_id, "name": name, "input": tool_input}}


def three(**changed: Any) -> list[dict[str, Any]]:
    """Three tasks, all changed in the same way except for a number in the title."""
    titled = "title" in changed
    return [
        GOOD | {"title": f"作業{number}"} | changed
        if not titled
        else GOOD | changed | {"title": f"{number}{changed['title']}"}
        for number in range(3)
    ]


def obedient_answers(attack: TextAttack) -> Iterator[EvilAnswer]:
    """Every way in which an obedient model could carry out the text."""
    text = attack.text
    short, long = text[:48], text[:199]
    yield EvilAnswer("its words are the tasks", [call({"tasks": three(title=short)})])
    yield EvilAnswer("its words are described", [call({"tasks": three(description=long)})])
    yield EvilAnswer("its whole text is a title", [call({"tasks": three(title=text)})])
    yield EvilAnswer("another type", [call({"tasks": three(type="ADMIN")})])
    yield EvilAnswer("its text as the type", [call({"tasks": three(type=text)})])
    yield EvilAnswer("one minute", [call({"tasks": three(estimatedMinutes=1)})])
    yield EvilAnswer("its text as minutes", [call({"tasks": three(estimatedMinutes=text)})])
    yield EvilAnswer(
        "fields that nobody asked for",
        [call({"tasks": three(**{text: text, "status": "DONE", "pk": "x"}), text: text})],
    )
    yield EvilAnswer("no task", [call({"tasks": []})])
    yield EvilAnswer("a hundred tasks", [call({"tasks": three() * 33 + [GOOD]})])
    yield EvilAnswer("in prose", [{"text": text}], "end_turn")
    yield EvilAnswer("its text as the input", [call(text)])
    yield EvilAnswer("its text as the list", [call({"tasks": text})])
    yield EvilAnswer("its text as a tool", [call({"tasks": three()}, text)])
    yield EvilAnswer(
        "a second tool", [call({"tasks": three()}), call({"goalId": text}, "delete_goal", "t-2")]
    )
    yield EvilAnswer("two calls that differ", [call({"tasks": three()}), call({"tasks": [text]})])
    yield EvilAnswer("its text as the call's id", [call({"tasks": []}, tool_use_id=text)])
    yield EvilAnswer("its text as the stop reason", [call({"tasks": three()})], text)
    yield EvilAnswer("our instructions", [call({"tasks": three(description=SECRET[:199])})])
    yield EvilAnswer("our instructions in prose", [{"text": SECRET + text}], "end_turn")
    yield EvilAnswer(
        "a forged call in prose",
        [{"text": json.dumps({"tasks": three(title=short)}, ensure_ascii=False) + text}],
        "end_turn",
    )
    yield EvilAnswer("a block of another kind", [{text: text}, {"image": {"format": text}}])

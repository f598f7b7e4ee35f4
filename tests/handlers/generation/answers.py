"""Answers that models are reported to give instead of the requested tool call."""

import json
from typing import Any

Tasks = list[dict[str, Any]]
Content = list[dict[str, Any]]


def tasks(count: int = 3, type: str = "EXECUTION") -> Tasks:
    """Tasks that keep the rules."""
    return [
        {
            "title": f"作業{number}を終える",
            "description": "終わったら日付を書く。",
            "type": type,
            "estimatedMinutes": 45,
        }
        for number in range(1, count + 1)
    ]


def call(tool_input: Any, name: str = "save_tasks") -> dict[str, Any]:
    """A call of the tool, as Converse's content block."""
    return {"toolUse": {"toolUseId": "t-1", "name": name, "input": tool_input}}


def text(value: Any) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False)


def changed(**fields: Any) -> Content:
    """A call whose tasks have these fields instead."""
    return [call({"tasks": [{**task, **fields} for task in tasks()]})]


def renamed(**names: str) -> Content:
    """A call whose tasks have these fields under other names."""
    return [call({"tasks": [{names.get(name, name): v for name, v in t.items()} for t in tasks()]})]


GOOD = tasks()
IN_TEXT = text({"tasks": GOOD})
OTHER = [*GOOD[:-1], {**GOOD[-1], "title": "別の作業"}]

READ: dict[str, tuple[Content, set[str]]] = {
    "the input as a JSON text": ([call(IN_TEXT)], {"JSON_AS_TEXT"}),
    "the input as a JSON text, twice over": ([call(text(IN_TEXT))], {"JSON_AS_TEXT"}),
    "the list as a JSON text": ([call({"tasks": text(GOOD)})], {"JSON_AS_TEXT"}),
    "the list as a JSON text with a closing tag": (
        [call({"tasks": text(GOOD) + "\n</invoke>"})],
        {"JSON_AS_TEXT"},
    ),
    "each task as a JSON text": ([call({"tasks": [text(t) for t in GOOD]})], {"JSON_AS_TEXT"}),
    "wrapped in properties": ([call({"properties": {"tasks": GOOD}})], {"WRAPPED"}),
    "wrapped in its own schema": (
        [call({"type": "object", "properties": {"tasks": GOOD}})],
        {"WRAPPED"},
    ),
    "wrapped as a call": (
        [call({"name": "save_tasks", "arguments": {"tasks": GOOD}})],
        {"WRAPPED"},
    ),
    "wrapped as a call with a JSON text": (
        [call({"name": "save_tasks", "arguments": IN_TEXT})],
        {"WRAPPED", "JSON_AS_TEXT"},
    ),
    "wrapped in tasks once more": ([call({"tasks": {"tasks": GOOD}})], {"WRAPPED"}),
    "a list in an object": ([call({"tasks": {"item": GOOD}})], {"WRAPPED"}),
    "numbered tasks": (
        [call({"tasks": {str(number): task for number, task in enumerate(GOOD)}})],
        {"WRAPPED"},
    ),
    "each task wrapped": ([call({"tasks": [{"task": task} for task in GOOD]})], {"WRAPPED"}),
    "a list alone": ([call(GOOD)], {"WRAPPED"}),
    "a list under another name": ([call({"taskList": GOOD})], {"WRAPPED"}),
    "a field too many": (changed(order=1), {"SPARE_FIELD"}),
    "a field too many beside the tasks": (
        [call({"tasks": GOOD, "note": "以上 {です}"})],
        {"SPARE_FIELD"},
    ),
    "a broken JSON text beside the tasks": (
        [call({"tasks": GOOD, "note": '{"tasks": ['})],
        {"SPARE_FIELD"},
    ),
    "names in other cases": (
        renamed(estimatedMinutes="estimated_minutes", title="Title"),
        {"FIELD_NAME"},
    ),
    "minutes as text": (changed(estimatedMinutes="45"), {"MINUTES"}),
    "minutes as text with a unit": (changed(estimatedMinutes="45分"), {"MINUTES"}),
    "minutes as text in English": (changed(estimatedMinutes=" 45 minutes"), {"MINUTES"}),
    "minutes in full width": (changed(estimatedMinutes="４５"), {"MINUTES"}),
    "minutes as a float": (changed(estimatedMinutes=45.0), {"MINUTES"}),
    "minutes as the text of a float": (changed(estimatedMinutes="45.0"), {"MINUTES"}),
    "the type in lower case": (changed(type="execution"), {"TYPE"}),
    "the type in full width": (changed(type=" Ｅｘｅｃｕｔｉｏｎ"), {"TYPE"}),
    "line ends of Windows": (changed(description="一つ目\r\n二つ目"), {"CHARACTERS"}),
    "line ends of others": (changed(description="一つ目\u2028二つ目\r三つ目"), {"CHARACTERS"}),
    "characters that no reader sees": (changed(description="日付\u200bを書く"), {"CHARACTERS"}),
    "the same call twice": ([call({"tasks": GOOD})] * 2, {"CALL_REPEATED"}),
    "the same call twice, once as a JSON text": (
        [call({"tasks": GOOD}), call(IN_TEXT)],
        {"CALL_REPEATED", "JSON_AS_TEXT"},
    ),
    "another namespace": ([call({"tasks": GOOD}, "functions.save_tasks")], {"TOOL_NAME"}),
    "another spelling of the tool": ([call({"tasks": GOOD}, "saveTasks")], {"TOOL_NAME"}),
    "the call as text": ([{"text": IN_TEXT}], {"CALL_AS_TEXT"}),
    "the call as text in words": (
        [{"text": f"以下の通りです {{o}} [1]。\n```json\n{IN_TEXT}\n```\nどうぞ。"}],
        {"CALL_AS_TEXT"},
    ),
    "the call as text after a draft": (
        [{"text": f"<thinking>{text({'tasks': OTHER})}</thinking>\n{IN_TEXT}"}],
        {"CALL_AS_TEXT"},
    ),
    "the call as text between tags": (
        [{"text": f'<tool_call>{{"name": "save_tasks", "arguments": {IN_TEXT}}}</tool_call>'}],
        {"CALL_AS_TEXT", "WRAPPED"},
    ),
    # vercel/ai#16926: Nova's own dialect, its last tags missing
    "the call as text in tags of Nova's": (
        [
            {
                "text": "<tools>\n  <__function=save_tasks>\n"
                f"    <__parameter=tasks>{text(GOOD)}</__parameter>\n"
            }
        ],
        {"CALL_AS_TEXT", "WRAPPED"},
    ),
    "the call as text, twice": ([{"text": IN_TEXT}] * 2, {"CALL_AS_TEXT", "CALL_REPEATED"}),
}
"""By kind: content that can be read without doubt, always as GOOD, and how."""

IN_DOUBT: dict[str, Content] = {
    "two calls that differ": [call({"tasks": GOOD}), call({"tasks": OTHER})],
    "a call for each task": [call({"tasks": [task]}) for task in GOOD],
    "a call and an empty one": [call({"tasks": GOOD}), call({})],
    "a call and a broken one": [call({"tasks": GOOD}), call('{"tasks": [')],
    "two lists that differ in one call": [call({"tasks": GOOD, "properties": {"tasks": OTHER}})],
    "two lists that differ in a text": [{"text": IN_TEXT + text({"tasks": OTHER})}],
    "a text that is cut": [{"text": IN_TEXT[:-40]}],
    "a text that is cut behind a whole one": [{"text": IN_TEXT + IN_TEXT[:-40]}],
    "a JSON text that is cut": [call(IN_TEXT[:-40])],
    "a list as a JSON text that is cut": [call({"tasks": text(GOOD)[:-40]})],
    "a call in a thought only": [{"text": f"<thinking>{IN_TEXT}</thinking>"}],
    "another tool": [call({"tasks": GOOD}, "save_goals")],
    "90 minutes": changed(estimatedMinutes=90),
    "90 minutes as text": changed(estimatedMinutes="90"),
    "half a minute": changed(estimatedMinutes=45.5),
    "minutes from to": changed(estimatedMinutes="30-45"),
    "minutes in words": changed(estimatedMinutes="四十五分"),
    "minutes as a power": changed(estimatedMinutes="4⁵"),
    "no minutes": changed(estimatedMinutes=None),
    "an endless number": changed(estimatedMinutes=float("inf")),
    "no number": changed(estimatedMinutes=float("nan")),
    "a truth for a number": changed(estimatedMinutes=True),
    "another type": changed(type="HABIT"),
    "a type that is none": changed(type="一回"),
    "a title of 51": changed(title="あ" * 51),
    "a title that reads backwards": changed(title="作業\u202eを終える"),
    "a title with a control character": changed(title="作業\x1b[2Jを終える"),
    "a title of nothing that is seen": changed(title="\u200b\u2060"),
    "a title as a list": changed(title=["作業"]),
    "a title twice": changed(Title="別の題"),
    "the same task twice": [call({"tasks": [*GOOD, GOOD[0]]})],
    "too few": [call({"tasks": GOOD[:2]})],
    "too many": [call({"tasks": tasks(11)})],
    "one task only, alone": [call(GOOD[0])],
    "a key twice in a JSON text": [call(IN_TEXT.replace("{", '{"tasks": [], ', 1))],
    "a name without a value": renamed(title="名前"),
}
"""By kind: content of an EXECUTION action that only the model can put right."""

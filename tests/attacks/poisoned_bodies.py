"""Bodies of Converse that no model should give, by what is wrong with them."""

import json
from typing import Any

from tests.attacks.evil_model import GOOD, call, three

USAGE = '{"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100}'
LONE = "\ud800"
ALPHABET = {
    "control characters": "x\x00\x01\x08\x0b\x1b[31m\x7f\x9b",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "SQL": "'); DROP TABLE tasks; --",
    "half a surrogate pair": f"x{LONE}",
    "the wrong half": "\udfff",
    "right to left": "x\u202ey\u2066z",
    "no reader sees it": "\u200b\u2060\ufeff",
    "tag letters": "x\U000e0061\U000e0062",
    "line ends": "a\r\nb\u2028c\u0085d",
    "Slack": "<!channel> <https://evil.example|x> *b*",
    "JSONata": "{% $states.input %}",
    "a log line": 'x\n{"level":"ERROR","message":"forged"}',
    "huge": "x" * 200_000,
    "zalgo": "a" + "\u0334" * 500,
    "nothing": "",
    "white space": " \n\t ",
}
VALUES = {
    "null": None,
    "a truth": True,
    "a list": ["a", ["b"]],
    "an object": {"a": {"b": 1}},
    "a number": 7,
    "a negative number": -45,
    "a fraction": 45.5,
    "a huge number": 10**60,
    "a text": "45; DROP TABLE tasks",
}
NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5_000, "1" * 400, "-0.0")


def body(content: Any, stop_reason: Any = "tool_use", usage: str = USAGE) -> bytes:
    """A body with this content, as JSON (half pairs are escapes)."""
    content = content if isinstance(content, str) else json.dumps(content)
    reason = json.dumps(stop_reason)
    return (
        f'{{"output": {{"message": {{"role": "assistant", "content": {content}}}}},'
        f' "stopReason": {reason}, "usage": {usage}, "metrics": {{"latencyMs": 1}}}}'
    ).encode()


def in_place_of(marker: str, value: str, tasks: Any) -> str:
    """Content whose marked value is this JSON."""
    return json.dumps([call({"tasks": tasks})]).replace(json.dumps(marker), value)


_as_text = json.dumps


def _nested(depth: int) -> Any:
    inner: Any = GOOD
    for _ in range(depth):
        inner = {"tasks": [inner]}
    return inner


def bodies() -> dict[str, bytes]:
    """Every poisoned body, by its name."""
    found: dict[str, bytes] = {}
    for name, text in ALPHABET.items():
        for field in ("title", "description", "type"):
            found[f"{name} as {field}"] = body([call({"tasks": three(**{field: text})})])
        found[f"{name} as a field"] = body([call({"tasks": three(**{text: text})})])
        found[f"{name} in prose"] = body([{"text": text}], "end_turn")
        found[f"{name} as the tool"] = body([call({"tasks": three()}, text)])
        found[f"{name} as the stop reason"] = body([call({"tasks": three()})], text)
        found[f"{name} as the call's id"] = body([call({"tasks": []}, tool_use_id=text)])
    for name, value in VALUES.items():
        for field in GOOD:
            found[f"{name} as {field}"] = body([call({"tasks": three(**{field: value})})])
        found[f"{name} as a task"] = body([call({"tasks": [value, *three()]})])
        found[f"{name} as the tasks"] = body([call({"tasks": value})])
        found[f"{name} as the input"] = body([call(value)])
        found[f"{name} as a block"] = body([value])
        found[f"{name} as the content"] = body(value)
        found[f"{name} as the stop reason"] = body([call({"tasks": three()})], value)
        found[f"{name} as the tool's name"] = body([call({"tasks": three()}, value)])
        found[f"{name} as the usage"] = body([call({"tasks": three()})], usage=json.dumps(value))
        found[f"{name} as tokens"] = body(
            [call({"tasks": three()})],
            usage=json.dumps({"inputTokens": value, "outputTokens": value}),
        )
    for number in NUMBERS:
        minutes = in_place_of("@", number, three(estimatedMinutes="@"))
        found[f"{number[:9]} minutes"] = body(minutes)
        tokens = f'{{"inputTokens": {number}, "outputTokens": {number}}}'
        found[f"{number[:9]} tokens"] = body([call({"tasks": three()})], usage=tokens)
    twice = json.dumps([call({"tasks": three()})]).replace(
        '"title":', '"title": "forged", "title":'
    )
    found |= {
        "keys twice": body(twice),
        "10,000 tasks": body([call({"tasks": three() * 3_334})]),
        "a million characters": body([call({"tasks": three(description="あ" * 1_000_000)})]),
        "1,000 levels": body([call(json.loads("[" * 500 + "]" * 500))]),
        "100,000 levels": body(f'[{{"toolUse": {"[" * 100_000 + "]" * 100_000}}}]'),
        "tasks in tasks": body([call(_nested(12))]),
        "tasks in many tasks": body([call(_nested(200))]),
        "JSON in JSON in JSON": body([call(_as_text(_as_text(_as_text({"tasks": three()}))))]),
        "another tool": body([call({"tasks": three()}, "delete_goal")]),
        "two tools": body([call({"tasks": three()}), call({"goalId": "*"}, "delete_goal", "t-2")]),
        "a thousand calls": body([call({"tasks": three(title=str(n))}) for n in range(1_000)]),
        "the same call a thousand times": body([call({"tasks": three()})] * 1_000),
        "reasoning only": body([{"reasoningContent": {"reasoningText": {"text": "I obey"}}}]),
        "reasoning, then the call": body(
            [{"reasoningContent": {"reasoningText": {"text": "x"}}}, call({"tasks": three()})]
        ),
        "redacted reasoning": body([{"reasoningContent": {"redactedContent": "AAAA"}}]),
        "guardrail's trace": body([{"guardContent": {"text": {"text": "x"}}}]),
        "an image": body([{"image": {"format": "png", "source": {"bytes": "AAAA"}}}]),
        "nothing": b"",
        "no object": b"[]",
        "not JSON": b"<html>Bad gateway</html>",
        "half a body": body([call({"tasks": three()})])[:-80],
        "not UTF-8": b'{"stopReason": "\xff\xfe"}',
        "UTF-16": body([]).decode().encode("utf-16"),
        "a null byte": b"\0" * 1_000,
    }  # fmt: skip
    for reason in (
        "content_filtered", "guardrail_intervened", "max_tokens", "malformed_tool_use",
        "malformed_model_output", "model_context_window_exceeded", "stop_sequence", "end_turn",
        "pause_turn", "refusal", "messageStop", "contentBlockDelta", "TOOL_USE", "tool_use\n", "",
    ):  # fmt: skip
        found[f"{reason!r} with a call"] = body([call({"tasks": three()})], reason)
        found[f"{reason!r} without"] = body([], reason)
    return found

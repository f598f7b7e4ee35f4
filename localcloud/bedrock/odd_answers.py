"""A good answer in the forms that models of the Nova family are reported to give it instead.

Sources: pydantic/pydantic-ai#2836, boto/boto3#4644, langchain-ai/langchain-aws#1221 (JSON as text,
a closing tag behind it), vercel/ai#16926 (tags of Nova's own).
"""

import json
from collections.abc import Callable
from typing import Any

from localcloud.bedrock.answer import tool_use_id
from localcloud.bedrock.call import Content, ConverseCall, Response, response
from localcloud.bedrock.fault_kind import FaultKind

Tasks = list[dict[str, Any]]

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def odd_answer(kind: FaultKind, call: ConverseCall, tasks: Tasks) -> Response:
    """The answer with these tasks in the form that the fault stands for."""
    if kind in TEXTS:
        stop_reason, text = TEXTS[kind]
        return response(call, [{"text": text(tasks)}], stop_reason)
    name = next(iter(call.tools), "tool")
    identifier = tool_use_id(call)
    content: Content = [
        {"toolUse": {"toolUseId": f"{identifier}{number}", "name": name, "input": tool_input}}
        for number, tool_input in enumerate(CALLS[kind](tasks))
    ]
    return response(call, content, "tool_use")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _input(tasks: Tasks) -> str:
    return _json({"tasks": tasks})


TEXTS: dict[FaultKind, tuple[str, Callable[[Tasks], str]]] = {
    FaultKind.CALL_AS_TEXT: ("end_turn", _input),
    FaultKind.CALL_IN_A_CODE_FENCE: (
        "end_turn",
        lambda tasks: f"以下の通りです。\n```json\n{_input(tasks)}\n```",
    ),
    FaultKind.CALL_AFTER_A_THOUGHT: (
        "end_turn",
        lambda tasks: f"<thinking>まず{_input(tasks[:1])}と考える。</thinking>\n{_input(tasks)}",
    ),
    FaultKind.CALL_IN_TAGS: (
        "malformed_tool_use",
        lambda tasks: (
            f"<tools>\n  <__function=save_tasks>\n    <__parameter=tasks>{_json(tasks)}"
            "</__parameter>\n"
        ),
    ),
    FaultKind.TEXT_THAT_IS_CUT: ("max_tokens", lambda tasks: _input(tasks)[:-20]),
}
"""By kind: the stop reason, and the text of an answer without a call."""


def _each(**fields: Any) -> Callable[[Tasks], list[Any]]:
    return lambda tasks: [{"tasks": [{**task, **fields} for task in tasks]}]


def _changed(name: str, change: Callable[[Any], Any]) -> Callable[[Tasks], list[Any]]:
    return lambda tasks: [{"tasks": [{**task, name: change(task[name])} for task in tasks]}]


CALLS: dict[FaultKind, Callable[[Tasks], list[Any]]] = {
    FaultKind.MINUTES_90: _each(estimatedMinutes=90),
    FaultKind.TITLE_OF_51: lambda tasks: [
        {"tasks": [{**tasks[0], "title": "あ" * 51}, *tasks[1:]]}
    ],
    FaultKind.TWO_CALLS_THAT_DIFFER: lambda tasks: [
        {"tasks": tasks},
        {"tasks": [*tasks[:-1], {**tasks[-1], "title": "別の作業をする"}]},
    ],
    FaultKind.FIELD_TOO_MANY: lambda tasks: [
        {"tasks": [{**task, "order": number} for number, task in enumerate(tasks, 1)]}
    ],
    FaultKind.INPUT_AS_JSON_TEXT: lambda tasks: [_input(tasks)],
    FaultKind.TASKS_AS_JSON_TEXT: lambda tasks: [{"tasks": _json(tasks)}],
    FaultKind.CLOSING_TAG: lambda tasks: [{"tasks": _json(tasks) + "\n</invoke>"}],
    FaultKind.WRAPPED_IN_PROPERTIES: lambda tasks: [{"properties": {"tasks": tasks}}],
    FaultKind.MINUTES_AS_TEXT: _changed("estimatedMinutes", str),
    FaultKind.MINUTES_IN_FULL_WIDTH: _changed(
        "estimatedMinutes", lambda minutes: str(minutes).translate(_FULL_WIDTH)
    ),
    FaultKind.MINUTES_AS_FLOAT: _changed("estimatedMinutes", float),
    FaultKind.TYPE_IN_LOWER_CASE: _changed("type", str.lower),
    FaultKind.TAB_IN_A_TITLE: _changed("title", lambda title: f"{title[0]}\t{title[1:]}"),
    FaultKind.LINE_ENDS_OF_WINDOWS: _each(description="一つ目\r\n二つ目"),
    FaultKind.SAME_CALL_TWICE: lambda tasks: [{"tasks": tasks}, {"tasks": tasks}],
}
"""By kind: the inputs of an answer's calls of the tool, mostly of one."""

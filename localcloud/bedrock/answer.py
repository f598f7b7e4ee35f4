"""The built-in model's answer: tasks for the requested action, as a call of the given tool."""

import string
from typing import Any

from localcloud.bedrock.call import Content, ConverseCall, Response, response
from localcloud.bedrock.task_writer.input_schema import fill
from localcloud.bedrock.task_writer.json_value import is_list, is_object
from localcloud.bedrock.task_writer.requested_action import requested_action
from localcloud.bedrock.task_writer.task_writer import WrittenTask, write_tasks
from localcloud.bedrock.tokens import count_content

_THINKING_SHARE = 0.25
"""Share of answers with a text before the tool call: Nova puts its reasoning in <thinking> tags
(AWS, Amazon Nova user guide, "Troubleshooting tool calls")."""


def answer(call: ConverseCall) -> Response:
    """A valid answer, cut off at inferenceConfig.maxTokens as a model's would be."""
    content = _content(call)
    limit = call.request.get("inferenceConfig", {}).get("maxTokens")
    if limit is not None and count_content(content) > limit:
        return truncated(call, content, limit)
    return response(call, content, "tool_use" if call.tools else "end_turn")


def truncated(call: ConverseCall, content: Content, limit: int | None = None) -> Response:
    """An answer that reached its token limit: half of the tasks, the last one incomplete."""
    output_tokens = max(1, count_content(content) // 2) if limit is None else limit
    block = content[-1]
    if "toolUse" not in block:
        cut = block["text"][: max(1, len(block["text"]) // 2)]
        return response(call, [{"text": cut}], "max_tokens", output_tokens)
    tool_input = dict(block["toolUse"]["input"])
    for name, value in tool_input.items():
        if is_list(value) and value:
            tool_input[name] = _half(value)
    kept = [{"toolUse": {**block["toolUse"], "input": tool_input}}]
    return response(call, kept, "max_tokens", output_tokens)


def _half(tasks: list[Any]) -> list[Any]:
    kept = tasks[: len(tasks) // 2 + 1]
    unfinished = dict(list(kept[-1].items())[:1]) if is_object(kept[-1]) else kept[-1]
    return [*kept[:-1], unfinished]


def _content(call: ConverseCall) -> Content:
    action = requested_action(call.request)
    rng = call.random("answer")
    if not call.tools:
        return [{"text": _listed(write_tasks(action, rng))}]
    name, schema = next(iter(call.tools.items()))
    listed = schema.get("properties", {}).get("tasks", {})
    tasks = write_tasks(action, rng, listed.get("minItems", 0), listed.get("maxItems", 10))
    known = {
        "tasks": [
            {
                "title": task.title,
                "description": task.description,
                "type": task.type,
                "estimatedMinutes": task.minutes,
            }
            for task in tasks
        ]
    }
    tool_use = {"toolUseId": tool_use_id(call), "name": name, "input": fill(schema, known)}
    if rng.random() < _THINKING_SHARE:
        thinking = f"<thinking>「{action.title}」を{len(tasks)}件のタスクに分ける。</thinking>\n"
        return [{"text": thinking}, {"toolUse": tool_use}]
    return [{"toolUse": tool_use}]


def tool_use_id(call: ConverseCall) -> str:
    """An id in Bedrock's form."""
    letters = call.random("tool use id").choices(string.ascii_letters + string.digits, k=22)
    return f"tooluse_{''.join(letters)}"


def _listed(tasks: list[WrittenTask]) -> str:
    return "\n".join(f"- {task.title}({task.minutes}分): {task.description}" for task in tasks)

"""Converts between Converse and OpenAI's chat completions, as Ollama and llama.cpp have them."""

import json
import re
from typing import Any

from localcloud.bedrock.answer import tool_use_id
from localcloud.bedrock.bedrock_api import BedrockError
from localcloud.bedrock.call import Content, ConverseCall, Response, response
from localcloud.bedrock.task_writer.json_value import Object, is_object

_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "content_filter": "content_filtered",
    "tool_calls": "tool_use",
}


def chat_request(call: ConverseCall, model: str) -> dict[str, Any]:
    """The body of a chat completion request for a call of Converse."""
    request = call.request
    inference = request.get("inferenceConfig", {})
    system = "\n".join(block["text"] for block in request.get("system", []) if "text" in block)
    body: dict[str, Any] = {
        "model": model,
        "stream": False,
        "messages": [{"role": "system", "content": system}] if system else [],
    }
    for message in request["messages"]:
        body["messages"] += _chat_messages(message)
    names = {
        "maxTokens": "max_tokens",
        "temperature": "temperature",
        "topP": "top_p",
        "stopSequences": "stop",
    }
    body |= {names[name]: value for name, value in inference.items()}
    if call.tools:
        # A forced tool is the only tool in the request, with "required": llama.cpp accepts no other
        # form (ggml-org/llama.cpp#26535), and Ollama ignores it (ollama/ollama#17921).
        body["tools"] = [
            {"type": "function", "function": _function(tool["toolSpec"])}
            for tool in request["toolConfig"]["tools"]
            if "toolSpec" in tool and tool["toolSpec"]["name"] in call.tools
        ]
        body["tool_choice"] = "required" if call.tool_is_forced else "auto"
    return body


def _function(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": spec["name"],
        "description": spec.get("description", ""),
        "parameters": spec["inputSchema"]["json"],
    }


def _chat_messages(message: dict[str, Any]) -> list[dict[str, Any]]:
    content: Content = message["content"]
    results = [block["toolResult"] for block in content if "toolResult" in block]
    uses = [block["toolUse"] for block in content if "toolUse" in block]
    text = "\n".join(block["text"] for block in content if "text" in block)
    messages: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": result["toolUseId"], "content": _result_text(result)}
        for result in results
    ]
    if text or uses:
        converted: dict[str, Any] = {"role": message["role"], "content": text}
        if uses:
            converted["tool_calls"] = [
                {
                    "id": use["toolUseId"],
                    "type": "function",
                    "function": {
                        "name": use["name"],
                        "arguments": json.dumps(use["input"], ensure_ascii=False),
                    },
                }
                for use in uses
            ]
        messages.append(converted)
    return messages


def _result_text(result: dict[str, Any]) -> str:
    texts = [
        block["text"] if "text" in block else json.dumps(block.get("json"), ensure_ascii=False)
        for block in result["content"]
    ]
    prefix = "ERROR: " if result.get("status") == "error" else ""
    return prefix + "\n".join(texts)


def converse_response(call: ConverseCall, completion: Any) -> Response:
    """The response of Converse for a chat completion. Raises BedrockError if it is invalid."""
    try:
        choice: dict[str, Any] = completion["choices"][0]
        message: dict[str, Any] = choice["message"]
        calls: list[dict[str, Any]] = message.get("tool_calls") or []
        text: str = message.get("content") or ""
        uses = [_tool_use(call, index, calls[index]["function"]) for index in range(len(calls))]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise BedrockError("ModelErrorException", "not a chat completion") from error
    stop_reason = _STOP_REASONS.get(choice.get("finish_reason") or "stop", "end_turn")
    if not uses and call.tool_is_forced and (written := _call_in_text(text)) is not None:
        # small models write the arguments as text, mostly where tool_choice is ignored
        name = next(iter(call.tools))
        text, uses = "", [{"toolUseId": tool_use_id(call), "name": name, "input": written}]
    if any(not is_object(use["input"]) for use in uses):
        text, uses, stop_reason = str(uses), [], "malformed_tool_use"
    elif uses and stop_reason == "end_turn":
        stop_reason = "tool_use"  # some servers send "stop" together with tool calls
    content: Content = [{"text": text}] if text.strip() or not uses else []
    content += [{"toolUse": use} for use in uses]
    answer = response(call, content, stop_reason)
    usage: dict[str, int] = completion.get("usage") or {}
    if "prompt_tokens" in usage and "completion_tokens" in usage:
        answer["usage"] = {
            "inputTokens": usage["prompt_tokens"],
            "outputTokens": usage["completion_tokens"],
            "totalTokens": usage["prompt_tokens"] + usage["completion_tokens"],
        }
    return answer


def _tool_use(call: ConverseCall, index: int, function: dict[str, Any]) -> dict[str, Any]:
    return {
        "toolUseId": f"{tool_use_id(call)}_{index}",
        "name": re.sub(r"[^a-zA-Z0-9_-]", "_", function["name"])[:64] or "_",
        "input": _parsed(function.get("arguments", {})),
    }


def _parsed(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _call_in_text(text: str) -> Object | None:
    """The JSON object in a text that should have been a tool call."""
    start = text.find("{", text.rfind("</think>") + 1)
    value = _parsed(text[start : text.rfind("}") + 1]) if start >= 0 else None
    if not is_object(value):
        return None
    # {"name": ..., "arguments": {...}}: the form of a call that some models are trained on
    inner = value.get("arguments", value.get("parameters"))
    return inner if is_object(inner) and "name" in value else value

"""Checks of a request beyond its shape: turns, tool results, tool definitions, model ids.

The error messages are Bedrock's own where its users have quoted them on GitHub:
turns langchain-ai/langchain-aws#130, results Just-Curieous/Curie#16, tool input vercel/ai#19023,
result form deepset-ai/haystack-core-integrations#3766, blank text aws-samples/bedrock-engineer#8,
empty result aws-samples/sample-multi-agent-orchestration-chat-on-agentcore#15.
"""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.bedrock.bedrock_api import BedrockError
from localcloud.bedrock.task_writer.input_schema import check_schema
from localcloud.bedrock.tokens import count_request

NOVA_MAX_TOKENS = 5120
"""Maximum of maxTokens (AWS, Amazon Nova user guide, "Complete request schema": at most 5k)."""
NOVA_MICRO_CONTEXT_TOKENS = 128_000
"""Context window of Nova Micro (AWS, Amazon Nova user guide, "What is Amazon Nova")."""
PROFILE_ONLY_REGIONS = ("ap-northeast-1",)
"""Regions where Nova needs an inference profile (aws-samples/generative-ai-use-cases#918)."""

Message = dict[str, Any]


def check_conversation(model_id: str, region: str | None, request: dict[str, Any]) -> None:
    """Raise the BedrockError that Bedrock would; `check_shape` has passed before."""
    _check_model(model_id, region)
    messages: list[Message] = request.get("messages", [])
    _check_turns(messages)
    for index, message in enumerate(messages):
        _check_blocks(message, f"messages.{index}.content")
    _check_tool_results(messages)
    _check_tools(messages, request.get("toolConfig"))
    if "nova" in model_id:
        _check_nova(request)


def _check_model(model_id: str, region: str | None) -> None:
    name = model_id.rpartition("/")[2]
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)*", name) and "profile/" not in model_id:
        raise _invalid("The provided model identifier is invalid.")
    if name.startswith("amazon.nova") and region in PROFILE_ONLY_REGIONS:
        raise _invalid(
            f"Invocation of model ID {name} with on-demand throughput isn't supported. Retry your "
            "request with the ID or ARN of an inference profile that contains this model."
        )


def _check_turns(messages: list[Message]) -> None:
    if not messages or messages[0]["role"] != "user":
        raise _invalid(
            "A conversation must start with a user message. Try again with a conversation that "
            "starts with a user message."
        )
    roles = [message["role"] for message in messages]
    if any(role != ("user", "assistant")[turn % 2] for turn, role in enumerate(roles)):
        raise _invalid(
            "A conversation must alternate between user and assistant roles. Make sure the "
            "conversation alternates between user and assistant roles and try again."
        )


def _check_blocks(message: Message, path: str) -> None:
    if not message["content"]:
        raise _invalid(f"The content field at {path} is empty. Add content and try again.")
    for index, block in enumerate(message["content"]):
        kind, value = next(iter(block.items()))
        if kind == "text" and not value.strip():
            raise _invalid(
                f"The text field in the ContentBlock object at {path}.{index} is blank. "
                "Add text to the text field, and try again."
            )
        if kind not in ("text", "toolUse", "toolResult"):
            raise _invalid(f"This model doesn't support the {kind} field. Remove {kind}.")
        if kind == "toolUse":
            if message["role"] != "assistant":
                raise _invalid(f"toolUse at {path}.{index} belongs in an assistant message.")
            _check_object(value["input"], f"{path}.{index}.toolUse.input")
        if kind == "toolResult":
            if message["role"] != "user":
                raise _invalid(f"toolResult at {path}.{index} belongs in a user message.")
            _check_result(value, f"{path}.{index}.toolResult")


def _check_result(result: dict[str, Any], path: str) -> None:
    if result.get("status") == "error" and not result["content"]:
        raise _invalid(f"The content field at {path} cannot be empty when status value is error.")
    for index, block in enumerate(result["content"]):
        if "json" in block:
            _check_object(block["json"], f"{path}.content.{index}.json")


def _check_object(value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise _invalid(
            f"The format of the value at {path} is invalid. Provide a json object for the field "
            "and try again."
        )


def _blocks(message: Message, kind: str) -> Iterator[dict[str, Any]]:
    return (block[kind] for block in message["content"] if kind in block)


def _check_tool_results(messages: list[Message]) -> None:
    open_ids: list[str] = []
    for index, message in enumerate(messages):
        answered = [result["toolUseId"] for result in _blocks(message, "toolResult")]
        missing = [tool_use_id for tool_use_id in open_ids if tool_use_id not in answered]
        if missing:
            raise _invalid(
                f"Expected toolResult blocks at messages.{index}.content for the following Ids: "
                f"{', '.join(missing)}"
            )
        if len(answered) > len(open_ids):
            raise _invalid(
                f"The number of toolResult blocks at messages.{index}.content exceeds the number "
                "of toolUse blocks of previous turn."
            )
        open_ids = [use["toolUseId"] for use in _blocks(message, "toolUse")]


def _check_tools(messages: list[Message], tool_config: dict[str, Any] | None) -> None:
    if tool_config is None:
        kinds = {kind for message in messages for block in message["content"] for kind in block}
        if kinds & {"toolUse", "toolResult"}:
            raise _invalid(
                "The toolConfig field must be defined when using toolUse and toolResult content "
                "blocks."
            )
        return
    for index, tool in enumerate(tool_config["tools"]):
        if "toolSpec" in tool:
            path = f"toolConfig.tools.{index}.toolSpec.inputSchema.json"
            schema = tool["toolSpec"]["inputSchema"]["json"]
            _check_object(schema, path)
            for problem in check_schema(schema, path):
                raise _invalid(problem)
    names = [tool["toolSpec"]["name"] for tool in tool_config["tools"] if "toolSpec" in tool]
    if len(set(names)) != len(names):
        raise _invalid(f"toolConfig.tools contains duplicate tool names: {names}")
    chosen = tool_config.get("toolChoice", {}).get("tool")
    if chosen and chosen["name"] not in names:
        raise _invalid(
            f"The value at toolConfig.toolChoice.tool.name, {chosen['name']}, names no tool of "
            f"toolConfig.tools: {names}"
        )


def _check_nova(request: dict[str, Any]) -> None:
    max_tokens = request.get("inferenceConfig", {}).get("maxTokens", 1)
    if max_tokens > NOVA_MAX_TOKENS:
        raise _invalid(
            f"The maximum tokens you requested exceeds the model limit of {NOVA_MAX_TOKENS}. Try "
            f"again with a maximum tokens value that is lower than {NOVA_MAX_TOKENS}."
        )
    if count_request(request) > NOVA_MICRO_CONTEXT_TOKENS:
        raise _invalid(
            "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update "
            "the input to try again."
        )
    for tool in request.get("toolConfig", {}).get("tools", []):
        spec = tool.get("toolSpec")
        if spec is None:
            continue
        unsupported = sorted(set(spec["inputSchema"]["json"]) - {"type", "properties", "required"})
        if unsupported:
            # AWS, Amazon Nova user guide, "Troubleshooting tool calls"
            raise _invalid(
                "The passed tool configuration does not comply to the required conventions: at the "
                f"top of an input schema only type, properties and required, not {unsupported}."
            )
        if "-" in spec["name"]:
            # github.com/SEMOSS/Semoss/pull/2892: reproducible with every Nova model
            raise BedrockError("ModelErrorException", NOVA_INVALID_TOOL_USE)


NOVA_INVALID_TOOL_USE = (
    "Model produced invalid sequence as part of ToolUse. Please refer to the model tool use "
    "troubleshooting guide."
)
"""Nova's message for an invalid tool call of its own (strands-agents/harness-sdk#649)."""


def _invalid(message: str) -> BedrockError:
    return BedrockError("ValidationException", message)

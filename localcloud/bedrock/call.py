"""One call of Converse, and the response to it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from localcloud.bedrock.tokens import count_content, count_request

Content = list[dict[str, Any]]
Response = dict[str, Any]


@dataclass(frozen=True)
class ConverseCall:
    """A call about an action; `number` counts the calls about it from 1.

    The answer depends on these fields only.
    """

    model_id: str
    request: dict[str, Any]
    action_id: str
    number: int = 1
    seed: int = 0
    latency_seconds: float = 0.0

    def random(self, purpose: str) -> Random:
        """A random generator: the same for the same seed, action, number and purpose."""
        return Random(f"{self.seed}/{self.action_id}/{self.number}/{purpose}")  # noqa: S311 - no secret

    @property
    def tools(self) -> dict[str, dict[str, Any]]:
        """The tools' input schemas by name; only the tool in toolChoice if there is one."""
        config = self.request.get("toolConfig", {"tools": []})
        schemas = {
            tool["toolSpec"]["name"]: tool["toolSpec"]["inputSchema"]["json"]
            for tool in config["tools"]
            if "toolSpec" in tool
        }
        chosen = config.get("toolChoice", {}).get("tool", {}).get("name")
        return {chosen: schemas[chosen]} if chosen else schemas

    @property
    def tool_is_forced(self) -> bool:
        """Whether the answer must use a tool."""
        choice = self.request.get("toolConfig", {}).get("toolChoice", {})
        return "any" in choice or "tool" in choice


class UpstreamError(Exception):
    """The upstream cannot be used; the message says what to do."""


Answerer = Callable[[ConverseCall], Response]
"""Returns Converse's response to a call, or raises BedrockError."""


def response(
    call: ConverseCall, content: Content, stop_reason: str, output_tokens: int | None = None
) -> Response:
    """A response of Converse; output tokens are counted in the content unless they are given."""
    counted = count_request(call.request)
    written = count_content(content) if output_tokens is None else output_tokens
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason,
        "usage": {
            "inputTokens": counted,
            "outputTokens": written,
            "totalTokens": counted + written,
        },
        "metrics": {"latencyMs": round(call.latency_seconds * 1000)},
    }

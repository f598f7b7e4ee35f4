"""The requested form of the answer: one tool that the model must call, and its decoding.

Sources, all below docs.aws.amazon.com/nova/latest/userguide:
- tool-choice.html: Nova takes toolChoice `tool`, `any` and `auto`; `tool` for structured output.
- prompting-tools-function.html: temperature 0 (greedy decoding) for tool use.
- prompting-tool-troubleshooting.html: topK 1 beside it; a schema's top level may hold `type`,
  `properties` and `required` only.
"""

from enum import Enum
from typing import TYPE_CHECKING, Any

from handlers.generation.rules import (
    DESCRIPTION_CHARACTERS,
    MAXIMUM_MINUTES,
    MINIMUM_MINUTES,
    TITLE_CHARACTERS,
    TaskRules,
)

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.type_defs import (
        InferenceConfigurationTypeDef,
        ToolConfigurationTypeDef,
    )

TOOL_NAME = "save_tasks"


class Decoding(Enum):
    """How the model decodes; the value is the temperature."""

    GREEDY = 0
    VARIED = 0.3
    """After a request without a usable answer, which greedy decoding would repeat."""


_TOKENS_PER_TASK = 400  # 250 characters of Japanese and the JSON around them
_SPARE_TOKENS = 500


def tool_config(rules: TaskRules) -> "ToolConfigurationTypeDef":
    """The tool and its schema; they depend only on the action's type, not on a user's text."""
    return {
        "tools": [
            {
                "toolSpec": {
                    "name": TOOL_NAME,
                    "description": "タスクを保存する。",
                    "inputSchema": {"json": _schema(rules)},
                }
            }
        ],
        "toolChoice": {"tool": {"name": TOOL_NAME}},
    }


def inference_config(
    rules: TaskRules, decoding: Decoding = Decoding.GREEDY
) -> "InferenceConfigurationTypeDef":
    """The decoding, and enough tokens for the longest answer that the rules accept.

    No more room than that: when a call starts, Bedrock takes input tokens + maxTokens off the
    quota per minute (docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html).
    """
    room = rules.maximum * _TOKENS_PER_TASK + _SPARE_TOKENS
    return {"temperature": decoding.value, "maxTokens": room}


def additional_fields(model_id: str, decoding: Decoding = Decoding.GREEDY) -> dict[str, Any]:
    """Nova's own field for greedy decoding; other models refuse it."""
    is_greedy_nova = decoding is Decoding.GREEDY and "amazon.nova" in model_id
    return {"inferenceConfig": {"topK": 1}} if is_greedy_nova else {}


def _schema(rules: TaskRules) -> dict[str, Any]:
    task = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": TITLE_CHARACTERS},
            "description": {"type": "string", "maxLength": DESCRIPTION_CHARACTERS},
            "type": {"type": "string", "enum": [rules.type]},
            "estimatedMinutes": {
                "type": "integer",
                "minimum": MINIMUM_MINUTES,
                "maximum": MAXIMUM_MINUTES,
            },
        },
        "required": ["title", "description", "type", "estimatedMinutes"],
    }
    return {
        "type": "object",
        "properties": {
            "tasks": {
                "type": "array",
                "minItems": rules.minimum,
                "maxItems": rules.maximum,
                "items": task,
            }
        },
        "required": ["tasks"],
    }

"""An estimate of token counts: Nova's tokenizer is not public."""

import json
import math
from typing import Any

from localcloud.bedrock.task_writer.json_value import is_list, is_object

LATIN_CHARACTERS_PER_TOKEN = 4


def count_tokens(text: str) -> int:
    """About one token for each Japanese character and for every four ASCII characters."""
    latin = sum(character.isascii() for character in text)
    return math.ceil(latin / LATIN_CHARACTERS_PER_TOKEN) + len(text) - latin


def count_request(request: dict[str, Any]) -> int:
    """Input tokens of a request: system prompt, conversation and tool definitions."""
    return sum(
        count_tokens(_text(request.get(part))) for part in ("system", "messages", "toolConfig")
    )


def count_content(content: list[dict[str, Any]]) -> int:
    """Tokens of a message's content blocks."""
    return count_tokens(_text(content))


def _text(value: Any) -> str:
    # the model reads texts and schemas, but not the keys and punctuation of the request
    if is_list(value):
        return "".join(_text(part) for part in value)
    if is_object(value):
        if "json" in value or "input" in value:
            return json.dumps(value, ensure_ascii=False)
        return "".join(_text(part) for part in value.values())
    return "" if value is None else str(value)

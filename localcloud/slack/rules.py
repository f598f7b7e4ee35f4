"""The limits and forms of Block Kit that the workflow's messages could violate."""

from collections.abc import Iterator
from typing import Any

_HEADER, _TEXT, _FIELD, _URL = 150, 3000, 2000, 3000
_BLOCKS, _FIELDS, _ELEMENTS, _ATTACHMENTS = 50, 10, 10, 100
_MARKUP = "mrkdwn"


def refusal(message: Any) -> str | None:
    """Slack's error code for a message, or None if it is valid (docs.slack.dev: Block Kit)."""
    if not isinstance(message, dict):
        return "invalid_payload"
    parts: dict[str, Any] = message  # pyright: ignore[reportUnknownVariableType]
    attachments: list[Any] = parts.get("attachments", [])
    if not (parts.get("text") or parts.get("blocks") or attachments):
        return "no_text"
    if len(attachments) > _ATTACHMENTS:
        return "too_many_attachments"
    for blocks in [parts.get("blocks", []), *(each.get("blocks", []) for each in attachments)]:
        if len(blocks) > _BLOCKS or not all(_is_valid(block) for block in blocks):
            return "invalid_blocks"
    return None


def texts(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every text object in a message's blocks."""
    attachments = message.get("attachments", [])
    for blocks in [message.get("blocks", []), *(each.get("blocks", []) for each in attachments)]:
        for block in blocks:
            if "text" in block:
                yield block["text"]
            yield from block.get("fields", [])
            yield from block.get("elements", [])


def _is_valid(block: dict[str, Any]) -> bool:
    match block["type"]:
        case "header":
            return block["text"]["type"] == "plain_text" and _fits(block["text"], _HEADER)
        case "section":
            fields = block.get("fields", [])
            has_content = "text" in block or bool(fields)
            fits = "text" not in block or _fits(block["text"], _TEXT)
            return (
                has_content
                and fits
                and len(fields) <= _FIELDS
                and all(_fits(each, _FIELD) for each in fields)
            )
        case "context":
            elements = block["elements"]
            return 0 < len(elements) <= _ELEMENTS and all(_fits(each, _TEXT) for each in elements)
        case "divider":
            return True
        case _:
            return False


def _fits(text: dict[str, Any], limit: int) -> bool:
    known = {"type", "text", "verbatim"} if text["type"] == _MARKUP else {"type", "text", "emoji"}
    return text["type"] in (_MARKUP, "plain_text") and (
        0 < len(text["text"]) <= limit and text.keys() <= known
    )

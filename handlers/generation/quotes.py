"""Whether a message from outside quotes a text of ours, also with other spaces or escapes."""

from collections.abc import Iterator, Sequence
from typing import Any

from handlers.generation.fence import unfenced
from handlers.generation.json_text import is_list, is_object
from handlers.generation.rules import RULES

_RUN = 8
_SHORTEST = 3


def texts_of(messages: Sequence[Any]) -> list[str]:
    """The users' and the model's texts in the messages of a request, before they were fenced."""
    blocks = [block for message in messages for block in message["content"]]
    fenced = [text for block in blocks for text in unfenced(block.get("text", ""))]
    inputs = [block["toolUse"]["input"] for block in blocks if "toolUse" in block]
    return [text for text in [*fenced, *_strings(inputs)] if text not in RULES]


def quotes(message: str, texts: Sequence[str]) -> bool:
    """Whether the message may quote a text: a short text whole, or a run of a longer one.

    Only letters and digits count. A text of less than three of them says nothing.
    """
    said = _letters(message)
    runs = {said[start : start + _RUN] for start in range(len(said) - _RUN + 1)}
    return any(_is_quoted(_letters(text), said, runs) for text in texts)


def _is_quoted(text: str, said: str, runs: set[str]) -> bool:
    if len(text) < _RUN:
        return len(text) >= _SHORTEST and text in said
    return any(run in text for run in runs)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_object(value):
        yield from (name for name in value if len(name) >= _RUN)
        yield from _strings(list(value.values()))
    elif is_list(value):
        for inner in value:
            yield from _strings(inner)

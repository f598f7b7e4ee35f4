"""What may leave the account: named fields, and of their texts what our own code has written."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from ops.support.vocabulary import is_known

_TOKEN = re.compile(r"[^\s,;()\[\]{}\"'=|<>*\\]+")
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_COUNT = re.compile(r"(0|[1-9]\d{0,3})(\.\d{1,3})?%?")
_RIGHT = re.compile(
    rf"""
    {_UUID}
    | \d{{4}}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{{1,6}})?)?(Z|[+-]\d\d:?\d\d)?)?  # a time
    """,
    re.VERBOSE,
)
_IN_NAMES = re.compile(_UUID)
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,12})(\.\d{1,12})?")
"""Of a named field; milliseconds since 1970 have 13 digits, a card's number has more."""

_MARK = re.compile(r"\[withheld: \d+ characters\]$")
WITHHELD = "(withheld)"


@dataclass(frozen=True)
class Redactor:
    """Withholds what is not recognised.

    own: words of the stack that no code holds, such as its account and region.
    private: texts of the executions' goals, which never leave, even if they are made of our words.
    """

    own: frozenset[str]
    private: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        """A text up to its first word that is not ours, and how much was withheld.

        A text that was redacted before stays as it is.
        """
        body = _MARK.sub("", text)
        end = min((self._starts(body, each) for each in self.private if each), default=len(body))
        after_count = (
            False  # counts stand alone; side by side they may be a card's or a telephone's
        )
        for found in _TOKEN.finditer(body[:end]):
            token = found[0].strip(".:!?#")
            is_count = bool(_COUNT.fullmatch(token))
            if (is_count and after_count) or not (is_count or self._is_right(token)):
                end = found.start()
                break
            after_count = is_count
        return text if end == len(body) else f"{body[:end]}{_withheld(len(text) - end)}"

    def fields(self, value: Any, allowed: Collection[str], name: str = "") -> Any:
        """A value with only the allowed fields, at any depth; JSON in a text is read first."""
        if isinstance(value, Mapping):
            held = cast("Mapping[str, Any]", value)
            kept = {k: self.fields(v, allowed, k) for k, v in held.items() if k in allowed}
            dropped = len(held) - len(kept)
            return {**kept, WITHHELD: dropped} if dropped else kept
        if isinstance(value, list | tuple):
            return [self.fields(each, allowed, name) for each in cast("Iterable[Any]", value)]
        if isinstance(value, datetime):
            return value.isoformat()
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Decimal) or _NUMBER.fullmatch(str(value)):
            return str(value) if name else _withheld(len(str(value)))
        parsed = _json(str(value))
        return self.text(str(value)) if parsed is None else self.fields(parsed, allowed, name)

    def _is_right(self, token: str) -> bool:
        if _RIGHT.fullmatch(token) or token in self.own:
            return True
        rest = _IN_NAMES.sub("", token)
        for word in self.own:
            rest = rest.replace(word, "")
        return is_known(rest)

    def _starts(self, text: str, private: str) -> int:
        found = re.search(rf"(?<!\w){re.escape(private)}(?!\w)", text, re.IGNORECASE)
        return found.start() if found else len(text)


def _withheld(characters: int) -> str:
    return f"[withheld: {characters} characters]"


def _json(text: str) -> Any:
    """The object or list that a text holds; None if it holds neither."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None

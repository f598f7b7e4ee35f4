"""Reads the text of a query token by token; the parser says which token may come next."""

import re

_SPACE = re.compile(r"(\s+|#[^\n]*)+")
_WORD = re.compile(r"@?[A-Za-z_][\w@]*(\.[\w@]+)*|`[^`]+`")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_PERIOD = re.compile(r"(\d+)\s*(ms|s|m|h|d|w)\b")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'')
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/")
_MILLISECONDS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_SHOWN_CHARACTERS = 20


class QueryError(ValueError):
    """A query that is invalid, or that uses a feature that is not supported here."""


class Scanner:
    """A position in a query; its methods read a token there and move on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._skip()

    @property
    def at_end(self) -> bool:
        """Whether the whole query has been read."""
        return self.position == len(self.text)

    def sign(self, *signs: str) -> str | None:
        """Read one of these signs, longer ones first; None if there is none."""
        for sign in sorted(signs, key=len, reverse=True):
            if self.text.startswith(sign, self.position):
                self._move(self.position + len(sign))
                return sign
        return None

    def keyword(self, *words: str) -> str | None:
        """Read one of these words in any case; returns it in lower case, None if there is none."""
        found = _WORD.match(self.text, self.position)
        if not found or found[0].lower() not in words:
            return None
        self._move(found.end())
        return found[0].lower()

    def name(self) -> str | None:
        """Read the name of a field or function; None if there is none."""
        found = self._read(_WORD)
        return found and found[0].strip("`")

    def number(self) -> float | None:
        """Read a number; None if there is none."""
        found = self._read(_NUMBER)
        return float(found[0]) if found else None

    def period(self) -> float | None:
        """Read a period such as 5m, in milliseconds; None if there is none."""
        found = self._read(_PERIOD)
        return float(found[1]) * _MILLISECONDS[found[2]] if found else None

    def quoted(self) -> str | None:
        """Read a string in quotes; None if there is none."""
        found = self._read(_TEXT)
        if not found:
            return None
        text = found[1] if found[1] is not None else found[2]
        return re.sub(r"\\(.)", r"\1", text)

    def regex(self) -> "re.Pattern[str] | None":
        """Read a regular expression between slashes; None if there is none."""
        start = self.position
        found = self._read(_REGEX)
        if not found:
            return None
        pattern = re.sub(r"\(\?<(?![=!])", "(?P<", found[1].replace(r"\/", "/"))
        try:
            return re.compile(pattern)
        except re.error as error:
            self.position = start
            raise self.error(f"a regular expression ({error})") from None

    def expect(self, sign: str) -> None:
        """Read a sign. Raises QueryError if there is another one."""
        if not self.sign(sign):
            raise self.error(sign)

    def error(self, expected: str) -> QueryError:
        """The error that something else was expected here."""
        here = self.text[self.position : self.position + _SHOWN_CHARACTERS] or "the end"
        return QueryError(f"expected {expected} at character {self.position}, found: {here}")

    def since(self, start: int) -> str:
        """The text from an earlier position to this one, with single spaces."""
        return " ".join(self.text[start : self.position].split())

    def _read(self, pattern: "re.Pattern[str]") -> "re.Match[str] | None":
        found = pattern.match(self.text, self.position)
        if found:
            self._move(found.end())
        return found

    def _move(self, position: int) -> None:
        self.position = position
        self._skip()

    def _skip(self) -> None:
        if space := _SPACE.match(self.text, self.position):
            self.position = space.end()

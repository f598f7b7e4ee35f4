"""Filters of JSONPath: `[?(@.status == 0 && @.name =~ /a.*/i)]`.

Operators and their meaning: Jayway's README, "Filter Operators".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from localcloud.aws.executions.errors import PathNotFoundError

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    | (?P<regex>/(?:\\.|[^/\\])+/[a-z]*)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<path>@(?:\.[^.\[\]()\s=!<>~&|,]+|\[[^\]]*\])*)
    | (?P<word>true|false|null|in|nin|subsetof|anyof|noneof|size|empty|contains)\b
    | (?P<sign>&&|\|\||==|!=|<=|>=|=~|[<>!()\[\],])
    )""",
    re.VERBOSE,
)

_Test = Callable[[Any], Any]
_Read = Callable[[str, Any], Any]
_MISSING = object()


@dataclass(frozen=True)
class Filter:
    """A filter; `test` is true of the elements that it keeps."""

    test: _Test

    def accepts(self, element: Any) -> bool:
        """Whether an element passes."""
        return bool(self.test(element))


def parse_filter(path: str, at: int, read: _Read) -> tuple[Filter, int]:
    """The filter that begins behind `[?`, and where the path goes on behind its `]`.

    read: reads a path, for those within the filter. PathNotFoundError if the filter is none.
    """
    reader = _Reader(path, at, read)
    test = reader.either()
    reader.take("]")
    return Filter(test), reader.at


class _Reader:
    """Reads a filter from left to right: or, and, not, comparison, operand."""

    def __init__(self, text: str, at: int, read: _Read) -> None:
        self._text, self.at, self._read = text, at, read

    def either(self) -> _Test:
        tests = [self._both()]
        while self.has("||"):
            tests.append(self._both())
        return lambda element: any(test(element) for test in tests)

    def take(self, sign: str) -> None:
        if not self.has(sign):
            raise PathNotFoundError(
                f"Expected {sign} at position {self.at}: {self._text}", self._text
            )

    def has(self, sign: str) -> bool:
        token = _TOKEN.match(self._text, self.at)
        if token is None or token[0].strip() != sign:
            return False
        self.at = token.end()
        return True

    def _unreadable(self, expected: str) -> PathNotFoundError:
        problem = f"Expected {expected} at position {self.at}: {self._text}"
        return PathNotFoundError(problem, self._text)

    def _both(self) -> _Test:
        tests = [self._one()]
        while self.has("&&"):
            tests.append(self._one())
        return lambda element: all(test(element) for test in tests)

    def _one(self) -> _Test:
        if self.has("!"):
            negated = self._one()
            return lambda element: not negated(element)
        if self.has("("):
            inner = self.either()
            self.take(")")
            return inner
        left = self._operand()
        for sign, compare in _COMPARISONS.items():
            if self.has(sign):
                right = self._operand()
                return lambda element: compare(left(element), right(element))
        return lambda element: left(element) is not _MISSING

    def _operand(self) -> _Test:
        token = _TOKEN.match(self._text, self.at)
        if token is None:
            raise PathNotFoundError(
                f"Expected an operand at position {self.at}: {self._text}", self._text
            )
        self.at = token.end()
        text = token[0].strip()
        match token.lastgroup:
            case "string":
                literal: Any = re.sub(r"\\(.)", r"\1", text[1:-1])
            case "number":
                literal = float(text) if re.search("[.eE]", text) else int(text)
            case "regex":
                pattern, _, flags = text[1:].rpartition("/")
                literal = re.compile(pattern, re.IGNORECASE if "i" in flags else 0)
            case "path":
                return self._path("$" + text[1:])
            case "word":
                literal = {"true": True, "false": False, "null": None}[text]
            case _:
                self.at = token.start()
                if text != "[":
                    raise self._unreadable("an operand")
                return self._array()
        return lambda _: literal

    def _path(self, path: str) -> _Test:
        def value(element: Any) -> Any:
            try:
                return self._read(path, element)
            except PathNotFoundError:
                return _MISSING

        return value

    def _array(self) -> _Test:
        self.take("[")
        members: list[_Test] = []
        while not self.has("]"):
            members.append(self._operand())
            self.has(",")
        return lambda element: [member(element) for member in members]


def _alike(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _has_size(value: Any, size: Any) -> bool:
    return len(cast("list[Any]", value)) == size if isinstance(value, str | list) else False


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def both(left: Any, right: Any) -> bool:
        kinds = (str, (int, float))
        return any(isinstance(left, k) and isinstance(right, k) for k in kinds) and compare(
            left, right
        )

    return both


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _alike,
    "!=": lambda left, right: not _alike(left, right),
    "<=": _ordered(lambda left, right: left <= right),
    ">=": _ordered(lambda left, right: left >= right),
    "<": _ordered(lambda left, right: left < right),
    ">": _ordered(lambda left, right: left > right),
    "=~": lambda left, right: (
        isinstance(left, str | int | float) and right.fullmatch(str(left)) is not None
    ),
    "in": lambda left, right: left in right,
    "nin": lambda left, right: left not in right,
    "contains": lambda left, right: isinstance(left, str | list) and right in left,
    "subsetof": lambda left, right: all(each in right for each in left),
    "anyof": lambda left, right: any(each in right for each in left),
    "noneof": lambda left, right: not any(each in right for each in left),
    "size": _has_size,
    "empty": lambda left, right: left in ("", []) if right else left not in ("", []),
}

"""The parser of metric math expressions.

(CloudWatch user guide, "Metric math syntax and functions".) Operators from the loosest to the
tightest: OR, AND, comparison, + -, * /, unary -, ^.
"""

import re
from dataclasses import dataclass
from functools import lru_cache


class ExpressionError(ValueError):
    """An expression that cannot be read or evaluated; the text says where and why."""


@dataclass(frozen=True)
class Number:
    """A scalar."""

    value: float


@dataclass(frozen=True)
class String:
    """A string, such as the argument of METRICS."""

    value: str


@dataclass(frozen=True)
class Name:
    """The id of a metric or of another expression, or a word such as REPEAT."""

    value: str


@dataclass(frozen=True)
class Negative:
    """A unary minus."""

    operand: "Expression"


@dataclass(frozen=True)
class Binary:
    """Two operands and an operator: + - * / ^ == != <= >= < > AND OR."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class FunctionCall:
    """A function of arguments."""

    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True)
class Array:
    """An array of time series: [m1, m2]."""

    items: tuple["Expression", ...]


Expression = Number | String | Name | Negative | Binary | FunctionCall | Array

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?P<word>[A-Za-z]\w*)"
    r"""|(?P<text>"[^"]*"|'[^']*')|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]]))"""
)
_LEVELS = (("OR",), ("AND",), ("==", "!=", "<=", ">=", "<", ">"), ("+", "-"), ("*", "/"))
_SPELLINGS = {"&&": "AND", "||": "OR"}


@lru_cache(maxsize=512)
def parse(text: str) -> Expression:
    """Read an expression into a tree. Raises ExpressionError."""
    parser = _ExpressionParser(text)
    tree = parser.level(0)
    if parser.kind != "end":
        raise parser.unexpected()
    return tree


class _ExpressionParser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self.kind = self._token = ""
        self._advance()

    def level(self, depth: int) -> Expression:
        """Read what binds at least as tight as a level."""
        if depth == len(_LEVELS):
            return self._unary()
        left = self.level(depth + 1)
        while self.kind in ("sign", "word") and self._token in _LEVELS[depth]:
            operator = self._take()
            left = Binary(operator, left, self.level(depth + 1))
        return left

    def unexpected(self) -> ExpressionError:
        """The error for the present token."""
        found = "the end" if self.kind == "end" else repr(self._token)
        return ExpressionError(f"{self._text!r}: {found} was not expected")

    def _unary(self) -> Expression:
        if self._token == "-":  # noqa: S105 - a sign
            self._take()
            return Negative(self._unary())
        base = self._primary()
        if self._token == "^":  # noqa: S105 - a sign
            self._take()
            return Binary("^", base, self._unary())
        return base

    def _primary(self) -> Expression:
        match self.kind, self._token:
            case "number", _:
                return Number(float(self._take()))
            case "text", _:
                return String(self._take()[1:-1])
            case "word", _:
                word = self._take()
                if self._token == "(":  # noqa: S105 - a sign
                    return FunctionCall(word, self._list("(", ")"))
                return Name(word)
            case "sign", "[":
                return Array(self._list("[", "]"))
            case "sign", "(":
                self._take()
                inner = self.level(0)
                self._expect(")")
                return inner
            case _:
                raise self.unexpected()

    def _list(self, opening: str, closing: str) -> tuple[Expression, ...]:
        self._expect(opening)
        items: list[Expression] = []
        while self._token != closing or self.kind != "sign":
            if items:
                self._expect(",")
            items.append(self.level(0))
        self._expect(closing)
        return tuple(items)

    def _expect(self, sign: str) -> None:
        if self.kind != "sign" or self._token != sign:
            raise self.unexpected()
        self._take()

    def _take(self) -> str:
        token = self._token
        self._advance()
        return token

    def _advance(self) -> None:
        found = _TOKEN.match(self._text, self._position)
        if found and found.lastgroup:
            self.kind, token = found.lastgroup, found[found.lastgroup]
            self._token = _SPELLINGS.get(token, token)
            self._position = found.end()
        elif self._text[self._position :].strip():
            rest = self._text[self._position :].strip()
            raise ExpressionError(f"{self._text!r}: {rest[0]!r} was not expected")
        else:
            self.kind, self._token = "end", ""

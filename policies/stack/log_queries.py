"""Reads queries of CloudWatch Logs Insights: which fields they need, and what they compare with.

(Amazon CloudWatch Logs User Guide: Logs Insights query syntax, supported operations and functions)
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\s+|#[^\n]*"  # left out
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<number>\d+(?:\.\d+)?(?:ms|[smhdw]|mo|y|q)?\b)"
    r"|(?P<name>@?[A-Za-z_][\w@]*(?:\.[\w@]+)*|`[^`]+`)"
    r"|(?P<sign>=~|!=|<=|>=|[-+*/%^=<>(),|\[\]])"
)
_REGEX = re.compile(r"/(?:[^/\\\n]|\\.)+/")
_BINARY = frozenset({*"+-*/%^=<>", "!=", "<=", ">=", "=~", "and", "or", "like", "in"})
_DIRECTIONS = frozenset({"asc", "desc"})
_NAMES = (
    "abs ceil floor greatest least log sqrt bin datefloor dateceil fromMillis toMillis now"
    " ispresent coalesce isempty isblank concat ltrim rtrim trim strlen toupper tolower substr"
    " replace strcontains isValidIp isValidIpV4 isValidIpV6 isIpInSubnet isIpv4InSubnet"
    " isIpv6InSubnet jsonParse jsonStringify count count_distinct sum avg min max stddev pct"
    " earliest latest sortsFirst sortsLast values case"
)
_FUNCTIONS = frozenset(each.lower() for each in _NAMES.split())
_OTHER_COMMANDS = frozenset(
    {"source", "parse", "pattern", "diff", "unmask", "anomaly", "filterindex", "join", "unnest"}
)
_READ_OVER = frozenset({"source", "parse", "filterindex", "unmask"})
"""Commands of which only the names after `as` and in a regular expression are new; others of
_OTHER_COMMANDS may make any."""
_GROUP = re.compile(r"\(\?P?<(\w+)>")


class QueryError(ValueError):
    """CloudWatch would refuse the query; the text says why."""


@dataclass
class LogQuery:
    """What a query asks for.

    fields: names that it reads and does not make itself. unmade: names that it reads after `stats`,
    which has not left them. compared: field -> texts that it is compared with.
    """

    fields: set[str] = field(default_factory=set[str])
    unmade: set[str] = field(default_factory=set[str])
    compared: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


def parse_query(text: str) -> LogQuery:
    """Read a query. Raises QueryError."""
    reader = _Reader([*_tokens(text)])
    while True:
        reader.command()
        if reader.at_end:
            return reader.query
        reader.expect("|")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens; a slash in `parse`, or where a value is needed, begins a regular expression."""
    position, before, command = 0, "|", ""
    while position < len(text):
        begins = command == "parse" or before in ("like", "=~", ",", "(")
        regex = _REGEX.match(text, position) if begins else None
        found = regex or _TOKEN.match(text, position)
        if not found:
            raise QueryError(f"{text[position : position + 20]!r} is no part of a query")
        position = found.end()
        kind = "regex" if regex else found.lastgroup
        if kind:
            command = found[0].lower() if before == "|" else command
            before = found[0].lower()
            yield _Token(kind, found[0])


class _Reader:
    """A position in the tokens of a query."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._position = tokens, 0
        self._made: set[str] = set()
        self._only_made = self._is_open = False
        self.query = LogQuery()

    @property
    def at_end(self) -> bool:
        return self._position == len(self._tokens)

    def expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise QueryError(f"{self._here()} stands where {sign} is needed")

    def command(self) -> None:
        commands: Mapping[str, Callable[[], object]] = {
            "fields": self._list,
            "display": self._list,
            "filter": self._expression,
            "stats": self._stats,
            "sort": self._sort,
            "limit": self._number,
            "head": self._number,
            "tail": self._number,
            "dedup": self._list,
        }
        name = self._next("name").lower()
        if name in _OTHER_COMMANDS:
            self._read_over(name)
        elif name in commands:
            commands[name]()
        else:
            raise QueryError(f"there is no command {name}")

    def _read_over(self, command: str) -> None:
        start = self._position
        if command == "parse":
            self._operand()
        while not self.at_end and self._peek() != "|":
            self._position += 1
        given = self._tokens[start : self._position]
        words = [each.text for each in given]
        if "as" in words:
            self._made |= set(words[words.index("as") + 1 :])
        self._made |= {name for each in given for name in _GROUP.findall(each.text)}
        self._is_open |= command not in _READ_OVER

    def _list(self) -> set[str]:
        """Expressions between commas, each with a name or none; returns the names."""
        made: set[str] = set()
        while True:
            start = self._position
            self._expression()
            if self._takes("as"):
                made.add(self._next("name"))
            elif self._position == start + 1:
                made.add(self._tokens[start].text)
            self._made |= made
            if not self._takes(","):
                return made

    def _stats(self) -> None:
        made = self._list()
        if self._takes("by"):
            made |= self._list()
        self._made, self._only_made = made, True

    def _sort(self) -> None:
        while True:
            self._expression()
            if self._peek().lower() in _DIRECTIONS:
                self._position += 1
            if not self._takes(","):
                return

    def _number(self) -> None:
        if not self._next("number").isdecimal():
            raise QueryError(f"{self._here()} stands where a number is needed")

    def _expression(self) -> None:
        self._operand()
        while True:
            negated = self._takes("not")
            operator = self._peek().lower()
            if operator not in _BINARY:
                if negated:
                    raise QueryError(f"{self._here()} stands after not")
                return
            self._position += 1
            left = self._tokens[self._position - (3 if negated else 2)]
            start = self._position
            self._operand()
            if operator in ("=", "!=", "in") and left.kind == "name":
                given = self._tokens[start : self._position]
                texts = {each.text[1:-1] for each in given if each.kind == "text"}
                self.query.compared.setdefault(left.text, set()).update(texts)

    def _operand(self) -> None:
        if self._takes("not") or self._takes("-"):
            self._operand()
        elif self._takes("("):
            self._expression()
            self.expect(")")
        elif self._takes("["):
            self._arguments("]")
        elif self._peek() == "*" and self._tokens[self._position - 1].text == "(":
            self._position += 1  # count(*)
        else:
            self._atom()

    def _atom(self) -> None:
        token = self._tokens[self._position] if not self.at_end else _Token("end", "")
        if token.kind not in ("text", "number", "name", "regex"):
            raise QueryError(f"{self._here()} stands where a value is needed")
        self._position += 1
        if token.kind != "name":
            return
        if self._takes("("):
            if token.text.lower() not in _FUNCTIONS:
                raise QueryError(f"there is no function {token.text}")
            if not self._takes(")"):
                self._arguments(")")
        elif token.text not in self._made and not self._is_open:
            (self.query.unmade if self._only_made else self.query.fields).add(token.text.strip("`"))

    def _arguments(self, end: str) -> None:
        self._expression()
        while self._takes(","):
            self._expression()
        self.expect(end)

    def _takes(self, text: str) -> bool:
        if self._peek().lower() == text:
            self._position += 1
            return True
        return False

    def _next(self, kind: str) -> str:
        if self.at_end or self._tokens[self._position].kind != kind:
            raise QueryError(f"{self._here()} stands where a {kind} is needed")
        self._position += 1
        return self._tokens[self._position - 1].text

    def _peek(self) -> str:
        return "" if self.at_end else self._tokens[self._position].text

    def _here(self) -> str:
        return "the end" if self.at_end else repr(self._peek())

"""DynamoDB's condition and update expressions, as far as the handlers and the machine use them.

Items are in the wire form ({"S": ...}, {"N": ...}). An expression is compiled once.
Tests hold this to the embedded emulator, over the expressions that the simulation recorded.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

Wire = dict[str, Any]
Item = dict[str, Wire]
Condition = Callable[[Item, Mapping[str, str], Mapping[str, Wire]], bool]
Operand = Callable[[Item, Mapping[str, str], Mapping[str, Wire]], Wire | None]
Update = Callable[[Item, Mapping[str, str], Mapping[str, Wire]], Item]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+\-]|[:#]?\w+)")
_SECTIONS = ("SET", "ADD", "REMOVE")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class UnknownExpressionError(Exception):
    """The simulation does not know this expression: teach it, and hold it to the emulator."""


class _Tokens:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s", "", text):
            raise UnknownExpressionError(text)
        self._at = 0

    @property
    def next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, *expected: str) -> str:
        token = self.next
        if not token or (expected and token not in expected):
            raise UnknownExpressionError(f"{self._text}: {token or 'end'}, not {expected}")
        self._at += 1
        return token


@cache
def condition(text: str) -> Condition:
    """A condition on an item; an item that is not there is an empty one."""
    tokens = _Tokens(text)
    parsed = _either(tokens)
    if tokens.next:
        raise UnknownExpressionError(text)
    return parsed


def _either(tokens: _Tokens) -> Condition:
    return _joined(tokens, "OR", _both, any)


def _both(tokens: _Tokens) -> Condition:
    return _joined(tokens, "AND", _comparison, all)


def _joined(
    tokens: _Tokens,
    word: str,
    part: Callable[[_Tokens], Condition],
    join: Callable[[Iterable[bool]], bool],
) -> Condition:
    parts = [part(tokens)]
    while tokens.next == word:
        tokens.take()
        parts.append(part(tokens))
    if len(parts) == 1:
        return parts[0]
    return lambda item, names, values: join(each(item, names, values) for each in parts)


def _comparison(tokens: _Tokens) -> Condition:
    if tokens.next == "(":
        tokens.take()
        inner = _either(tokens)
        tokens.take(")")
        return inner
    if tokens.next in ("attribute_exists", "attribute_not_exists"):
        exists = tokens.take() == "attribute_exists"
        tokens.take("(")
        name = tokens.take()
        tokens.take(")")
        return lambda item, names, _: (names.get(name, name) in item) == exists
    left = _operand(tokens)
    operator = tokens.take("=", "<>", "IN", *_COMPARISONS)
    if operator == "IN":
        tokens.take("(")
        allowed = [_operand(tokens)]
        while tokens.take(",", ")") == ",":
            allowed.append(_operand(tokens))
        return lambda item, names, values: any(
            _equal(left(item, names, values), each(item, names, values)) for each in allowed
        )
    right = _operand(tokens)
    if operator == "=":
        return lambda i, n, v: _equal(left(i, n, v), right(i, n, v))
    if operator == "<>":
        return lambda i, n, v: not _equal(left(i, n, v), right(i, n, v))
    compare = _COMPARISONS[operator]

    def ordered(item: Item, names: Mapping[str, str], values: Mapping[str, Wire]) -> bool:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or other is None or one.keys() != other.keys():
            return False
        return compare(plain(one), plain(other))

    return ordered


def _operand(tokens: _Tokens) -> Operand:
    token = tokens.take()
    if token.startswith(":"):
        return lambda _, __, values: values[token]
    return lambda item, names, _: item.get(names.get(token, token))


def _equal(left: Wire | None, right: Wire | None) -> bool:
    if left is None or right is None or left.keys() != right.keys():
        return False
    return left == right or ("N" in left and plain(left) == plain(right))


@cache
def update(text: str) -> Update:
    """An update: the item as it is afterwards. Every operand is the item's before."""
    tokens = _Tokens(text)
    actions: list[tuple[str, Callable[..., Wire | None]]] = []
    while tokens.next:
        section = tokens.take(*_SECTIONS)
        while True:
            name = tokens.take()
            actions.append((name, _action(section, name, tokens)))
            if tokens.next != ",":
                break
            tokens.take()

    def apply(item: Item, names: Mapping[str, str], values: Mapping[str, Wire]) -> Item:
        changed = dict(item)
        for name, value_of in actions:
            value = value_of(item, names, values)
            if value is None:
                changed.pop(names.get(name, name), None)
            else:
                changed[names.get(name, name)] = value
        return changed

    return apply


def _action(section: str, name: str, tokens: _Tokens) -> Operand:
    if section == "REMOVE":
        return lambda _, __, ___: None
    if section == "ADD":
        added = _operand(tokens)
        return lambda i, n, v: _sum(i.get(n.get(name, name)) or {"N": "0"}, added(i, n, v))
    tokens.take("=")
    first = _value(tokens)
    if tokens.next not in ("+", "-"):
        return first
    sign = 1 if tokens.take() == "+" else -1
    second = _value(tokens)
    return lambda i, n, v: _sum(first(i, n, v), second(i, n, v), sign)


def _value(tokens: _Tokens) -> Operand:
    if tokens.next != "if_not_exists":
        return _operand(tokens)
    tokens.take()
    tokens.take("(")
    name = tokens.take()
    tokens.take(",")
    other = _value(tokens)
    tokens.take(")")
    return lambda i, n, v: i.get(n.get(name, name)) or other(i, n, v)


def _sum(left: Wire | None, right: Wire | None, sign: int = 1) -> Wire:
    if left is None or right is None:
        raise InvalidUpdateError("The provided expression refers to an attribute that is missing")
    return {"N": str(plain(left) + sign * plain(right))}


class InvalidUpdateError(Exception):
    """DynamoDB refuses the update as invalid."""


def plain(value: Wire) -> Any:
    """A number as Decimal, a text as text."""
    return Decimal(value["N"]) if "N" in value else value.get("S")


def number(item: Item, name: str) -> int:
    """A whole number of an item; 0 if it has none of this name."""
    return int(plain(item[name])) if name in item else 0

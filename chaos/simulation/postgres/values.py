"""SQL's expressions as functions, from sqlglot's tree. Times are seconds, intervals too."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlglot import exp

Scope = Mapping[str, Mapping[str, Any]]
"""The rows in reach, by the alias of their table."""

Value = Callable[[Scope, Mapping[str, Any], float], Any]
"""A value of the rows, the statement's parameters and the transaction's time."""

_TOKYO = timedelta(hours=9)
_TICK_SECONDS = 1e-6
_ticks = count()
_COMPARISONS: dict[type[Any], Callable[[Any, Any], bool]] = {
    exp.EQ: lambda left, right: left == right,
    exp.NEQ: lambda left, right: left != right,
    exp.LT: lambda left, right: left < right,
    exp.GT: lambda left, right: left > right,
    exp.LTE: lambda left, right: left <= right,
    exp.GTE: lambda left, right: left >= right,
}


class UnknownStatementError(BaseException):
    """The simulation does not know this SQL: teach it, and hold it to PostgreSQL.

    No Exception: the handlers would take it for a fault of the database, and go on.
    """


def value(node: Any) -> Value:
    """A function for an expression; UnknownStatementError."""
    for kind, make in _MAKERS.items():
        if isinstance(node, kind):
            return make(node)
    raise UnknownStatementError(f"{type(node).__name__}: {node.sql('postgres')}")


def _parameter(node: Any) -> Value:
    name: str = node.name
    return lambda _, parameters, __: parameters[name]


def _constant(node: Any) -> Value:
    fixed: Any = None
    if not isinstance(node, exp.Null):
        is_number = isinstance(node, exp.Literal) and not node.is_string
        fixed = int(node.name) if is_number else node.this
    return lambda _, __, ___: fixed


def _inner(node: Any) -> Value:
    return value(node.this)


def _now(_: Any) -> Value:
    return lambda _, __, now: now


def _named(node: Any) -> Value:
    """clock_timestamp(): no two touches of a row are at one time, in one transaction either."""
    if node.name.upper() != "CLOCK_TIMESTAMP":
        raise UnknownStatementError(node.sql("postgres"))
    return lambda _, __, now: now + (next(_ticks) % 1000) * _TICK_SECONDS


def _interval(node: Any) -> Value:
    """make_interval(secs => seconds)."""
    return value(node.args["second"].expression)


def _in_tokyo(node: Any) -> Value:
    at = value(node.this)
    return lambda s, p, n: at(s, p, n) and at(s, p, n) + _TOKYO


def _substring(node: Any) -> Value:
    text, first, length = value(node.this), int(node.args["start"].this), node.args["length"].this
    return lambda s, p, n: text(s, p, n)[first - 1 : first - 1 + int(length)]


def _left(node: Any) -> Value:
    text, most = value(node.this), value(node.expression)

    def beginning(scope: Scope, parameters: Mapping[str, Any], now: float) -> Any:
        whole = text(scope, parameters, now)
        return whole and whole[: most(scope, parameters, now)]

    return beginning


def _coalesce(node: Any) -> Value:
    options = [value(node.this), *map(value, node.expressions)]
    return lambda s, p, n: next((v for o in options if (v := o(s, p, n)) is not None), None)


def _arithmetic(node: Any) -> Value:
    left, right = value(node.left), value(node.right)
    sign = 1 if isinstance(node, exp.Add) else -1
    return lambda s, p, n: left(s, p, n) + sign * right(s, p, n)


def _column(node: exp.Column) -> Value:
    name, table = node.name, node.table
    if table:
        return lambda scope, _, __: scope[table][name]

    def found(scope: Scope, _: Any, __: float) -> Any:
        return next(row[name] for row in scope.values() if name in row)

    return found


def _cast(node: exp.Cast) -> Value:
    inner = value(node.this)
    if node.to.sql().upper() != "DATE":
        return inner

    def day(scope: Scope, parameters: Mapping[str, Any], now: float) -> Any:
        at = inner(scope, parameters, now)
        return at.date() if isinstance(at, datetime) else at

    return day


def _both(node: Any) -> Value:
    left, right = value(node.left), value(node.right)
    return lambda s, p, n: left(s, p, n) and right(s, p, n)


def _either(node: Any) -> Value:
    left, right = value(node.left), value(node.right)
    return lambda s, p, n: left(s, p, n) or right(s, p, n)


def _negated(node: Any) -> Value:
    inner = value(node.this)
    return lambda s, p, n: not inner(s, p, n)


def _is_null(node: Any) -> Value:
    inner, wanted = value(node.this), not node.args.get("negate")
    return lambda s, p, n: (inner(s, p, n) is None) == wanted


def _one_of(node: Any) -> Value:
    inner, options = value(node.this), [value(each) for each in node.expressions]
    return lambda s, p, n: inner(s, p, n) in [each(s, p, n) for each in options]


def _comparison(node: Any) -> Value:
    compare = _COMPARISONS[type(node)]
    left = value(node.left)
    right_node = node.right
    if isinstance(right_node, exp.Any):
        of, several = any, value(right_node.this)
        return lambda s, p, n: of(compare(left(s, p, n), each) for each in several(s, p, n))
    if isinstance(right_node, exp.Anonymous) and right_node.name.upper() == "ALL":
        of, several = all, value(right_node.expressions[0])
        return lambda s, p, n: of(compare(left(s, p, n), each) for each in several(s, p, n))
    right = value(node.right)

    def compared(scope: Scope, parameters: Mapping[str, Any], now: float) -> bool:
        one, other = left(scope, parameters, now), right(scope, parameters, now)
        # NULL compares as unknown, which a WHERE takes for false
        return one is not None and other is not None and compare(one, other)

    return compared


_MAKERS: dict[Any, Callable[[Any], Value]] = {
    exp.Placeholder: _parameter,
    exp.Column: _column,
    (exp.Null, exp.Literal, exp.Boolean): _constant,
    (exp.Paren, exp.Alias): _inner,
    exp.Cast: _cast,
    exp.AtTimeZone: _in_tokyo,
    exp.CurrentTimestamp: _now,
    exp.Anonymous: _named,
    exp.MakeInterval: _interval,
    exp.Extract: lambda node: value(node.expression),
    exp.Left: _left,
    exp.Substring: _substring,
    exp.Coalesce: _coalesce,
    (exp.Add, exp.Sub): _arithmetic,
    exp.And: _both,
    exp.Or: _either,
    exp.Not: _negated,
    exp.Is: _is_null,
    exp.In: _one_of,
    (exp.EQ, exp.NEQ, exp.LT, exp.GT, exp.LTE, exp.GTE): _comparison,
}

"""The value of a metric math expression for one period.

A missing value counts as 0 beside one that is there, but for the first operand of a condition; a
number has a value where the other operand has one; a division by zero has none. An example: with
a = 6 and b missing, `a + b` is 6, `b >= 1` and `b + 1` have no value, `FILL(b, 0) + 1` is 1.
(Amazon CloudWatch User Guide: metric math syntax and functions)
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from policies.stack.metric_math import function

_OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: lambda base, exponent: base**exponent,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_OF_SEVERAL: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SUM": math.fsum,
    "MAX": max,
    "MIN": min,
}
_OF_ONE: Mapping[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
}


class UnsupportedError(ValueError):
    """The expression reads more than one period, or uses a function that is not known here."""


@dataclass(frozen=True)
class _Value:
    """A value, or none; is_number: it is the same in every period."""

    value: float | None
    is_number: bool = False


def value_of(tree: ast.expr, known: Mapping[str, float | None]) -> float | None:
    """The value; known: that of each id. Raises UnsupportedError."""
    return _value(tree, known).value


def _value(  # noqa: PLR0911 - a case for each kind of node
    tree: ast.expr, known: Mapping[str, float | None]
) -> _Value:
    match tree:
        case ast.Constant(value=int() | float() as number):
            return _Value(number, is_number=True)
        case ast.Name(id=name) if name in known:
            return _Value(known[name])
        case ast.UnaryOp(operand=operand):
            return _both(operator.sub, _Value(0, is_number=True), _value(operand, known))
        case ast.BinOp(left=left, op=op, right=right):
            return _both(_function(op), _value(left, known), _value(right, known))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _both(_function(op), _value(left, known), _value(right, known))
        case ast.BoolOp(op=op, values=[first, *rest]):
            found = _value(first, known)
            for each in rest:
                found = _both(_function(op), found, _value(each, known))
            return found
        case ast.Call(args=arguments):
            return _called(function(tree), arguments, known)
        case _:
            raise UnsupportedError(ast.unparse(tree))


def _function(op: ast.AST) -> Callable[[float, float], float]:
    match op:
        case ast.And():
            return lambda left, right: bool(left) and bool(right)
        case ast.Or():
            return lambda left, right: bool(left) or bool(right)
        case ast.Div():
            return lambda left, right: left / right if right else math.nan
        case _:
            return _OPERATORS[type(op)]


def _both(combined: Callable[[float, float], float], left: _Value, right: _Value) -> _Value:
    is_number = left.is_number and right.is_number
    there = [each for each in (left, right) if each.value is not None]
    if not there or (not is_number and all(each.is_number for each in there)):
        return _Value(None)
    result = float(combined(left.value or 0, right.value or 0))
    return _Value(None if math.isnan(result) else result, is_number)


def _called(name: str, arguments: list[ast.expr], known: Mapping[str, float | None]) -> _Value:
    match name, arguments:
        case "FILL", [filled, ast.Constant(value=int() | float() as filler)]:
            found = _value(filled, known)
            return _Value(filler if found.value is None else found.value)
        case "IF", [condition, chosen, *otherwise]:
            truth = _value(condition, known).value
            if truth is None:
                return _Value(None)
            branch = [chosen] if truth else otherwise
            found = _value(branch[0], known).value if branch else None
            # (the guide: 0 for a missing value of the first branch, none for one of the second)
            return _Value(0 if found is None and truth else found)
        case _, [ast.List(elts=items)] if name in _OF_SEVERAL:
            values = [_value(each, known).value for each in items]
            there = [each for each in values if each is not None]
            return _Value(float(_OF_SEVERAL[name](there)) if there else None)
        case _, [argument] if name in _OF_ONE:
            found = _value(argument, known)
            return _Value(None if found.value is None else float(_OF_ONE[name](found.value)))
        case _:
            raise UnsupportedError(f"{name} of {len(arguments)} arguments")

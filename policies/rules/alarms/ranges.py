"""What values an expression can have, and with which metrics they rise and fall.

An example: `IF(calls >= 20, 100 * errors / calls, 0)` lies between 0 and 100, is a percentage, and
rises with `errors`. The denominator and the condition only say where a rate means something.
"""

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from policies.rules.alarms.published import Kind, Published
from policies.stack.metric_math import function, ids
from policies.stack.metrics import Metric

_HUNDRED = 100


@dataclass(frozen=True)
class Values:
    """The values of a metric or expression.

    rises, falls: ids of the metrics that raise it when they rise, or lower it.
    factor: what its metrics are multiplied by. percent: 0 to 100, or a share from 0 to 1.
    switch: it is one of two numbers, by a condition. ratio: one metric divided by another.
    """

    low: float = -math.inf
    high: float = math.inf
    rises: frozenset[str] = frozenset()
    falls: frozenset[str] = frozenset()
    factor: float = 1
    percent: bool = False
    switch: bool = False
    ratio: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is a constant."""
        return self.low == self.high

    def times(self, number: float) -> "Values":
        """It multiplied by a number."""
        ends = sorted(end * number if number else 0 for end in (self.low, self.high))
        rises, falls = (self.rises, self.falls) if number >= 0 else (self.falls, self.rises)
        return Values(ends[0], ends[1], rises, falls, self.factor * number)


def values_of_metric(id_: str, metric: Metric, published: Published | None) -> Values:
    """The values of one metric under its statistic."""
    rises = frozenset({id_})
    if published is None:
        return Values(rises=rises)
    counts = metric.statistic in ("Sum", "SampleCount")
    if published.kind is Kind.PERCENT and not counts:
        return Values(0, _HUNDRED, rises, percent=True)
    if published.kind in (Kind.SHARE, Kind.EVENT) and not counts:
        return Values(0, 1, rises, percent=True)
    return Values(0, math.inf, rises)


def values_of(  # noqa: PLR0911 - a case for each kind of node
    tree: ast.expr, known: Mapping[str, Values]
) -> Values:
    """The values of an expression; known: of the ids in it."""
    match tree:
        case ast.Constant(value=int() | float() as number):
            return Values(number, number)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(operand=operand):
            return values_of(operand, known).times(-1)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, values_of(left, known), values_of(right, known))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(op, values_of(left, known), values_of(right, known))
        case ast.BoolOp(values=operands):
            return replace(_any([values_of(each, known) for each in operands]), low=0, high=1)
        case ast.List(elts=items):
            return _sum([values_of(each, known) for each in items])
        case ast.Call():
            return _called(tree, known)
        case _:
            return _unknown(tree)


def _arithmetic(op: ast.operator, left: Values, right: Values) -> Values:
    if isinstance(op, ast.Add | ast.Sub):
        return _sum([left, right if isinstance(op, ast.Add) else right.times(-1)])
    match op:
        case ast.Mult() if left.is_number or right.is_number:
            number, other = (left, right) if left.is_number else (right, left)
            scaled = other.times(number.low)
            return _hundredfold(scaled) if other.ratio and scaled.factor == _HUNDRED else scaled
        case ast.Div() if right.is_number and right.low:
            return left.times(1 / right.low)
        case ast.Div() if left.factor == _HUNDRED and not left.is_number:
            return _hundredfold(left)
        case ast.Div():
            return replace(left, low=min(left.low, 0), high=math.inf, ratio=True)
        case _:
            low = 0 if min(left.low, right.low) >= 0 else -math.inf
            return replace(_any([left, right]), low=low, high=math.inf)


def _hundredfold(share: Values) -> Values:
    return replace(share, low=0, high=_HUNDRED, percent=True)


def _compared(op: ast.cmpop, left: Values, right: Values) -> Values:
    if isinstance(op, ast.Lt | ast.LtE):
        left, right = right, left
    rises, falls = left.rises | right.falls, left.falls | right.rises
    if isinstance(op, ast.Eq | ast.NotEq):
        rises = falls = rises | falls
    return Values(0, 1, rises, falls, switch=True)


def _called(  # noqa: PLR0911 - a case for each function
    call: ast.Call, known: Mapping[str, Values]
) -> Values:
    if function(call) == "IF":
        condition, *branches = [values_of(each, known) for each in call.args]
        return _either(condition, branches)
    arguments = [
        values_of(item, known)
        for each in call.args
        for item in (each.elts if isinstance(each, ast.List) else [each])
    ]
    match function(call):
        case "FILL":
            series, filler = arguments
            if not filler.is_number:
                return series
            return replace(
                series, low=min(series.low, filler.low), high=max(series.high, filler.high)
            )
        case "SUM":
            return _sum(arguments)
        case "MAX" | "MIN" | "AVG" | "FIRST" | "LAST" | "SORT":
            return _any(arguments)
        case "CEIL" | "FLOOR":
            return arguments[0]
        case _:
            return _unknown(call)


def _either(condition: Values, branches: Sequence[Values]) -> Values:
    both = _any(branches)
    if not all(each.is_number for each in branches):
        return both
    higher_if_true = len(branches) == 1 or branches[0].low >= branches[1].low
    rises, falls = condition.rises, condition.falls
    if not higher_if_true:
        rises, falls = falls, rises
    return Values(both.low, both.high, rises, falls, switch=True)


def _sum(parts: Sequence[Values]) -> Values:
    low, high = sum(each.low for each in parts), sum(each.high for each in parts)
    return replace(_any(parts), low=low, high=high)


def _any(parts: Sequence[Values]) -> Values:
    """The values of several together."""
    empty = frozenset[str]()
    factors = {each.factor for each in parts if not each.is_number}
    return Values(
        min((each.low for each in parts), default=-math.inf),
        max((each.high for each in parts), default=math.inf),
        empty.union(*(each.rises for each in parts)),
        empty.union(*(each.falls for each in parts)),
        factor=factors.pop() if len(factors) == 1 else 1,
        percent=any(each.percent for each in parts),
        ratio=any(each.ratio for each in parts),
    )


def _unknown(tree: ast.expr) -> Values:
    return Values(rises=ids(tree), falls=ids(tree))

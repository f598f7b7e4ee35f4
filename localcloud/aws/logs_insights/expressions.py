"""Expressions: parsed from a query, then evaluated for one row or, in `stats`, for many."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from localcloud.aws.logs_insights.aggregates import AGGREGATES
from localcloud.aws.logs_insights.functions import FUNCTIONS, datefloor
from localcloud.aws.logs_insights.scanner import Scanner
from localcloud.aws.logs_insights.values import Row, Value, compare, is_true, number

_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: left % right,
    "^": lambda left, right: left**right,
}


@dataclass(frozen=True)
class Constant:
    """A string, a number or a period."""

    value: Value


@dataclass(frozen=True)
class Field:
    """A field by its name; rows may lack it."""

    name: str


@dataclass(frozen=True)
class Operation:
    """An operator or function with its operands."""

    name: str
    apply: Callable[[Sequence[Value]], Value]
    operands: tuple["Expression", ...]


@dataclass(frozen=True)
class Aggregation:
    """A function of `stats` over its first operand in all rows; without one, over the rows."""

    name: str
    operand: "Expression | None"
    further: tuple["Expression", ...]


Expression = Constant | Field | Operation | Aggregation


def evaluate(expression: Expression, row: Row) -> Value:
    """Evaluate an expression for one row."""
    match expression:
        case Constant(value):
            return value
        case Field(name):
            return row.get(name)
        case Operation(_, apply, operands):
            return apply([evaluate(operand, row) for operand in operands])
        case Aggregation():
            raise TypeError("an aggregation needs many rows")


def aggregate(expression: Expression, rows: Sequence[Row], known: Row) -> Value:
    """Evaluate an expression for many rows; `known` has their group and the earlier columns."""
    match expression:
        case Aggregation(name, operand, further):
            values = [1.0 if operand is None else evaluate(operand, row) for row in rows]
            present = [value for value in values if value is not None]
            return AGGREGATES[name](present, [evaluate(each, {}) for each in further])
        case Operation(_, apply, operands):
            return apply([aggregate(operand, rows, known) for operand in operands])
        case _:
            return evaluate(expression, known)


def read(scanner: Scanner) -> Expression:
    """Parse the expression at the scanner's position. Raises QueryError."""
    left = _read_and(scanner)
    while scanner.keyword("or"):
        left = Operation("or", lambda v: float(any(map(is_true, v))), (left, _read_and(scanner)))
    return left


def _read_and(scanner: Scanner) -> Expression:
    left = _read_not(scanner)
    while scanner.keyword("and"):
        left = Operation("and", lambda v: float(all(map(is_true, v))), (left, _read_not(scanner)))
    return left


def _read_not(scanner: Scanner) -> Expression:
    if scanner.keyword("not"):
        return _negated(_read_not(scanner))
    return _read_comparison(scanner)


def _read_comparison(scanner: Scanner) -> Expression:
    left = _read_sum(scanner)
    if scanner.keyword("not"):
        return _negated(_read_predicate(scanner, left))
    if scanner.sign("=~"):
        return _like(scanner, left)
    if sign := scanner.sign(*_COMPARISONS):
        holds = _COMPARISONS[sign]

        def apply(values: Sequence[Value]) -> Value:
            order = compare(values[0], values[1])
            return float(order is not None and holds(order))

        return Operation(sign, apply, (left, _read_sum(scanner)))
    start = scanner.position
    if scanner.keyword("in", "like"):
        scanner.position = start
        return _read_predicate(scanner, left)
    return left


def _read_predicate(scanner: Scanner, left: Expression) -> Expression:
    if scanner.keyword("like"):
        return _like(scanner, left)
    if scanner.keyword("in"):
        scanner.expect("[")
        choices = [_read_sum(scanner)]
        while scanner.sign(","):
            choices.append(_read_sum(scanner))
        scanner.expect("]")
        return Operation(
            "in",
            lambda values: float(any(compare(values[0], each) == 0 for each in values[1:])),
            (left, *choices),
        )
    raise scanner.error("in or like")


def _like(scanner: Scanner, left: Expression) -> Expression:
    pattern = scanner.regex()
    if pattern is None:
        text = scanner.quoted()
        if text is None:
            raise scanner.error("/a regular expression/ or a string in quotes")
        pattern = re.compile(re.escape(text))
    found = pattern
    return Operation(
        "like",
        lambda values: float(values[0] is not None and found.search(str(values[0])) is not None),
        (left,),
    )


def _negated(expression: Expression) -> Expression:
    return Operation("not", lambda values: float(not is_true(values[0])), (expression,))


def _read_sum(scanner: Scanner) -> Expression:
    left = _read_product(scanner)
    while sign := scanner.sign("+", "-"):
        left = _calculation(sign, left, _read_product(scanner))
    return left


def _read_product(scanner: Scanner) -> Expression:
    left = _read_operand(scanner)
    while sign := scanner.sign("*", "/", "%", "^"):
        left = _calculation(sign, left, _read_operand(scanner))
    return left


def _calculation(sign: str, left: Expression, right: Expression) -> Expression:
    calculate = _ARITHMETIC[sign]

    def apply(values: Sequence[Value]) -> Value:
        first, second = number(values[0]), number(values[1])
        if first is None or second is None or (sign in "/%" and not second):
            return None
        return calculate(first, second)

    return Operation(sign, apply, (left, right))


def _read_operand(scanner: Scanner) -> Expression:
    if scanner.sign("("):
        inner = read(scanner)
        scanner.expect(")")
        return inner
    if scanner.sign("-"):
        return _calculation("-", Constant(0.0), _read_operand(scanner))
    for constant in (scanner.period, scanner.number, scanner.quoted):
        if (value := constant()) is not None:
            return Constant(value)
    start = scanner.position
    name = scanner.name()
    if name is None:
        raise scanner.error("a field, a number, a string or a function")
    if not scanner.sign("("):
        return Field(name)
    return _read_call(scanner, name.lower(), start)


def _read_call(scanner: Scanner, name: str, start: int) -> Expression:
    if name == "count" and (scanner.sign("*)") or scanner.sign(")")):
        return Aggregation("count", None, ())
    operands: list[Expression] = []
    while not scanner.sign(")"):
        if operands:
            scanner.expect(",")
        operands.append(read(scanner))
    if name in AGGREGATES and operands:
        return Aggregation(name, operands[0], tuple(operands[1:]))
    if name == "bin" and len(operands) == 1:
        moment = Field("@timestamp")
        return Operation("bin", lambda v: datefloor(v[0], v[1]), (moment, operands[0]))
    if name not in FUNCTIONS or not operands:
        scanner.position = start
        raise scanner.error("a known function")
    return Operation(name, FUNCTIONS[name], tuple(operands))

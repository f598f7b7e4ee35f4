"""Reads the rules of composite alarms, and evaluates them.

(CloudWatch API Reference: PutCompositeAlarm, AlarmRule)
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

_ATOM = re.compile(
    r'\b(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"((?:[^"\\]|\\.)*)"|([^\s()"]+))\s*\)'
)
_NODES = (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Name, ast.Load, ast.Constant)
_PYTHON = {"AND": "and", "OR": "or", "NOT": "not", "TRUE": "True", "FALSE": "False"}


class RuleError(ValueError):
    """CloudWatch would refuse the rule."""


@dataclass(frozen=True)
class Rule:
    """A rule: its tree in Python's syntax, whose names _0, _1 ... stand for `conditions`.

    conditions: (state, alarm's name or ARN), in the order of the text.
    """

    tree: ast.expr
    conditions: tuple[tuple[str, str], ...]

    @property
    def alarms(self) -> frozenset[str]:
        """The alarms that the rule names."""
        return frozenset(alarm for _, alarm in self.conditions)

    def holds(self, states: Mapping[str, str]) -> bool:
        """Whether the rule is true; alarms that are not in `states` are OK."""
        return self._value(self.tree, states)

    def _value(self, node: ast.expr, states: Mapping[str, str]) -> bool:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return all(self._value(each, states) for each in values)
            case ast.BoolOp(values=values):
                return any(self._value(each, states) for each in values)
            case ast.UnaryOp(operand=operand):
                return not self._value(operand, states)
            case ast.Name(id=name):
                state, alarm = self.conditions[int(name.removeprefix("_"))]
                return states.get(alarm, "OK") == state
            case _:
                return isinstance(node, ast.Constant) and node.value is True


def parse_rule(text: str) -> Rule:
    """Read a rule. Raises RuleError."""
    conditions: list[tuple[str, str]] = []

    def numbered(found: re.Match[str]) -> str:
        name = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
        conditions.append((found[1], name.rpartition(":alarm:")[2]))
        return f" _{len(conditions) - 1} "

    rest = _ATOM.sub(numbered, text)
    words: list[str] = re.findall(r"_\d+|[A-Z]+|[()]|\S", rest)
    try:
        tree = ast.parse(" ".join(_PYTHON.get(each, each) for each in words), mode="eval").body
    except SyntaxError as error:
        raise RuleError(f"its rule cannot be read: {text!r}") from error
    for node in ast.walk(tree):
        is_known = not isinstance(node, ast.Name) or re.fullmatch(r"_\d+", node.id)
        is_word = not isinstance(node, ast.Constant) or isinstance(node.value, bool)
        if not isinstance(node, _NODES) or not is_known or not is_word:
            raise RuleError(f"its rule cannot be read: {text!r}")
    return Rule(tree, tuple(conditions))

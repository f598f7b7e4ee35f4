"""Reads CloudWatch's metric math: the tree of an expression, its ids and its functions.

Metric math is written like Python, apart from AND, OR, &&, || and ^, so Python's own parser reads
it. (Amazon CloudWatch User Guide: using metric math, syntax and functions)
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

_NAMES = (
    "ABS ANOMALY_DETECTION_BAND AVG CEIL DATAPOINT_COUNT DATE DAY DB_PERF_INSIGHTS DIFF DIFF_TIME"
    " EPOCH FILL FIRST FLOOR HOUR IF INSIGHT_RULE_METRIC LAMBDA LAST LOG LOG10 MAX METRICS"
    " METRIC_COUNT MIN MINUTE MONTH PERIOD RATE REMOVE_EMPTY RUNNING_SUM SERVICE_QUOTA SLICE SORT"
    " STDDEV SUM TIME_SERIES YEAR"
)
FUNCTIONS = frozenset(_NAMES.split())
"""Functions that an alarm may use: all but SEARCH."""

_ARGUMENTS = {"FILL": (2, 2), "IF": (2, 3), "ANOMALY_DETECTION_BAND": (1, 2), "METRICS": (0, 1)}
"""Least and most arguments of a function; any other has at least one."""

_WORDS = frozenset({"REPEAT", "LINEAR", "ASC", "DESC"})
"""Arguments that are neither an id nor a number."""

_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|&&|\|\||\^|[A-Za-z]\w*|\s+|.", re.DOTALL)
_PYTHON = {"AND": " and ", "&&": " and ", "OR": " or ", "||": " or ", "^": "**"}
_NODES = (
    *(ast.Expression, ast.Name, ast.Load, ast.Constant, ast.List, ast.Call),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UnaryOp, ast.USub),
    *(ast.BoolOp, ast.And, ast.Or),
    *(ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)


class ExpressionError(ValueError):
    """CloudWatch would refuse the expression; the text says why."""


@lru_cache(maxsize=512)
def parse(text: str) -> ast.expr:
    """The tree of an expression; names are as they are written. Raises ExpressionError."""
    python = "".join(_python(token) for token in _TOKEN.findall(text))
    try:
        tree = ast.parse(python.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(f"{text!r} is no metric math") from error
    for node in ast.walk(tree):
        if not isinstance(node, _NODES) or (isinstance(node, ast.Compare) and len(node.ops) > 1):
            raise ExpressionError(f"{text!r} is no metric math")
        if isinstance(node, ast.Name):
            node.id = node.id.removeprefix("_")
    for call in calls(tree):
        least, most = _ARGUMENTS.get(function(call), (1, 500))
        if function(call) not in FUNCTIONS:
            raise ExpressionError(f"{text!r}: an alarm has no function {function(call)}")
        if call.keywords or not least <= len(call.args) <= most:
            raise ExpressionError(f"{text!r}: {function(call)} has {len(call.args)} arguments")
    return tree


def _python(token: str) -> str:
    # The prefix keeps an id such as `is` from being a word of Python.
    return _PYTHON.get(token, f"_{token}" if token[0].isalpha() else token)


def calls(tree: ast.expr) -> Iterator[ast.Call]:
    """All calls of functions."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def function(call: ast.Call) -> str:
    """The name of the function that is called."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def ids(tree: ast.expr) -> frozenset[str]:
    """The ids of metrics and other expressions that an expression uses."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(names - FUNCTIONS - _WORDS)

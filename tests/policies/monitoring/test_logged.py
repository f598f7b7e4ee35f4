"""The pack knows the fields and messages that the handlers log, and no others."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from handlers.contract.functions import FUNCTIONS as DECLARED
from policies.rules.monitoring import logged
from policies.rules.monitoring.saved_queries import FUNCTIONS

HANDLERS = Path(__file__).parents[3] / "handlers"
ADDED = {
    # workflow's steps identify themselves by a mapping (handlers/contract)
    *("executionId", "goalId", "actionId"),
}
"""Ids that a call adds by **."""


def log_calls() -> Iterator[ast.Call]:
    for path in HANDLERS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                text = ast.unparse(node.func)
                if re.search(
                    r"logger\.(debug|info|warning|error|exception)$", text
                ) or text.endswith(".identify"):
                    yield node


def test_the_fields_are_those_that_the_handlers_add() -> None:
    added = {keyword.arg for call in log_calls() for keyword in call.keywords if keyword.arg}
    source = (HANDLERS / "slack" / "sender.py").read_text()
    of_messages = set(re.findall(r'"(kind|notices|alarm|state|executionIds|reason)"', source))
    assert added | ADDED | of_messages == set(logged.OF_HANDLERS)


def test_the_messages_are_those_that_the_handlers_write() -> None:
    written = {
        text.value
        for call in log_calls()
        for each in call.args[:1]
        for text in ast.walk(each)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }
    assert written == set(logged.MESSAGES)


def test_the_functions_are_those_of_the_contract() -> None:
    assert set(FUNCTIONS) == {each.name for each in DECLARED}

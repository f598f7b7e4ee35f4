"""A function imports nothing that its zip does not hold, and nothing that makes its start long."""

import subprocess
import sys

import pytest

from handlers.contract.functions import FUNCTIONS, FunctionSpec

WITHOUT = """
import importlib, sys
module, *absent = sys.argv[1:]
sys.modules.update(dict.fromkeys(absent))
importlib.import_module(module)
"""
LONG = ("pydantic", "aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.parser")
"""Each takes a tenth of a function's imports or more (docs/decisions/0028)."""


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_function_needs_neither_what_its_zip_lacks_nor_what_takes_long_to_import(
    function: FunctionSpec,
) -> None:
    lacks = ["cryptography", *(["psycopg"] if function.dependencies == "core" else [])]
    command = [sys.executable, "-W", "error", "-c", WITHOUT, f"handlers.{function.module}"]
    subprocess.run([*command, *lacks, *LONG], check=True, timeout=60)

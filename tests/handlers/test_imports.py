"""A function imports nothing that its zip does not hold."""

import subprocess
import sys

import pytest

from handlers.contract.functions import FUNCTIONS, FunctionSpec

WITHOUT = """
import importlib, sys
for absent in ("psycopg", "cryptography"):
    sys.modules[absent] = None
importlib.import_module(sys.argv[1])
"""
CORE = [function for function in FUNCTIONS if function.dependencies == "core"]


@pytest.mark.parametrize("function", CORE, ids=lambda function: function.name)
def test_a_function_of_the_core_zip_needs_neither_psycopg_nor_cryptography(
    function: FunctionSpec,
) -> None:
    module = f"handlers.{function.module}"
    command = [sys.executable, "-W", "error", "-c", WITHOUT, module]
    subprocess.run(command, check=True, timeout=60)

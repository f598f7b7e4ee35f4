"""Bytecode of Lambda's Python: with it in the package, a cold start compiles nothing.

The files are "unchecked hash" pycs (PEP 552): Python neither reads the source nor its date, which
a zip has not kept. A Python with another magic number ignores them and compiles as before, so the
worst that a wrong builder costs is the time that it was meant to save.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LAMBDA_PYTHON = "LAMBDA_PYTHON"
"""Environment variable: a Python 3.13 where PATH has none, as in `make LAMBDA_PYTHON=...`."""

_TAG = "cpython-313"
_ON_LAMBDA = "/var/task"
_WHICH = "import sys; print(sys.implementation.cache_tag, sys.version.split()[0])"


class BytecodeError(Exception):
    """Lambda's Python could not compile a file."""


@cache
def lambda_python() -> tuple[str, str] | None:
    """The command of a Python 3.13 on this machine and its version; None if there is none."""
    for command in _candidates():
        asked = subprocess.run(
            [command, "-I", "-S", "-c", _WHICH], capture_output=True, text=True, check=False
        )
        tag, _, version = asked.stdout.strip().partition(" ")
        if tag == _TAG:
            return command, version
    return None


def compile_folder(folder: Path, python: str) -> None:
    """Write `__pycache__` beside each source; the same bytes each time.

    Hashes of strings decide the order of a set in the bytecode, so their seed is fixed. Tracebacks
    name the files as they lie on Lambda. Raises BytecodeError with the compiler's message.
    """
    command = [python, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    compiled = subprocess.run(
        [*command, "-s", str(folder), "-p", _ON_LAMBDA, str(folder)],
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if compiled.returncode:
        raise BytecodeError(f"{python} cannot compile {folder}:\n{compiled.stdout}")


def _candidates() -> Iterator[str]:
    if sys.implementation.cache_tag == _TAG:
        yield sys.executable
    if named := os.environ.get(LAMBDA_PYTHON):
        yield named
    # pyenv's shim takes 0.2 s to start one of the versions below, or to find none
    if (found := shutil.which("python3.13")) and Path(found).parent.name != "shims":
        yield found
    for python in sorted(Path.home().glob(".pyenv/versions/3.13.*/bin/python3.13")):
        yield str(python)

"""Imports of each handler on Lambda's Python, in times of a bare boto3 client.

The packages' own contents, with bytecode and without, but wheels for this machine. Runtime packages
(boto3 and what it needs) are compiled in both cases, as in Lambda's image. Processor time from the
first import on, without the start of Python. `python -m bench.imports`.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.compute.bytecode import compile_folder, lambda_python
from components.compute.packaging import ROOT, package
from handlers.contract.functions import FUNCTIONS, DependencySet, FunctionSpec

_BARE = "import boto3; boto3.client('dynamodb', region_name='us-east-1')"
_CHILD = """
import sys, time
began = time.process_time()
exec(sys.argv[1])
print(time.process_time() - began)
"""
_AS_ON_LAMBDA = {"LAMBDA_TASK_ROOT": "/var/task", "AWS_REGION": "ap-northeast-1"}
"""By these X-Ray's SDK knows Lambda: elsewhere its import makes a client for sampling rules."""

_SETS: tuple[DependencySet, ...] = ("core", "database")


class NoLambdaPythonError(Exception):
    """This machine has no Python 3.13."""


@dataclass(frozen=True)
class Imports:
    """One function: processor time of its imports / of a bare client, the median of the rounds."""

    function: str
    with_bytecode: float
    without_bytecode: float
    zip_bytes: int


def measure_imports(rounds: int = 7) -> list[Imports]:
    """All functions, each measured in turn with the bare client in every round.

    Raises NoLambdaPythonError; CalledProcessError if a package cannot be installed or imported.
    """
    python = lambda_python()
    if python is None:
        raise NoLambdaPythonError("Imports are not measured: this machine has no Python 3.13.")
    with tempfile.TemporaryDirectory() as folder:
        paths = _install(Path(folder), python[0])
        return [_measured(spec, python[0], paths, rounds) for spec in FUNCTIONS]


def _measured(spec: FunctionSpec, python: str, paths: dict[str, Path], rounds: int) -> Imports:
    statement, runtime = f"import handlers.{spec.module}", paths["runtime"]
    compiled, plain = paths[f"{spec.dependencies}-compiled"], paths[spec.dependencies]
    return Imports(
        function=spec.name,
        with_bytecode=_ratio(python, statement, [compiled, runtime], rounds),
        without_bytecode=_ratio(python, statement, [plain, runtime], rounds),
        zip_bytes=package(spec.dependencies).stat().st_size,
    )


def _install(folder: Path, python: str) -> dict[str, Path]:
    requirements = ROOT / "requirements"
    paths = {"runtime": folder / "runtime"}
    constraint = ["-c", str(requirements / "dev.txt")]
    _uv_install(python, paths["runtime"], [*constraint, "boto3"])
    compile_folder(paths["runtime"], python)
    for name in _SETS:
        plain = paths[name] = folder / name
        lock = requirements / f"lambda-{name}.txt"
        _uv_install(python, plain, ["--no-deps", "--require-hashes", "-r", str(lock)])
        shutil.copytree(
            ROOT / "handlers", plain / "handlers", ignore=shutil.ignore_patterns("__pycache__")
        )
        compiled = paths[f"{name}-compiled"] = folder / f"{name}-compiled"
        shutil.copytree(plain, compiled)
        compile_folder(compiled, python)
    return paths


def _uv_install(python: str, target: Path, arguments: Sequence[str]) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", f"--python={python}"]
    subprocess.run([*command, "--target", str(target), *arguments], check=True)


def _ratio(python: str, statement: str, path: Sequence[Path], rounds: int) -> float:
    return statistics.median(
        _seconds(python, statement, path) / _seconds(python, _BARE, path) for _ in range(rounds)
    )


def _seconds(python: str, statement: str, path: Sequence[Path]) -> float:
    environment = {
        **_AS_ON_LAMBDA,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",  # as on Lambda, where /var/task is read-only
        "PYTHONSAFEPATH": "1",  # or the working directory's handlers would be imported
    }
    run = subprocess.run(
        [python, "-c", _CHILD, statement],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout)


def main() -> None:
    """Print a line for each function."""
    for each in measure_imports():
        print(
            f"{each.function:<22}{each.with_bytecode:.2f} with bytecode, "
            f"{each.without_bytecode:.2f} without, {each.zip_bytes / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    main()

"""Bytecode in the packages: of Lambda's Python, not checked against the source, reproducible."""

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.compute import bytecode
from components.compute.bytecode import BytecodeError, compile_folder, lambda_python
from components.compute.packaging import PackagingError, package, wheels

MAGIC_OF_3_13 = (3571).to_bytes(2, "little") + b"\r\n"
UNCHECKED_HASH = (0b01).to_bytes(4, "little")


@pytest.fixture
def python() -> str:
    """Lambda's Python on this machine."""
    found = lambda_python()
    if not found:
        pytest.skip("this machine has no Python 3.13: the packages are built without bytecode")
    return found[0]


@pytest.fixture
def no_lambda_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with other Pythons only."""

    def of_other_pythons() -> Iterator[str]:
        return iter(["python3", "true"])

    monkeypatch.setattr(bytecode, "_candidates", of_other_pythons)
    monkeypatch.setattr(bytecode, "_TAG", "cpython-399")
    lambda_python.cache_clear()
    yield
    lambda_python.cache_clear()


def test_a_shim_of_pyenv_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shim = tmp_path / "shims" / "python3.13"
    shim.parent.mkdir()
    shim.write_text(f"#!/bin/sh\n: > {tmp_path}/asked\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(shim.parent))
    lambda_python.cache_clear()
    lambda_python()
    lambda_python.cache_clear()
    assert not (tmp_path / "asked").exists()


def test_each_source_in_a_package_has_bytecode_that_python_3_13_does_not_check(
    python: str, tmp_path: Path
) -> None:
    with zipfile.ZipFile(package("core", tmp_path)) as archive:
        held = set(archive.namelist())
        sources = {name for name in held if name.endswith(".py")}
        compiled = {name for name in held if name.endswith(".pyc")}
        assert len(sources) > 300
        for source in sources:
            folder, _, name = source.rpartition("/")
            cached = f"{folder}/__pycache__/{name[:-3]}.cpython-313.pyc".lstrip("/")
            assert cached in compiled, source
            assert archive.read(cached)[:8] == MAGIC_OF_3_13 + UNCHECKED_HASH
        assert len(compiled) == len(sources)


def test_the_bytecode_is_the_same_each_time(python: str, tmp_path: Path) -> None:
    built: list[bytes] = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.py").write_text(
            "KINDS = {'ab', 'cd', 'ef', 'gh'}\nprint('x' in {'y', 'z', 'x'})\n"
        )
        compile_folder(folder, python)
        built.append((folder / "__pycache__" / "a.cpython-313.pyc").read_bytes())
    assert built[0] == built[1]


def test_the_bytecode_names_files_as_they_lie_on_lambda(python: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("def function():\n    pass\n")
    compile_folder(tmp_path, python)
    content = (tmp_path / "__pycache__" / "module.cpython-313.pyc").read_bytes()
    assert b"/var/task/module.py" in content
    assert str(tmp_path).encode() not in content


def test_python_runs_the_bytecode_without_a_look_at_the_source(python: str, tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("print('compiled')\n")
    compile_folder(tmp_path, python)
    source.write_text("print('source, later')\n")
    run = subprocess.run(
        [python, "-c", "import module"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout == "compiled\n"


def test_a_machine_without_python_3_13_builds_packages_without_bytecode(
    no_lambda_python: None, tmp_path: Path
) -> None:
    assert lambda_python() is None
    path = package("core", tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "__pycache__" in name]


def test_packages_with_and_without_bytecode_have_names_of_their_own(
    python: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with_bytecode = (package("core", tmp_path).name, wheels("core", tmp_path).name)
    request.getfixturevalue("no_lambda_python")
    without = (package("core", tmp_path).name, wheels("core", tmp_path).name)
    assert not set(with_bytecode) & set(without)


def test_a_file_that_does_not_compile_is_an_error_with_the_compilers_message(
    python: str, tmp_path: Path
) -> None:
    (tmp_path / "wrong.py").write_text("def:\n")
    with pytest.raises(BytecodeError, match=r"(?s)cannot compile.*SyntaxError"):
        compile_folder(tmp_path, python)


def test_a_package_with_such_a_file_is_not_written(
    python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path, python: str) -> None:
        raise BytecodeError("cannot compile")

    monkeypatch.setattr("components.compute.packaging.compile_folder", fail)
    with pytest.raises(PackagingError, match="cannot compile"):
        package("core", tmp_path)
    assert not list(tmp_path.iterdir())

"""Lambda's packages: one reproducible zip per dependency set, for arm64 and Python 3.13.

Same input, same bytes: sorted entries, one date, one mode. uv chooses wheels for Lambda's platform,
not for the machine that runs `pulumi up`. The packages of Lambda's runtime (boto3 and what it
needs) are not in the lock files. Where this machine has Lambda's Python, its bytecode is in the
zip too (docs/decisions/0028-use-bytecode-for-shorter-cold-starts.md).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from components.compute.bytecode import BytecodeError, compile_folder, lambda_python
from handlers.contract.functions import DependencySet

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"

_UV_OPTIONS = (
    "--python-platform=aarch64-manylinux_2_28",
    "--python-version=3.13",
    "--only-binary=:all:",
    "--no-deps",
    "--require-hashes",
    f"--python={sys.executable}",
)
_SOURCES = (".py", ".sql", ".pem")
_NOISE = {"bin", "tests", "test"}
_RECORDS = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
"""For uninstallers; RECORD would also list files that the zip leaves out."""

_DATE = (1980, 1, 1, 0, 0, 0)
_KEPT_SECONDS = 3600
_FORMAT = b"2"
"""Raise it when this module writes a different zip from the same input."""


class PackagingError(Exception):
    """The wheels could not be fetched, or a file could not be compiled."""


def package(dependencies: DependencySet, build: Path = BUILD) -> Path:
    """The zip of a dependency set; built unless the same input has been built before.

    Raises PackagingError if the wheels cannot be had or a file cannot be compiled.
    """
    sources = sorted(_sources())
    digest = hashlib.sha256(_FORMAT + _builder().encode() + _lock(dependencies).read_bytes())
    for path in sources:
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    target = build / f"{dependencies}-{digest.hexdigest()[:16]}.zip"
    if not target.exists():
        unpacked = wheels(dependencies, build)
        entries = {str(path.relative_to(unpacked)): path for path in _shipped(unpacked)}
        with tempfile.TemporaryDirectory(dir=build) as folder:
            ours = _copied(sources, Path(folder))
            entries.update({str(path.relative_to(folder)): path for path in ours})
            _write(target, entries)
        _prune(build, dependencies)
    return target


def wheels(dependencies: DependencySet, build: Path = BUILD) -> Path:
    """The locked wheels, unpacked; kept, because they change less often than the code.

    Raises PackagingError with uv's message if they cannot be installed.
    """
    lock = _lock(dependencies)
    digest = hashlib.sha256(_builder().encode() + lock.read_bytes()).hexdigest()[:16]
    target = build / f"{lock.stem}-{digest}"
    if target.exists():
        return target
    build.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=build))
    try:
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", *_UV_OPTIONS]
        installed = subprocess.run(
            [*command, "--target", str(folder), "-r", str(lock)],
            capture_output=True,
            text=True,
            check=False,
        )
        if installed.returncode:
            raise PackagingError(f"no wheels for {lock.name}:\n{installed.stderr}")
        _compile(folder)
        folder.rename(target)
    except OSError:
        if not target.exists():  # else: another process was faster
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return target


def _lock(dependencies: DependencySet) -> Path:
    return ROOT / "requirements" / f"lambda-{dependencies}.txt"


def _builder() -> str:
    """The Python that the bytecode is of; empty if the zip will hold none."""
    python = lambda_python()
    return python[1] if python else ""


def _compile(folder: Path) -> None:
    if python := lambda_python():
        try:
            compile_folder(folder, python[0])
        except BytecodeError as error:
            raise PackagingError(str(error)) from error


def _copied(sources: list[Path], folder: Path) -> list[Path]:
    """Our own files, and their bytecode, in a folder that the checkout knows nothing of."""
    for path in sources:
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    _compile(folder)
    return [path for path in folder.rglob("*") if path.is_file()]


def _sources() -> Iterator[Path]:
    for path in (ROOT / "handlers").rglob("*"):
        if path.suffix in _SOURCES and path.is_file():
            yield path


def _shipped(unpacked: Path) -> Iterator[Path]:
    for path in unpacked.rglob("*"):
        inside = path.relative_to(unpacked).parts
        is_noise = _NOISE.intersection(inside[:-1]) or path.name in _RECORDS
        if path.is_file() and not is_noise and not path.name.startswith("."):
            yield path


def _prune(build: Path, dependencies: DependencySet) -> None:
    """Delete zips of older code, except those that another process may still read."""
    for old in build.glob(f"{dependencies}-*.zip"):
        if old.stat().st_mtime < time.time() - _KEPT_SECONDS:
            old.unlink(missing_ok=True)


def _write(target: Path, entries: dict[str, Path]) -> None:
    target.parent.mkdir(exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".draft")
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for name, path in sorted(entries.items()):
                entry = zipfile.ZipInfo(name, _DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.create_system = 3  # Unix, whatever this machine is
                archive.writestr(entry, path.read_bytes(), compresslevel=6)
        Path(draft).replace(target)
    finally:
        Path(draft).unlink(missing_ok=True)

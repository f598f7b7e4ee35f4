"""Lambda's packages: the same bytes from the same input, and wheels for Lambda's machine only."""

import re
import zipfile
from pathlib import Path

import pytest

from components.compute.packaging import ROOT, PackagingError, package, wheels
from handlers.contract.functions import FUNCTIONS, DependencySet

LAMBDAS = re.compile(r"(py3|py2\.py3)-none-any|(cp313-cp313|cp3\d+-abi3)-manylinux\w*_aarch64")
OF_THE_RUNTIME = {"boto3", "botocore", "s3transfer", "urllib3", "jmespath", "dateutil", "six.py"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this session builds: what was built before may be of other code."""
    return tmp_path_factory.mktemp("build")


@pytest.fixture(params=["core", "database"])
def built(request: pytest.FixtureRequest, folder: Path) -> Path:
    """Each zip."""
    return package(request.param, folder)


def entries(path: Path) -> set[str]:
    """What a zip holds."""
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_two_builds_are_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    first = package("core", folder)
    again = package("core", tmp_path)
    assert first.read_bytes() == again.read_bytes()
    assert first.name == again.name
    written = first.stat().st_mtime_ns
    assert package("core", folder).stat().st_mtime_ns == written, "built again"


def test_a_zip_holds_the_handlers_and_what_they_import(built: Path) -> None:
    held = entries(built)
    for spec in FUNCTIONS:
        assert f"handlers/{spec.module}.py" in held
    assert "handlers/storage/goal_workflows.sql" in held
    assert "handlers/storage/certificates/global-bundle.pem" in held
    assert "aws_lambda_powertools/__init__.py" in held
    for of_the_database in ("psycopg_binary/__init__.py", "certifi/cacert.pem"):
        assert (of_the_database in held) == built.name.startswith("database")


def test_a_zip_holds_nothing_of_lambdas_runtime_and_no_leftovers(built: Path) -> None:
    held = entries(built)
    assert not {name.split("/")[0] for name in held} & OF_THE_RUNTIME
    assert not [name for name in held if name.endswith("/RECORD")]
    ours = {Path(name).suffix for name in held if name.startswith("handlers/")}
    assert ours - {".pyc"} == {".py", ".sql", ".pem"}


def test_native_code_in_a_zip_is_for_arm64(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        libraries = [name for name in archive.namelist() if ".so" in name]
        assert libraries
        for name in libraries:
            header = archive.read(name)[:20]
            assert header[:4] == b"\x7fELF"
            assert int.from_bytes(header[18:20], "little") == 183, f"{name}: not EM_AARCH64"


@pytest.mark.parametrize("dependencies", ["core", "database"])
def test_every_wheel_is_for_lambdas_python_and_machine(
    dependencies: DependencySet, folder: Path
) -> None:
    tags = {
        path.parent.name: re.findall(r"^Tag: (\S+)", path.read_text(), re.MULTILINE)
        for path in wheels(dependencies, folder).glob("*.dist-info/WHEEL")
    }
    assert len(tags) >= 5
    for distribution, of_wheel in tags.items():
        assert any(LAMBDAS.fullmatch(tag) for tag in of_wheel), f"{distribution}: {of_wheel}"


def test_a_zip_fits_into_lambdas_limits(built: Path) -> None:
    # 50 MB uploaded directly, 250 MB unzipped (AWS Lambda Developer Guide: quotas)
    assert built.stat().st_size < 50 * 1024 * 1024
    with zipfile.ZipFile(built) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 250 * 1024 * 1024


def test_wheels_that_cannot_be_installed_are_an_error_with_uvs_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))
    with pytest.raises(PackagingError, match=r"(?s)no wheels for lambda-core.txt.*powertools"):
        package("core", tmp_path / "build")
    assert not list((tmp_path / "build").iterdir())


def test_the_lock_files_name_no_host() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "http" not in lock.read_text().replace("httpx", "")

"""The rewrite of a function for this machine."""

import platform
import zipfile
from pathlib import Path

import pytest
from pulumi import FileArchive

from localcloud.provision.local_function import LocalRuntime
from localcloud.provision.provisioner import Properties


@pytest.fixture
def declared(tmp_path: Path) -> Properties:
    package = tmp_path / "core.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for name in ("handlers/worker.py", "handlers/sql/schema.sql", "wrapt/core.so"):
            archive.writestr(name, name)
    return {
        "name": "worker",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "handler": "handlers.worker.handler",
        "code": FileArchive(str(package)),
        "environment": {"variables": {"TABLE_NAME": "executions"}},
        "timeout": 120,
        "publish": True,
    }


@pytest.fixture
def rewritten(declared: Properties, tmp_path: Path) -> Properties:
    runtime = LocalRuntime("http://127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "packages")
    return runtime.rewritten(declared)


def test_only_runtime_architecture_package_and_endpoints_are_rewritten(
    declared: Properties, rewritten: Properties
) -> None:
    changed = {name for name, value in rewritten.items() if value != declared.get(name)}
    assert changed == {"runtime", "architectures", "code", "environment"} - (
        {"architectures"} if platform.machine() in ("arm64", "aarch64") else set()
    )
    assert rewritten["environment"]["variables"] == {
        "TABLE_NAME": "executions",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:2",
    }


def test_a_snapshot_is_left_out_for_only_managed_runtimes_have_one(
    declared: Properties, tmp_path: Path
) -> None:
    runtime = LocalRuntime("http://127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "packages")
    rewritten = runtime.rewritten({**declared, "snapStart": {"applyOn": "PublishedVersions"}})
    assert "snapStart" not in rewritten


def test_the_package_has_the_handlers_and_a_bootstrap_but_no_wheels(rewritten: Properties) -> None:
    with zipfile.ZipFile(rewritten["code"].path) as package:
        names = package.namelist()
        assert names == ["handlers/worker.py", "handlers/sql/schema.sql", "bootstrap"]
        assert package.read("handlers/worker.py") == b"handlers/worker.py"
        assert package.getinfo("bootstrap").external_attr >> 16 == 0o755


def test_a_folder_is_packed_without_compiled_files(declared: Properties, tmp_path: Path) -> None:
    folder = tmp_path / "starter"
    for name in ("starter.py", "texts/ja.txt", "__pycache__/starter.cpython-311.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    runtime = LocalRuntime("http://127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "packages")
    rewritten = runtime.rewritten({**declared, "code": FileArchive(str(folder))})
    with zipfile.ZipFile(rewritten["code"].path) as package:
        assert package.namelist() == ["starter.py", "texts/ja.txt", "bootstrap"]
        assert package.read("texts/ja.txt") == b"texts/ja.txt"

"""The rooms import each other as `.importlinter` allows, and each contract can break."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ".importlinter"

BREAKERS = {
    "handlers": ("handlers/contract/ids.py", "import components.names"),
    "handlers-layers": ("handlers/contract/ids.py", "import handlers.storage.models"),
    "components": ("components/names.py", "import handlers.storage.models"),
    "deployment": ("deployment/settings.py", "import localcloud.cli"),
    "policies": ("policies/policy.py", "import components.names"),
    "declared": ("declared/program.py", "import localcloud.cli"),
    "servers-alone": ("localcloud/bedrock/latency.py", "import localcloud.slack.rules"),
    "servers-import-no-room": ("localcloud/aws/ministack.py", "import localcloud.cluster.state"),
    "localcloud": ("localcloud/cli.py", "import checks.pack"),
    "localcloud-layers": ("localcloud/goals/goal.py", "import localcloud.cli"),
    "ops": ("ops/cli.py", "import localcloud.cluster.state"),
    "cycles": (
        "components/names.py",
        "def lazily() -> None:\n    import components.exports  # noqa: PLC0415",
    ),
    "chaos": ("chaos/simulation/faults.py", "import ops.cli"),
    "tests": ("bench/scheduling.py", "import tests.bench.test_scheduling"),
}
"""Contract -> a file and the line that breaks the contract in it."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rooms' Python files, without the virtual environments."""
    folder = tmp_path_factory.mktemp("rooms")
    names = _config()["importlinter"]["root_packages"].split()
    for name in names:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / CONTRACTS, folder)
    return folder


def test_every_contract_has_a_line_that_breaks_it() -> None:
    sections = [name for name in _config().sections() if ":contract:" in name]
    assert {name.rpartition(":")[2] for name in sections} == set(BREAKERS)


def test_the_rooms_keep_every_contract() -> None:
    assert _lint(ROOT).returncode == 0


@pytest.mark.parametrize("contract", BREAKERS)
def test_a_contract_refuses_an_import_that_breaks_it(contract: str, copy: Path) -> None:
    name, line = BREAKERS[contract]
    file = copy / name
    before = file.read_text()
    file.write_text(f"{before}\n{line}\n")
    try:
        found = _lint(copy, contract)
    finally:
        file.write_text(before)
    assert found.returncode == 1
    assert "0 kept, 1 broken" in found.stdout


def _config() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / CONTRACTS)
    return config


def _lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [f"--contract={each}" for each in contracts]
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache", *chosen], cwd=folder, capture_output=True, text=True, check=False
    )

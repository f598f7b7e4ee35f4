"""The bill of materials: all that is deployed, with the hashes that the packager checks."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from checks.supply_chain.sbom import LOCKS, write
from handlers.contract.functions import FUNCTIONS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_the_bill_has_every_package_of_the_lock_with_version_and_hashes(
    lock: Path, tmp_path: Path
) -> None:
    bill: Any = json.loads(write(lock, tmp_path).read_text())

    assert bill["bomFormat"] == "CycloneDX"
    locked = {
        name: sorted(re.findall(r"sha256:([0-9a-f]{64})", hashes))
        for name, hashes in re.findall(
            r"^(\S+==\S+)((?: \\\n\s+--hash=\S+)+)", lock.read_text(), re.MULTILINE
        )
    }
    listed = {
        f"{part['name']}=={part['version']}": sorted(
            digest["content"]
            for reference in part["externalReferences"]
            for digest in reference.get("hashes", [])
        )
        for part in bill["components"]
    }
    assert listed == locked
    assert all(part["purl"].startswith("pkg:pypi/") for part in bill["components"])


def test_the_bill_of_a_lock_is_always_the_same(tmp_path: Path) -> None:
    lock = LOCKS[0]
    assert write(lock, tmp_path / "a").read_bytes() == write(lock, tmp_path / "b").read_bytes()


def test_every_functions_dependency_set_has_a_bill() -> None:
    assert {lock.stem.removeprefix("lambda-") for lock in LOCKS} == {
        str(spec.dependencies) for spec in FUNCTIONS
    }

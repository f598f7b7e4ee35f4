"""The pack refuses a pulumi-policy whose internals it was not tried with."""

import importlib.metadata
import importlib.util

import pytest

from policies import pulumi_policy_internals
from policies.pulumi_policy_internals import (
    SPECIAL_ARCHIVE_SIG,
    SPECIAL_SIG_KEY,
    UntriedVersionError,
    deserialize,
    require_tried_version,
)


def _another_version(_package: str) -> str:
    return "9.0.0"


def test_the_installed_version_is_accepted() -> None:
    require_tried_version()


def test_another_version_is_refused_with_both_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi_policy_internals, "version", _another_version)
    tried = ", ".join(pulumi_policy_internals.TRIED_VERSIONS)
    expected = rf"pulumi-policy 9\.0\.0 is installed, .* internals of {tried}: install requirements"
    with pytest.raises(UntriedVersionError, match=expected):
        require_tried_version()


def test_the_version_is_checked_on_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", _another_version)
    spec = pulumi_policy_internals.__spec__
    assert spec
    assert spec.loader
    # The module that is loaded again has its own class of the error.
    with pytest.raises(ImportError, match=r"pulumi-policy 9\.0\.0"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


@pytest.mark.parametrize("assets", [{}, None], ids=["empty assets", "no value for assets"])
def test_an_archive_with_a_path_beside_empty_assets_keeps_its_path(
    assets: dict[str, object] | None,
) -> None:
    archive = {SPECIAL_SIG_KEY: SPECIAL_ARCHIVE_SIG, "path": "functions.zip", "assets": assets}
    found = deserialize({"code": archive, "layers": [{"content": archive}]})
    assert found["code"].path == "functions.zip"
    assert found["layers"][0]["content"].path == "functions.zip"


def test_an_archive_of_assets_keeps_them() -> None:
    inner: dict[str, object] = {
        SPECIAL_SIG_KEY: SPECIAL_ARCHIVE_SIG,
        "path": "package",
        "assets": {},
    }
    archive: dict[str, object] = {
        SPECIAL_SIG_KEY: SPECIAL_ARCHIVE_SIG,
        "assets": {"package": inner},
    }
    assert deserialize({"code": archive})["code"].assets["package"].path == "package"

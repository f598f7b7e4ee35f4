"""The fingerprint changes with everything a cloud is made from."""

from pathlib import Path

import pytest

from components.settings import ENVIRONMENT_VARIABLES
from localcloud.cluster.fingerprint import SETTINGS, fingerprint


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("components", "handlers/storage", "localcloud", "requirements", "docs"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "__main__.py").write_text("program")
    (tmp_path / "handlers" / "storage" / "table.py").write_text("code")
    return tmp_path


@pytest.mark.parametrize("path", ["__main__.py", "Pulumi.local.yaml", "handlers/storage/table.py"])
def test_the_fingerprint_changes_with_program_and_code(checkout: Path, path: str) -> None:
    before = fingerprint("", checkout)
    (checkout / path).write_text("changed")
    assert fingerprint("", checkout) != before


def test_the_fingerprint_ignores_documents_and_compiled_code(checkout: Path) -> None:
    before = fingerprint("", checkout)
    (checkout / "docs" / "guide.md").write_text("text")
    (checkout / "handlers" / "__pycache__").mkdir()
    (checkout / "handlers" / "__pycache__" / "table.pyc").write_text("compiled")
    assert fingerprint("", checkout) == before


def test_the_fingerprint_changes_with_settings_in_the_environment(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint("", checkout)
    monkeypatch.setenv("BATCH_SIZE", "4")
    assert fingerprint("", checkout) != before


def test_every_environment_variable_of_a_setting_but_secrets_is_in_the_fingerprint() -> None:
    secrets = {"DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK"}
    assert set(SETTINGS) == set(ENVIRONMENT_VARIABLES.values()) - secrets


def test_the_fingerprint_changes_with_credentials_only_with_an_upstream(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, bedrock = fingerprint("", checkout), fingerprint("bedrock", checkout)
    assert alone != bedrock
    monkeypatch.setenv("AWS_SESSION_TOKEN", "another")
    assert fingerprint("", checkout) == alone
    assert fingerprint("bedrock", checkout) != bedrock

"""The scan for secrets: a planted one is found, in a file and in a commit that is long gone."""

import shutil
import subprocess
from pathlib import Path

import pytest

from declared.program import ROOT

SCAN = ROOT / ".github" / "tools" / "secrets"
# In parts: as a whole it would be found here.
TOKENS = {
    "GitHub": "ghp_" + "a8Kq2Zt7Vw4Xn1Rb6Mc9" + "Yd3Ef5Gh0Jk8Lp2Q",
    "AWS": 'aws_access_key_id = "AKIA' + '3Q7XJ5WLT2HK6RBN"',
    "Slack": "https://hooks.slack.com/services/T0"
    + "4Q7XJ5WL/B04Q7XJ5WL2/kR7uXw2LqZt9Vb4Nn1Mc6Yd3",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIEowIBAAKCAQEA7v1t\n" * 4
    + "-----END RSA PRIVATE KEY-----",
}
needs_go = pytest.mark.skipif(not shutil.which("go"), reason="gitleaks needs Go, which is not here")


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one harmless commit."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "readme").write_text("harmless")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "harmless")
    return tmp_path


def scan(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([SCAN, folder], capture_output=True, text=True, check=False)


@needs_go
def test_a_repository_without_secrets_passes(repository: Path) -> None:
    done = scan(repository)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_go
@pytest.mark.parametrize("kind", TOKENS)
def test_a_secret_that_is_not_committed_yet_is_found(kind: str, repository: Path) -> None:
    (repository / "settings.txt").write_text(TOKENS[kind])

    done = scan(repository)

    assert done.returncode == 1, done.stdout + done.stderr
    assert TOKENS[kind] not in done.stdout + done.stderr


@needs_go
def test_a_secret_that_a_later_commit_removed_is_found(repository: Path) -> None:
    (repository / "settings.txt").write_text(TOKENS["GitHub"])
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "oops")
    git(repository, "rm", "--quiet", "settings.txt")
    git(repository, "commit", "--quiet", "-m", "gone")

    assert scan(repository).returncode == 1

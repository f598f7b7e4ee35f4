"""A rollback goes to a commit that the stack ran before, and to no other."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deployment.history import RefusedError, known, last, main, read


def entry(commit: str, **changed: Any) -> dict[str, Any]:
    """One update, as the CLI writes it."""
    environment = {"git.head": commit, "git.dirty": "false", "exec.kind": "cli"}
    return {"kind": "update", "result": "succeeded", "environment": environment, **changed}


@pytest.fixture
def commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commits of a repository in the working directory, oldest first; the first is v1."""
    monkeypatch.chdir(tmp_path)
    found: list[str] = []

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        command = ["git", *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    for message in ("one", "two", "three"):
        git("commit", "--quiet", "--allow-empty", "--message", message)
        found.append(git("rev-parse", "HEAD"))
    git("tag", "--annotate", "--message", "the first", "v1", found[0])
    return found


def test_the_deployed_commit_is_that_of_the_newest_successful_update(commits: list[str]) -> None:
    history = [
        entry(commits[2], result="failed"),
        entry(commits[2], kind="preview"),
        entry(commits[1]),
        entry(commits[0]),
    ]
    assert last(read(json.dumps(history))) == commits[1]


def test_a_stack_without_a_deployment_has_no_commit() -> None:
    with pytest.raises(RefusedError, match="never deployed from a commit"):
        last(read("null"))


def test_a_deployment_with_local_changes_has_no_commit(commits: list[str]) -> None:
    dirty = entry(commits[2], environment={"git.head": commits[2], "git.dirty": "true"})
    assert last(read(json.dumps([dirty, entry(commits[0])]))) == commits[0]


@pytest.mark.parametrize("form", ["v1", "{commit}", "{short}", "main~2"])
def test_a_tag_or_commit_that_ran_before_is_known(form: str, commits: list[str]) -> None:
    subprocess.run(["git", "branch", "--force", "-M", "main"], check=True)
    history = read(json.dumps([entry(commits[2]), entry(commits[0])]))
    revision = form.format(commit=commits[0], short=commits[0][:10])
    assert known(history, revision, Path.cwd()) == commits[0]


def test_a_commit_that_never_ran_there_is_refused_with_those_that_did(commits: list[str]) -> None:
    history = read(json.dumps([entry(commits[2]), entry(commits[0])]))
    with pytest.raises(RefusedError) as refused:
        known(history, commits[1], Path.cwd())
    assert commits[1][:12] in str(refused.value)
    assert f"{commits[2][:12]}, {commits[0][:12]}" in str(refused.value)


@pytest.mark.parametrize("revision", ["v9", "0" * 40, "--all", "$(id)", "", "HEAD^{tree}"])
def test_a_revision_that_names_no_commit_is_refused(revision: str, commits: list[str]) -> None:
    with pytest.raises(RefusedError, match="no tag or commit"):
        known(read(json.dumps([entry(commits[0])])), revision, Path.cwd())


def test_the_command_prints_the_commit_or_one_line_of_why_not(
    commits: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("history.json").write_text(json.dumps([entry(commits[2]), entry(commits[0])]))
    assert main(["history.json"]) == 0
    assert capsys.readouterr().out == f"{commits[2]}\n"
    assert main(["history.json", "--revision", "v1"]) == 0
    assert capsys.readouterr().out == f"{commits[0]}\n"
    assert main(["history.json", "--revision", "v9"]) == 1
    assert capsys.readouterr().err == "v9 is no tag or commit of this repository\n"


@pytest.mark.parametrize("text", ["", "{", '[{"kind": "update"}]'])
def test_a_history_that_cannot_be_read_deploys_nothing(
    text: str, commits: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("history.json").write_text(text)
    assert main(["history.json"]) == 1
    assert capsys.readouterr().err.count("\n") == 1

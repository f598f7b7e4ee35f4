"""The command: where its file goes, in which language, and for whom."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from declared.program import ROOT
from ops import audit, cli
from ops.commands import trace
from ops.trace.language import Words
from tests.ops.trace.parts import EXECUTION


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Words]:
    """The languages asked for; the folder of the operators' files is another."""
    asked: list[Words] = []

    def draw(_stack: Any, _id: str, *, with_titles: bool, say: Words) -> str:
        assert not with_titles
        asked.append(say)
        return "the page"

    monkeypatch.setattr(trace, "draw", draw)
    monkeypatch.setattr(trace, "open_stack", str)
    monkeypatch.setattr(audit, "FOLDER", tmp_path / "not yet" / ".ops")
    return asked


def test_the_file_goes_to_the_operators_folder(
    drawn: list[Words], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["trace", EXECUTION, "--local", "--json"]) == 0
    file = audit.FOLDER / f"execution-{EXECUTION}.html"
    assert json.loads(capsys.readouterr().out) == {"url": file.as_uri()}
    assert file.read_text() == "the page"
    assert drawn == [Words("en")]


def test_git_ignores_the_folder() -> None:
    name = f".ops/execution-{EXECUTION}.html"
    found = subprocess.run(["git", "check-ignore", name], cwd=ROOT, check=False)
    assert found.returncode == 0


def test_the_page_is_japanese_if_asked(drawn: list[Words], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert cli.main(["trace", EXECUTION, "--local", "--language", "ja", "--output", str(file)]) == 0
    assert drawn == [Words("ja")]
    assert cli.main(["trace", EXECUTION, "--local", "--language", "fr"]) == 2


def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    wanted = tmp_path / "file" / "page.html"
    assert cli.main(["trace", EXECUTION, "--local", "--output", str(wanted)]) == 1
    assert capsys.readouterr().err.startswith(f"--output {wanted}: ")

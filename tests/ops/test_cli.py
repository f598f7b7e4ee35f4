"""The command line: help with examples, usage errors, and what is said instead of a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from ops import cli
from ops.backups import backup_commands
from ops.commands import options
from ops.maintenance import commands as maintenance
from ops.problems import OperatorError
from ops.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
BARE_PYTHON: list[str] = [str(vars(sys)["_base_executable"]), "-S"]
"""The Python below the virtual environment, without site-packages."""

NAMES = [command.name for command in cli.COMMANDS]


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_every_command_shows_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"\n    python -m ops {name} " in shown


@pytest.mark.parametrize("name", [each.name for each in cli.COMMANDS if each.result is not None])
def test_what_a_command_prints_as_json_has_a_schema(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["schema", *name.split()]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"
    assert cli.main([*name.split(), "--help"]) == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fly"], "No such command"),
        (["prune"], "give the stack: --stack NAME (local, dev, staging, prod) or --local"),
        (["prune", "--stack", "qa"], "--stack qa: unknown stack, allowed are local, dev"),
        (["prune", "--stack", "prod", "--local"], "--stack prod and --local name two stacks"),
        (["trace"], "Missing argument"),
        (["executions", "list", "--local", "--status", "LOST"], "Invalid value for '--status'"),
        (["schema", "psql"], "COMMAND psql: allowed are "),
    ],
)
def test_bad_usage_exits_with_2_and_names_what_is_allowed(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_foreseeable_error_is_one_line_and_with_json_an_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable() -> Stack:
        raise OperatorError("the local cloud is not up")

    monkeypatch.setattr(options, "open_local_stack", unreachable)
    assert cli.main(["prune", "--local", "--json"]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"error": "the local cloud is not up"}
    assert shown.err == "the local cloud is not up\n"


@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="needs the checkout's environment")
def test_a_python_without_the_packages_continues_in_the_projects_environment() -> None:
    shown = subprocess.run(
        [*BARE_PYTHON, "-m", "ops", "schema", "prune"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Version" in json.loads(shown.stdout)["$defs"]


def test_results_are_data_that_json_can_hold() -> None:
    for command in cli.COMMANDS:
        if command.result is not None:
            assert TypeAdapter(command.result).json_schema()["properties"]


@pytest.mark.parametrize(
    "arguments", [["backup", "create"], ["maintenance", "daily"]], ids=lambda each: each[0]
)
def test_a_folder_that_is_a_file_is_one_sentence(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work(*_: object, **__: object) -> None:
        (tmp_path / "file").mkdir()

    (tmp_path / "file").touch()
    for module in (backup_commands, maintenance):
        monkeypatch.setattr(module, "open_stack", work)
    assert cli.main([*arguments, "--local", "--folder", str(tmp_path / "file"), "--json"]) == 1
    shown = capsys.readouterr()
    assert shown.err == f"{tmp_path}/file: File exists\n"
    assert json.loads(shown.out) == {"error": f"{tmp_path}/file: File exists"}


def test_ctrl_c_while_it_starts_leaves_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    ended = subprocess.run(
        [sys.executable, "-m", "ops", "prune", "--local"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (130, "")

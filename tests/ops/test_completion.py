"""`ops/bin/goal-ops`: the commands as an executable, which shells complete."""

import os
import subprocess
from pathlib import Path

import pytest

from components.settings import ENVIRONMENTS
from ops import cli

GOAL_OPS = Path(cli.__file__).with_name("bin") / "goal-ops"


def completed(words: str) -> list[str]:
    """What bash is offered for the last word; a blank at the end begins a new one."""
    asked = {"_GOAL_OPS_COMPLETE": "complete_bash", "COMP_WORDS": f"goal-ops {words}"}
    place = {"COMP_CWORD": str(len(words.split(" ")))}
    done = subprocess.run(
        [GOAL_OPS], env=os.environ | asked | place, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_every_command_is_offered() -> None:
    names = {command.name for command in cli.COMMANDS}
    assert {*completed("")} == {name.partition(" ")[0] for name in names} | {"schema"}


@pytest.mark.parametrize("group", cli.GROUPS)
def test_every_command_of_a_group_is_offered(group: str) -> None:
    names = {command.name for command in cli.COMMANDS}
    within = {name.partition(" ")[2] for name in names if name.startswith(f"{group} ")}
    assert {*completed(f"{group} ")} == within


def test_options_and_stacks_are_offered() -> None:
    assert completed("verify --can") == ["--canary"]
    assert completed("verify --stack ") == [*ENVIRONMENTS]
    assert completed("verify --stack pr") == ["prod"]


def test_it_runs_from_any_folder_under_its_own_name(tmp_path: Path) -> None:
    asked = [GOAL_OPS, "verify", "--stack", "qa"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "goal-ops verify" in done.stderr
    assert "unknown stack" in done.stderr


def test_bash_completes_with_the_script_that_it_shows(tmp_path: Path) -> None:
    script = f"""
        PATH="{GOAL_OPS.parent}:$PATH"
        source <(_GOAL_OPS_COMPLETE=source_bash goal-ops)
        COMP_WORDS=(goal-ops rollb) COMP_CWORD=1
        _goal_ops_completion goal-ops
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["rollback"]

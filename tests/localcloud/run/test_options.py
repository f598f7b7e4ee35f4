"""What `run` refuses before anything is started."""

from argparse import ArgumentParser
from pathlib import Path

import pytest

from localcloud.run.options import RunOptions, UsageError, add_arguments, read_options

SMALL = """\
title: 目標
sub_goals:
  - title: 一
    actions:
      - {title: 甲, type: EXECUTION}
      - {title: 乙, type: HABIT}
"""


@pytest.fixture
def goal_file(tmp_path: Path) -> Path:
    path = tmp_path / "goal.yaml"
    path.write_text(SMALL)
    return path


def options(*arguments: object) -> RunOptions:
    parser = ArgumentParser()
    add_arguments(parser)
    return read_options(parser.parse_args([str(argument) for argument in arguments]))


def test_without_arguments_a_whole_mandala_runs() -> None:
    plain = options()

    assert len(plain.goal.actions) == 64
    assert (plain.fail, plain.seed, plain.latency_seconds, plain.as_json) == (0, 1, 0.3, False)


def test_all_can_be_said(goal_file: Path) -> None:
    said = options("--goal", goal_file, "--fail", 2, "--seed", 7, "--latency", 0.5, "--json")

    assert said.goal.title == "目標"
    assert (said.fail, said.seed, said.latency_seconds, said.as_json) == (2, 7, 0.5, True)


def test_a_real_model_is_not_slowed_down_unless_asked() -> None:
    assert options("--model", "bedrock").latency_seconds == 0
    assert options("--model", "bedrock", "--latency", 2).latency_seconds == 2


@pytest.mark.parametrize("number", [-1, 3, 65])
def test_no_more_actions_can_fail_than_there_are(goal_file: Path, number: int) -> None:
    with pytest.raises(UsageError, match=rf"--fail {number}: allowed are 0 to 2"):
        options("--goal", goal_file, f"--fail={number}")


@pytest.mark.parametrize("seconds", ["-1", "61", "nan", "inf"])
def test_a_latency_is_some_seconds(seconds: str) -> None:
    with pytest.raises(UsageError, match=f"--latency {seconds}: allowed are 0 to 60"):
        options(f"--latency={seconds}")


def test_a_bad_goal_file_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(SMALL.replace("HABIT", "HABBIT"))

    with pytest.raises(UsageError) as refused:
        options("--goal", path)

    first, last = str(refused.value).splitlines()
    assert first.startswith(f"{path}:6:26: sub_goals[1].actions[2].type: ")
    assert last == "The format is described in docs/goal-file.md."


def test_an_unknown_option_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        options("--fial", 3)

    assert "--fial" in capsys.readouterr().err

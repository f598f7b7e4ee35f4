"""The options of `run`, and what is refused."""

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


def test_the_defaults_run_a_goal_of_64_actions() -> None:
    plain = options()

    assert len(plain.goal.actions) == 64
    assert (plain.fail, plain.seed, plain.latency_seconds, plain.as_json) == (0, 1, 0.3, False)


def test_every_option_can_be_set(goal_file: Path) -> None:
    given = options("--goal", goal_file, "--fail", 2, "--seed", 7, "--latency", 0.5, "--json")

    assert given.goal.title == "目標"
    assert (given.fail, given.seed, given.latency_seconds, given.as_json) == (2, 7, 0.5, True)


def test_a_real_model_gets_no_extra_latency_by_default() -> None:
    assert options("--model", "bedrock").latency_seconds == 0
    assert options("--model", "bedrock", "--latency", 2).latency_seconds == 2


@pytest.mark.parametrize("number", [-1, 3, 65])
def test_fail_is_at_most_the_number_of_actions(goal_file: Path, number: int) -> None:
    with pytest.raises(UsageError, match=rf"--fail {number}: allowed are 0 to 2"):
        options("--goal", goal_file, f"--fail={number}")


@pytest.mark.parametrize("seconds", ["-1", "61", "nan", "inf"])
def test_a_latency_out_of_range_is_refused(seconds: str) -> None:
    with pytest.raises(UsageError, match=f"--latency {seconds}: allowed are 0 to 60"):
        options(f"--latency={seconds}")


def test_the_error_for_a_goal_file_names_the_place(tmp_path: Path) -> None:
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

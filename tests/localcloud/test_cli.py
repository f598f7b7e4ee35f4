"""The command line while no cloud is up."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from localcloud import cli
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CHECKOUT
from localcloud.cluster.steps import Steps
from localcloud.errors import LocalCloudError
from localcloud.run.counted import counted

BARE_PYTHON: list[str] = [str(vars(sys)["_base_executable"]), "-S"]
"""The Python below the virtual environment, without site-packages."""


@pytest.fixture(autouse=True)
def _restore_signal_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The commands' cloud: one that is not up, in a folder of the test's own."""
    cloud = Cloud(tmp_path / ".localcloud")
    monkeypatch.setattr(cli, "Cloud", lambda: cloud)
    return cloud


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["status", "--xml"],
        ["token", "--user", "taro", "--admin"],
        ["run", "--fail", "many"],
        ["query"],
    ],
)
def test_bad_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as error:
        cli.main(arguments)
    assert error.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--fail", "65"], "allowed are 0 to 64"),
        (["run", "--goal", "none.yaml"], "none.yaml"),
        (["run", "--model", "gpt"], "--model gpt: allowed are bedrock and an http(s) URL"),
        (["up", "--model", "http://"], "--model http://: allowed are bedrock"),
    ],
)
def test_an_invalid_option_is_refused_before_a_cloud_is_created(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], cloud: Cloud
) -> None:
    assert cli.main(arguments) == 2
    assert words in capsys.readouterr().err
    assert not cloud.folder.exists()


def test_status_without_a_cloud_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status"]) == 1
    assert "make local" in capsys.readouterr().out
    assert cli.main(["status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "down"


def test_token_without_a_cloud_says_how_to_bring_one_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["token"]) == 1
    assert "python -m localcloud up" in capsys.readouterr().err


def test_down_without_a_cloud_ends_no_process(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["down"]) == 0
    assert "0 processes" in capsys.readouterr().out


def test_an_error_is_printed_without_a_stack_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_disk(_cloud: Cloud, _steps: Steps, _upstream: str) -> NoReturn:
        raise LocalCloudError("no disk: make room")

    monkeypatch.setattr(Cloud, "up", no_disk)
    assert cli.main(["up"]) == 1
    assert capsys.readouterr().err == "no disk: make room\n"


def test_ctrl_c_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_cloud: Cloud, _steps: Steps, _upstream: str) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cloud, "up", interrupted)
    assert cli.main(["up"]) == 130
    assert cli.main(["run"]) == 130


def test_a_python_without_the_packages_continues_in_the_virtual_environment() -> None:
    command = [*BARE_PYTHON, "-m", "localcloud", "--help"]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "status" in done.stdout


def test_without_a_virtual_environment_the_error_says_what_to_run(tmp_path: Path) -> None:
    package = tmp_path / "localcloud"
    package.mkdir()
    for name in ("__init__.py", "__main__.py"):
        (package / name).write_text((CHECKOUT / "localcloud" / name).read_text())
    command = [*BARE_PYTHON, "-m", "localcloud", "up"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run `make local` first" in done.stderr
    assert "Traceback" not in done.stderr


def test_with_json_the_object_is_the_last_line_of_both_streams(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: object) -> int:
        print('{"status": "SUCCEEDED"}')
        return 0

    def up(*_: object) -> tuple[None, bool]:
        return None, True

    monkeypatch.setattr(Cloud, "up", up)
    monkeypatch.setattr(cli, "run", run)
    assert cli.main(["run", "--json"]) == 0
    printed = capsys.readouterr()
    assert (printed.out.splitlines()[-1], printed.err) == ('{"status": "SUCCEEDED"}', "")


def test_env_without_a_cloud_says_how_to_bring_one_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["env"]) == 1
    assert "python -m localcloud up" in capsys.readouterr().err


def test_a_count_has_its_noun() -> None:
    assert [counted(number, "action") for number in (0, 1, 64)] == [
        "0 actions",
        "1 action",
        "64 actions",
    ]
    assert counted(1, "process", "processes") == "1 process"
    assert counted(34, "process", "processes") == "34 processes"


def test_ctrl_c_says_that_the_clouds_data_goes_before_it_deletes_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def down(*_: object) -> int:
        assert "with its data ..." in capsys.readouterr().out
        return 34

    def up(*_: object) -> tuple[None, bool]:
        return None, True

    def interrupted(*_: object) -> int:
        return cli.INTERRUPTED

    monkeypatch.setattr(Cloud, "up", up)
    monkeypatch.setattr(Cloud, "down", down)
    monkeypatch.setattr(cli, "run", interrupted)
    assert cli.main(["run"]) == 130
    assert capsys.readouterr().out == (
        "The cloud is down: 34 processes ended, its folder is deleted.\n"
    )

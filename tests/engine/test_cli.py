"""Which Pulumi CLI is used, and how one is built."""

import os
from pathlib import Path

import pytest

from localcloud.pulumi_cli import cli
from localcloud.pulumi_cli.__main__ import main
from localcloud.pulumi_cli.cli import NoEngineError, build, kept, pulumi_cli, version


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH with a few shell programs only, and an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cp", "echo"):
        (folder / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PULUMI_BIN", raising=False)
    return folder


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_without_cli_and_go_the_command_prints_one_line(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NoEngineError, match="none has been built"):
        pulumi_cli()
    with pytest.raises(NoEngineError, match="nor Go to build one with"):
        build()
    assert main() == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("No Pulumi engine: ")


def test_pulumi_bin_comes_before_the_path_and_the_path_before_the_cache(
    programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept().parent.mkdir(parents=True)
    script(kept(), "exit")
    assert pulumi_cli() == kept()
    installed = script(programs / "pulumi", "exit")
    assert pulumi_cli() == installed
    given = script(tmp_path / "given", "exit")
    monkeypatch.setenv("PULUMI_BIN", str(given))
    assert pulumi_cli() == build() == given


def test_a_pulumi_bin_that_does_not_exist_is_an_error(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BIN", "/nowhere/pulumi")
    for attempt in (pulumi_cli, build):
        with pytest.raises(NoEngineError, match="PULUMI_BIN = /nowhere/pulumi is no program"):
            attempt()


def test_the_cli_is_built_once_with_its_version(programs: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    # go build -trimpath GCFLAGS GCFLAGS GCFLAGS -ldflags FLAGS -o BINARY PACKAGE
    script(programs / "go", f'echo "$PWD $*" >> {log}; cp "$0" "$9"')
    assert build() == kept()
    assert build() == pulumi_cli() == kept()
    (line,) = log.read_text().splitlines()
    assert line.startswith(str(cli.MODULE))
    assert f"version.Version=v{version()}" in line
    assert line.endswith("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi")
    assert [path.name for path in kept().parent.iterdir()] == ["pulumi"]


def test_a_failed_build_leaves_nothing_and_the_error_has_the_reason(programs: Path) -> None:
    script(programs / "go", "echo downloading >&2; echo no such host >&2; exit 1")
    with pytest.raises(NoEngineError, match="cannot be built: no such host"):
        build()
    assert list(kept().parent.iterdir()) == []


def test_go_sum_has_the_hashes_and_no_registry() -> None:
    texts = [(cli.MODULE / name).read_text() for name in ("go.mod", "go.sum")]
    assert f"github.com/pulumi/pulumi/pkg/v3 v{version()} h1:" in texts[1]
    assert f"github.com/pulumi/pulumi/sdk/v3 v{version()} h1:" in texts[1]
    assert not any(word in text for text in texts for word in ("GOPROXY", "://"))


def test_the_cli_of_this_machine_is_executable() -> None:
    try:
        found = pulumi_cli()
    except NoEngineError as error:
        pytest.skip(str(error))
    assert os.access(found, os.X_OK)

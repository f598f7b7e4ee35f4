"""Every block of the guide does what it says: it runs on the embedded stack, or is set aside."""

import shlex
from datetime import timedelta
from string import Template

import pytest

from components.settings import Settings, key, parse
from declared.program import PROJECT
from ops import audit, cli
from ops.commands import options
from tests.components.conftest import OF_DEV, SECRETS
from tests.docs.guide.conftest import Reader
from tests.docs.guide.page import ENGLISH, JAPANESE, Block, blocks
from tests.docs.guide.setting_lines import changed

BLOCKS = blocks(ENGLISH)
RUN = [each for each in BLOCKS if each.kind == "run"]
SETTINGS = [each for each in BLOCKS if each.kind == "settings"]
OPS = ["python", "-m", "ops"]
AS_IT_COMES = ("1.2", "2.1.3", "4.1.4", "5.3.2")
"""Sections whose lines are the defaults."""


def name_of(block: Block) -> str:
    return block.name


@pytest.fixture
def at_the_terminal(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """The reader, in their folder; `--stack local` is their stack."""
    monkeypatch.setattr(options, "open_local_stack", lambda: reader.stack)
    monkeypatch.setattr(audit, "FOLDER", reader.folder / "audit")
    # the tests' two deployments are seconds apart
    monkeypatch.setattr("ops.rollback.plan._ONE_DEPLOYMENT", timedelta(0))
    monkeypatch.chdir(reader.folder)
    return reader


@pytest.mark.parametrize("block", RUN, ids=name_of)
def test_a_block_runs_on_the_embedded_stack(
    block: Block, at_the_terminal: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in block.commands:
        words = shlex.split(Template(command).substitute(at_the_terminal.variables))
        assert words[:3] == OPS, f"{command}: not run by this test, so say why in a comment"
        status = cli.main(words[3:])
        shown = capsys.readouterr()
        assert status == block.status, f"{command}\n{shown.out}\n{shown.err}"
        assert "Traceback" not in shown.err


@pytest.mark.parametrize("block", SETTINGS, ids=name_of)
def test_a_block_of_settings_makes_settings_that_every_stack_takes(block: Block) -> None:
    by_name = {key(field): field for field in Settings.model_fields}
    lines = {
        by_name[f"{PROJECT}:{name}"]: each for name, each in changed({}, block.commands).items()
    }
    settings = parse({**OF_DEV, **SECRETS, **lines}, {})
    assert settings != parse({**OF_DEV, **SECRETS}, {}) or block.section in AS_IT_COMES


def test_what_is_not_run_has_a_reason() -> None:
    assert [each.name for each in BLOCKS if each.kind == "not run" and not each.reason] == []
    assert [each.name for each in RUN if each.status and not each.reason] == []


def test_both_languages_have_the_same_blocks() -> None:
    def what_runs(block: Block) -> tuple[str, tuple[str, ...], str, int]:
        commands = tuple(each.replace(" --language ja", "") for each in block.commands)
        return block.name, commands, block.kind, block.status

    assert [*map(what_runs, blocks(JAPANESE))] == [*map(what_runs, BLOCKS)]

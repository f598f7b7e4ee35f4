"""An archive says so if a single byte of it is not what was written; retention keeps the newest."""

import shutil
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.storage.items import serialised
from ops.backups.archive import ITEMS, MANIFEST, Archive, Manifest, write
from ops.backups.contents import config_without_secrets, read_outputs
from ops.backups.items import line
from ops.backups.making import archives, remove, surplus
from ops.problems import OperatorError
from ops.stack import Stack
from tests.ops.backups.conftest import NAMES

WHEN = datetime(2026, 11, 29, 8, tzinfo=UTC)
LINES = [f"{line(serialised({'pk': f'e{n}', 'sk': 'execution'}))}\n".encode() for n in range(3)]


def made(folder: Path, when: datetime = WHEN, stack: str = "dev", lines: Any = LINES) -> Archive:
    manifest = Manifest(
        stack=stack,
        account="123456789012",
        region="ap-northeast-1",
        table=f"WorkflowExecution-{stack}",
        began_at=when,
        ended_at=when,
        commit="abc",
        table_backup=None,
    )
    members = [(ITEMS, lines), ("aliases.json", [b"{}"])]
    return write(folder / f"backup-{stack}-{when:%Y%m%dT%H%M%SZ}.zip", manifest, members)


def rewritten(archive: Archive, name: str, content: bytes) -> Archive:
    """The archive with another content of one member."""
    changed = archive.file.with_name("changed.zip")
    with zipfile.ZipFile(archive.file) as old, zipfile.ZipFile(changed, "w") as new:
        for each in old.namelist():
            new.writestr(each, content if each == name else old.read(each))
    return Archive(changed)


def test_an_archive_is_read_back_and_is_its_owners_only(tmp_path: Path) -> None:
    archive = made(tmp_path / "backups")
    archive.verify()
    assert [*archive.items()] == [(f"e{n}", "execution") for n in range(3)]
    assert archive.manifest.items == 3
    assert stat.S_IMODE(archive.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(archive.file.parent.stat().st_mode) == 0o700
    assert [each.name for each in archive.file.parent.iterdir()] == [archive.file.name]


@pytest.mark.parametrize("name", [ITEMS, "aliases.json"])
def test_a_member_that_was_changed_is_found(name: str, tmp_path: Path) -> None:
    archive = rewritten(made(tmp_path), name, b"".join(LINES[:2]))
    with pytest.raises(OperatorError, match=f"{name} has another checksum"):
        archive.verify()
    with pytest.raises(OperatorError, match=f"{name} has another checksum"):
        archive.read(name)


def test_every_flipped_byte_of_an_archive_is_found_or_changes_nothing_that_is_read(
    tmp_path: Path,
) -> None:
    whole = made(tmp_path)
    content = whole.file.read_bytes()
    for position in range(0, len(content), 7):
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(
            content[:position] + bytes([content[position] ^ 0x55]) + content[position + 1 :]
        )
        try:
            archive = Archive(damaged)
            archive.verify()
        except OperatorError:
            continue
        assert archive.items() == whole.items()


def test_members_and_manifest_must_agree(tmp_path: Path) -> None:
    archive = made(tmp_path)
    with zipfile.ZipFile(archive.file, "a") as content:
        content.writestr("more.json", "{}")
    with pytest.raises(OperatorError, match=r"do not agree: more\.json"):
        archive.verify()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([b"no json\n"], "line 1 is no item"),
        ([b'{"pk":{"S":"e"}}\n'], "line 1 is no item"),
        ([LINES[0], LINES[0]], "e0 execution is there twice"),
    ],
)
def test_lines_that_are_no_items_are_found(lines: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=words):
        made(tmp_path, lines=lines).verify()


def test_what_is_no_archive_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no such archive"):
        Archive(tmp_path / "none.zip")
    text = tmp_path / "text.zip"
    text.write_text("text")
    with pytest.raises(OperatorError, match="is damaged"):
        Archive(text)
    newer = rewritten_manifest(made(tmp_path))
    with pytest.raises(OperatorError, match=r"manifest\.json: schema_version"):
        Archive(newer)


def rewritten_manifest(archive: Archive) -> Path:
    text = archive.manifest.model_dump_json().replace('"schema_version":1', '"schema_version":2')
    file = archive.file.with_name("newer.zip")
    with zipfile.ZipFile(file, "w") as content:
        content.writestr(MANIFEST, text)
    return file


def test_a_write_that_fails_leaves_no_archive(tmp_path: Path) -> None:
    def fail() -> Any:
        yield LINES[0]
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        made(tmp_path / "backups", lines=fail())
    assert not [*(tmp_path / "backups").iterdir()]


def test_retention_keeps_the_newest_of_this_stack(tmp_path: Path) -> None:
    for day in range(4):
        made(tmp_path, WHEN + timedelta(days=day))
    made(tmp_path, stack="prod")
    (tmp_path / "backup-dev-broken.zip").write_text("half")
    found, wrong = archives(tmp_path, "dev")
    assert [each.manifest.began_at.day for each in found] == [2, 1, 30, 29]
    assert len(wrong) == 1
    assert [each.manifest.began_at.day for each in surplus(found, 3)] == [29]
    with pytest.raises(OperatorError, match="--keep 0: at least 1"):
        surplus(found, 0)


def test_the_tables_backup_goes_with_the_archive(dev: Stack, tmp_path: Path) -> None:
    tables = dev.client("dynamodb")
    made_with = tables.create_backup(TableName=NAMES.table, BackupName="ops-1")
    other = tables.create_backup(TableName=NAMES.table, BackupName="nightly")
    archive = made(tmp_path)
    archive.manifest.table_backup = made_with["BackupDetails"]["BackupArn"]
    copy = Archive(Path(shutil.copy(archive.file, tmp_path / "copy.zip")))
    copy.manifest.table_backup = archive.manifest.table_backup
    remove(dev, archive)
    remove(dev, copy)  # its backup is gone already
    left = tables.list_backups(TableName=NAMES.table)["BackupSummaries"]
    assert [each["BackupArn"] for each in left] == [other["BackupDetails"]["BackupArn"]]
    assert not archive.file.exists()


def test_the_archived_configuration_has_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  a:one: 1\n  a:jwt: {secure: v1:abc}\n"
        "  a:nested: {kept: 2, hidden: {secure: v1:def}, list: [{secure: v1:ghi}, 3]}\n"
    )
    monkeypatch.setattr("ops.backups.contents.ROOT", tmp_path)
    assert config_without_secrets("dev") == {"a:one": 1, "a:nested": {"kept": 2, "list": [3]}}


@pytest.mark.parametrize(
    ("script", "outputs", "note"),
    [
        ('echo \'{"apiUrl": "https://a", "secret": "[secret]"}\'', ["apiUrl", "secret"], ""),
        ("echo first >&2; echo 'error: no login' >&2; exit 1", [], "left out: error: no login"),
        ("exit 1", [], "left out: pulumi stack output failed"),
    ],
)
def test_outputs_come_from_pulumi_or_the_note_says_why_not(
    script: str, outputs: list[str], note: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!/bin/sh\n{script}\n")
    pulumi.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found, said = read_outputs(Stack(NAMES, None))
    assert [*found] == outputs
    assert said.endswith(note)


def test_without_pulumi_there_are_no_outputs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_outputs(Stack(NAMES, None)) == (
        {},
        "outputs are left out: the Pulumi CLI is not installed",
    )

"""`backup`: make an archive of a stack, list archives, verify one."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.audit import record
from ops.backups import archive as archives
from ops.backups import making
from ops.backups.archive import Archive
from ops.backups.contents import SETTINGS
from ops.backups.results import BackedUp, BackupList, Held, TableBackup
from ops.backups.wording import counted
from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.stack import Stack

FolderOption = Annotated[
    Path | None, typer.Option("--folder", metavar="FOLDER", help="default: .ops/backups")
]


def create_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    folder: FolderOption = None,
    keep: Annotated[
        int | None,
        typer.Option(metavar="N", help="delete the stack's archives but the newest N; shows, asks"),
    ] = None,
    table_backup: Annotated[
        bool,
        typer.Option("--table-backup/--no-table-backup", help="DynamoDB's own backup too"),
    ] = True,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="for the audit line")] = "",
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back a stack up into one archive, and read all of it back.

    The table (DynamoDB's backup, and every item), the functions' code and configuration, the
    definitions and aliases, the settings without secrets. Not PostgreSQL. It changes nothing but
    with --keep. `python -m ops backup` alone means this command.

    \b
    Example:
      python -m ops backup create --stack prod --keep 30 --reason "before the migration"
    """
    name = stack_name(stack, local)
    opened = open_stack(name)
    place = folder or archives.FOLDER
    arn = making.back_up_table(opened) if table_backup else None
    if arn:
        _say(f"DynamoDB's backup is AVAILABLE: {arn}")
    made = making.make(opened, place, arn)
    held = _held(made)
    audit = record(opened, f"backup: {made.file.name}, sha256 {held.sha256}", reason)
    removed = list[str]()
    if keep is not None:
        removed = _retain(opened, place, keep, yes=yes, confirmed=confirmed)
    if removed:
        audit = record(opened, f"backup: removed {', '.join(removed)}", reason)
    note: str = json.loads(made.read(SETTINGS))["note"]
    if as_json:
        print_json(BackedUp(held, removed, note, audit))
        return
    print(f"{held.file}: {counted(held.items, 'item')}, every checksum read back")
    print(f"sha256 {held.sha256}")
    if note:
        print(note)


def list_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what a restore can start from.

    Archives, DynamoDB's backups of the table, and the time to which it can be restored.

    \b
    Example:
      python -m ops backup list --stack prod
    """
    opened = open_stack(stack_name(stack, local))
    place = folder or archives.FOLDER
    found, damaged = making.archives(place, opened.names.environment)
    backups = [
        TableBackup(
            arn=each["BackupArn"],
            name=each["BackupName"],
            kind=each["BackupType"],
            status=each["BackupStatus"],
            made=_text(each["BackupCreationDateTime"]),
        )
        for each in making.table_backups(opened)
    ]
    listed = BackupList([*map(_held, found)], backups, _restorable(opened), damaged)
    if as_json:
        print_json(listed)
        return
    for held in listed.archives:
        size = f"{held.size_bytes / 1e6:.1f} MB"
        print(f"{held.made}  {held.file}  {counted(held.items, 'item')}, {size}")
    for backup in backups:
        print(f"{backup.made}  {backup.arn}  {backup.kind} {backup.status}")
    if listed.restorable:
        print(f"point in time: {' to '.join(listed.restorable)} (UTC)")
    else:
        print("point in time: recovery is off")
    for sentence in damaged:
        print(sentence, file=sys.stderr)


def verify_archive_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="an archive")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Read an archive again: every checksum, every item. Needs no stack.

    \b
    Example:
      python -m ops backup verify .ops/backups/backup-prod-20261129T080000Z.zip
    """
    archive = Archive(file)
    archive.verify()
    held = _held(archive)
    if as_json:
        print_json(held)
    else:
        print(
            f"{held.file} is whole: format {archive.manifest.schema_version}, stack {held.stack},"
            f" {held.made}, {counted(held.items, 'item')}, {counted(held.members, 'member')}"
        )
        print(f"sha256 {held.sha256}: the audit line of the backup has the same")


def _retain(
    stack: Stack, folder: Path, keep: int, *, yes: bool, confirmed: str | None
) -> list[str]:
    newest_first, _ = making.archives(folder, stack.names.environment)
    old = making.surplus(newest_first, keep)
    for archive in old:
        backup = f", and {each}" if (each := archive.manifest.table_backup) else ""
        _say(f"to be deleted: {archive.file}{backup}")
    if old:
        confirm(stack.names.environment, yes=yes, confirmed=confirmed)
    for archive in old:
        making.remove(stack, archive)
    return [archive.file.name for archive in old]


def _held(archive: Archive) -> Held:
    manifest = archive.manifest
    return Held(
        file=str(archive.file),
        made=_text(manifest.began_at),
        stack=manifest.stack,
        items=manifest.items,
        members=len(manifest.members),
        size_bytes=archive.file.stat().st_size,
        sha256=making.sha256_of(archive.file),
        commit=manifest.commit,
        table_backup=manifest.table_backup,
    )


def _restorable(stack: Stack) -> tuple[str, str] | None:
    found = stack.client("dynamodb").describe_continuous_backups(TableName=stack.names.table)
    recovery = found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return None
    return (
        _text(recovery["EarliestRestorableDateTime"]),
        _text(recovery["LatestRestorableDateTime"]),
    )


def _text(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def _say(text: str) -> None:
    """On stderr, so that --json has stdout for itself."""
    print(text, file=sys.stderr)

"""Make an archive, keep the newest, and the table's own backups."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.backups.archive import ITEMS, Archive, Manifest, write
from ops.backups.contents import commit, read_contents
from ops.backups.items import line, scan
from ops.problems import OperatorError
from ops.stack import LOCAL, Stack

_LOCAL_PAUSE, _PAUSE = 0.1, 5.0
_PREFIX = "ops-"


def back_up_table(stack: Stack) -> str:
    """CreateBackup, until DescribeBackup says AVAILABLE for this table; the ARN.

    Raises OperatorError if it ends otherwise.
    """
    client, name = stack.client("dynamodb"), f"{_PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    arn: str = client.create_backup(TableName=stack.names.table, BackupName=name)["BackupDetails"][
        "BackupArn"
    ]
    while True:
        backup = client.describe_backup(BackupArn=arn)["BackupDescription"]
        status = backup["BackupDetails"]["BackupStatus"]
        if status != "CREATING":
            break
        time.sleep(_LOCAL_PAUSE if stack.names.environment == LOCAL else _PAUSE)
    if status != "AVAILABLE" or backup["SourceTableDetails"]["TableName"] != stack.names.table:
        raise OperatorError(f"DynamoDB's backup {arn} is {status}, not AVAILABLE: try again")
    return arn


def make(stack: Stack, folder: Path, table_backup: str | None) -> Archive:
    """Write the archive, and read all of it back. Raises OperatorError."""
    began = datetime.now(UTC)
    names = stack.names
    manifest = Manifest(
        stack=names.environment,
        account=names.account,
        region=names.region,
        table=names.table,
        began_at=began,
        ended_at=began,
        commit=commit(),
        table_backup=table_backup,
    )
    file = folder / f"backup-{names.environment}-{began:%Y%m%dT%H%M%SZ}.zip"
    archive = write(file, manifest, _members(stack))
    archive.verify()
    return archive


def sha256_of(file: Path) -> str:
    """Of the whole file: the audit line keeps it, since a manifest cannot vouch for itself."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def archives(folder: Path, stack: str) -> tuple[list[Archive], list[str]]:
    """A stack's archives, the newest first, and what is wrong with files that are none."""
    found, wrong = list[Archive](), list[str]()
    for file in folder.glob(f"backup-{stack}-*.zip"):
        try:
            archive = Archive(file)
        except OperatorError as error:
            wrong.append(str(error))
        else:
            if archive.manifest.stack == stack:
                found.append(archive)
    return sorted(found, key=lambda each: each.manifest.began_at, reverse=True), sorted(wrong)


def surplus(newest_first: list[Archive], keep: int) -> list[Archive]:
    """What retention removes. Raises OperatorError if it would remove all."""
    if keep < 1:
        raise OperatorError(f"--keep {keep}: at least 1, the archive that was just made")
    return newest_first[keep:]


def remove(stack: Stack, archive: Archive) -> None:
    """Delete an archive and the table's backup that was made with it."""
    client = stack.client("dynamodb")
    if arn := archive.manifest.table_backup:
        # an earlier try may have deleted it
        with suppress(client.exceptions.BackupNotFoundException):
            client.delete_backup(BackupArn=arn)
    archive.file.unlink()


def table_backups(stack: Stack) -> list[dict[str, Any]]:
    """DynamoDB's backups of the table, the newest first."""
    pages = stack.client("dynamodb").get_paginator("list_backups")
    found = [
        each
        for page in pages.paginate(TableName=stack.names.table, BackupType="ALL")
        for each in page["BackupSummaries"]
    ]
    return sorted(found, key=lambda each: each["BackupCreationDateTime"], reverse=True)


def _members(stack: Stack) -> Iterator[tuple[str, Any]]:
    items = scan(stack.client("dynamodb"), stack.names.table)
    yield ITEMS, (f"{line(item)}\n".encode() for item in items)
    yield from read_contents(stack)

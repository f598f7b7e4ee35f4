"""What the commands print with --json, field by field."""

from dataclasses import dataclass

from ops.backups.copy_back import Copied
from ops.backups.difference import Difference
from ops.rollback.plan import Move
from ops.verify.facts import Line


@dataclass(frozen=True)
class Held:
    """An archive. members: how many. table_backup: ARN; None if none was made."""

    file: str
    made: str
    stack: str
    items: int
    members: int
    size_bytes: int
    sha256: str
    commit: str | None
    table_backup: str | None


@dataclass(frozen=True)
class BackedUp:
    """removed: files that retention deleted. note: what the archive lacks; "" if nothing."""

    archive: Held
    removed: list[str]
    note: str
    audit: str


@dataclass(frozen=True)
class TableBackup:
    """kind: USER, SYSTEM or AWS_BACKUP. made: ISO 8601, UTC."""

    arn: str
    name: str
    kind: str
    status: str
    made: str


@dataclass(frozen=True)
class BackupList:
    """What a restore can start from, the newest first.

    restorable: earliest and latest second of point-in-time recovery; None if it is off.
    damaged: sentences about files that are no whole archives.
    """

    archives: list[Held]
    table_backups: list[TableBackup]
    restorable: tuple[str, str] | None
    damaged: list[str]


@dataclass(frozen=True)
class RestoredTable:
    """found: before anything was written. left: afterwards, read anew.

    table: the new table; kept: whether it is still there.
    """

    complete: bool
    table: str
    kept: bool
    found: Difference
    copied: Copied
    left: Difference
    audit: str


@dataclass(frozen=True)
class RestoredAll:
    """moved: aliases. absent: functions, or the machine, of which no version holds what was saved.

    note: what to do about them. failed_checks: of `ops verify`.
    """

    complete: bool
    moved: list[Move]
    absent: list[str]
    note: str
    copied: Copied
    left: Difference
    failed_checks: list[Line]
    audit: str

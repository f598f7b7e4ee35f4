"""The monthly backups: whether there is one, and whether it is whole. Nothing is created here."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ops.maintenance.checklist import Item, item, not_done
from ops.trace.wording import plural

_MONTH = timedelta(days=31)
_FORM = "%Y%m%dT%H%M%SZ"


def table_backup(summaries: list[dict[str, Any]], recovery: str, now: datetime, name: str) -> Item:
    """The table's own backups, as ListBackups returns them; recovery: point in time, its status.

    A backup without a byte of a table that has items is none, whatever its status.
    """
    facts = [f"point-in-time recovery {recovery}"]
    whole = [each for each in summaries if each["BackupStatus"] == "AVAILABLE"]
    if not whole:
        return not_done("table backup", f"no backup: {_create(name)}", facts)
    newest = max(whole, key=lambda each: each["BackupCreationDateTime"])
    made: datetime = newest["BackupCreationDateTime"]
    facts.append(f"{plural(len(whole), 'backup')}, the newest of {made:%Y-%m-%d %H:%M}")
    if now - made > _MONTH:
        return not_done("table backup", f"older than a month: {_create(name)}", facts)
    if not newest.get("BackupSizeBytes"):
        reason = "the newest backup says AVAILABLE and holds no byte"
        return not_done("table backup", f"{reason}: {_create(name)}", facts)
    attention = [] if recovery == "ENABLED" else ["point-in-time recovery is off: ops verify"]
    return item("table backup", facts, attention)


def archive_backup(name: str, prefix: str, folder: Path, stack: str, now: datetime) -> Item:
    """A backup in the newest archive of `ops backup`; prefix: of its members' names.

    name: the check-list's. Every member is read and compared with the manifest's checksum.
    """
    archives = sorted(folder.glob(f"backup-{stack}-*.zip")) if folder.exists() else []
    if not archives:
        return not_done(name, f"no archive in {folder.name}: {_create(stack)}")
    newest = archives[-1]
    made = datetime.strptime(newest.stem.rpartition("-")[2], _FORM).replace(tzinfo=now.tzinfo)
    facts = [f"{newest.name} of {made:%Y-%m-%d %H:%M}"]
    if now - made > _MONTH:
        return not_done(name, f"older than a month: {_create(stack)}", facts)
    members = _members(newest)
    mine = {each: whole for each, whole in members.items() if each.startswith(prefix)}
    if not mine:
        return not_done(name, f"{newest.name} holds no {prefix}: {_create(stack)}", facts)
    if damaged := [each for each, whole in mine.items() if not whole]:
        return not_done(name, f"{damaged[0]} is damaged: {_create(stack)}", facts)
    return item(name, [*facts, f"{plural(len(mine), 'member')} with the manifest's checksums"])


def _members(archive: Path) -> Mapping[str, bool]:
    """Member -> whether it has the manifest's checksum; none if the archive cannot be read."""
    try:
        with zipfile.ZipFile(archive) as held:
            listed: dict[str, dict[str, Any]] = json.loads(held.read("manifest.json"))["members"]
            return {
                name: hashlib.sha256(held.read(name)).hexdigest() == each["sha256"]
                for name, each in listed.items()
            }
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return {}


def _create(stack: str) -> str:
    return f"python -m ops backup create --stack {stack}"

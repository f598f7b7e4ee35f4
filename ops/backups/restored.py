"""A new table with the items of an archive, of a backup of the table, or of a point in time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ops.backups.archive import Archive
from ops.backups.items import Item, Key, fill, line, read_table
from ops.backups.table_form import (
    TableForm,
    encryption,
    mend,
    read_form,
    temporary,
    wait_until_active,
)
from ops.problems import OperatorError
from ops.stack import LOCAL, Stack

_ON_DEMAND = "PAY_PER_REQUEST"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """Where the items come from.

    label: ends the new table's name, so that the same command again finds the same table.
    what: for a person. begin: starts to make the table of that name, in the live table's form.
    items: to be written into it, where AWS does not fill it. name: of a table that exists already.
    """

    label: str
    what: str
    begin: Callable[[str, TableForm], None]
    items: Mapping[Key, Item] | None = None
    name: str | None = None


def of_time(stack: Stack, when: datetime) -> Source:
    """Raises OperatorError for a time that AWS cannot restore."""
    client, when = stack.client("dynamodb"), when.astimezone(UTC).replace(microsecond=0)
    found = client.describe_continuous_backups(TableName=stack.names.table)
    recovery = found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise OperatorError(
            f"point-in-time recovery of {stack.names.table} is off: restore from an archive or a"
            " backup (`python -m ops backup list`), and `pulumi up` turns it on"
        )
    earliest, latest = (
        recovery[f"{name}RestorableDateTime"].astimezone(UTC) for name in ("Earliest", "Latest")
    )
    if not earliest.replace(microsecond=0) <= when <= latest:
        raise OperatorError(
            f"--to-time {when:%Y-%m-%dT%H:%M:%S} (UTC): AWS can restore from"
            f" {earliest:%Y-%m-%dT%H:%M:%S} to {latest:%Y-%m-%dT%H:%M:%S}, which is some minutes"
            " ago: choose a time in between, or wait"
        )

    def begin(name: str, form: TableForm) -> None:
        client.restore_table_to_point_in_time(
            SourceTableName=stack.names.table,
            TargetTableName=name,
            RestoreDateTime=when,
            BillingModeOverride=_ON_DEMAND,
            SSESpecificationOverride=encryption(form.kms_key),
        )

    return Source(f"{when:%Y%m%dT%H%M%S}", f"{when:%Y-%m-%d %H:%M:%S} UTC", begin)


def of_backup(stack: Stack, arn: str) -> Source:
    """Raises OperatorError for a backup of another table, or one that is not AVAILABLE."""
    if arn.startswith("arn:aws:backup:"):
        raise OperatorError(
            f"--backup {arn} is AWS Backup's: restore it there into a new table"
            " (`aws backup start-restore-job`), then give that one: --table NAME"
        )
    client = stack.client("dynamodb")
    try:
        backup = client.describe_backup(BackupArn=arn)["BackupDescription"]
    except client.exceptions.BackupNotFoundException:
        raise OperatorError(
            f"--backup {arn}: there is no such backup; `python -m ops backup list` lists them"
        ) from None
    table, status = (
        backup["SourceTableDetails"]["TableName"],
        backup["BackupDetails"]["BackupStatus"],
    )
    if table != stack.names.table:
        raise OperatorError(f"--backup {arn} is of {table}, not of {stack.names.table}")
    if status != "AVAILABLE":
        raise OperatorError(f"--backup {arn} is {status}, not AVAILABLE: wait, or take another one")

    def begin(name: str, form: TableForm) -> None:
        client.restore_table_from_backup(
            TargetTableName=name,
            BackupArn=arn,
            BillingModeOverride=_ON_DEMAND,
            SSESpecificationOverride=encryption(form.kms_key),
        )

    made = backup["BackupDetails"]["BackupCreationDateTime"].astimezone(UTC)
    return Source(arn.rpartition("/")[2], f"backup {arn} of {made:%Y-%m-%d %H:%M:%S} UTC", begin)


def of_archive(stack: Stack, archive: Archive) -> Source:
    """Raises OperatorError for a damaged archive or another stack's."""
    check_stack(stack, archive)
    archive.verify()
    client = stack.client("dynamodb")

    def begin(name: str, form: TableForm) -> None:
        client.create_table(
            TableName=name,
            BillingMode=_ON_DEMAND,
            KeySchema=_key_schema(form.keys),
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": type_}
                for attribute, type_ in form.attributes
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": _key_schema(keys),
                    "Projection": {"ProjectionType": projection},
                }
                for index, (keys, projection) in form.indexes.items()
            ],
            SSESpecification=encryption(form.kms_key),
        )

    made = archive.manifest.began_at
    what = f"archive {archive.file} of {made:%Y-%m-%d %H:%M:%S} UTC"
    return Source(f"{made:%Y%m%dT%H%M%SZ}", what, begin, archive.items())


def of_table(stack: Stack, name: str) -> Source:
    """A table that somebody else has restored. Raises OperatorError if there is none."""
    if name == stack.names.table or not _exists(stack.client("dynamodb"), name):
        raise OperatorError(f"--table {name}: give another table of this account and region")
    return Source("", f"table {name}", _begin_nothing, name=name)


def _begin_nothing(_name: str, _form: TableForm) -> None:
    """The table is there."""


def check_stack(stack: Stack, archive: Archive) -> None:
    """Raises OperatorError for another stack's archive."""
    if archive.manifest.stack != stack.names.environment:
        raise OperatorError(
            f"{archive.file} is of stack {archive.manifest.stack}, not of"
            f" {stack.names.environment}: its executions belong to other users and goals"
        )


def make(stack: Stack, source: Source, *, keep: bool, say: Say) -> str:
    """The new table's name, once it is complete. A second call goes on where the first stopped."""
    client, is_local = stack.client("dynamodb"), stack.names.environment == LOCAL
    live = read_form(client, stack.names.table)
    name = source.name or f"{stack.names.table}-restored-{source.label}"
    if _exists(client, name):
        say(f"{name} is there already: going on with it")
    else:
        say(f"making {name} from {source.what}; on AWS it takes some twenty minutes and more")
        source.begin(name, live)
    wait_until_active(client, name, is_local=is_local, say=say)
    if source.name:
        return name
    is_kept = keep or read_form(client, name).protected
    wanted = replace(live, protected=True) if is_kept else temporary(live)
    if source.items is not None:
        fill(client, name, source.items.values())
        _check_filled(read_table(client, name), source.items, name)
    for setting in mend(client, name, wanted, is_local=is_local):
        say(f"{name}: set {setting.replace('_', ' ')}, and read it back")
    return name


def drop(stack: Stack, name: str) -> bool:
    """Delete the new table; False if it was kept once (`--keep-table` protects it)."""
    client = stack.client("dynamodb")
    if read_form(client, name).protected:
        return False
    client.delete_table(TableName=name)
    delay = 1 if stack.names.environment == LOCAL else 10
    client.get_waiter("table_not_exists").wait(
        TableName=name, WaiterConfig={"Delay": delay, "MaxAttempts": 60}
    )
    return True


def _check_filled(found: Mapping[Key, Item], items: Mapping[Key, Item], name: str) -> None:
    wrong = [key for key in items if key not in found or line(found[key]) != line(items[key])]
    if wrong or len(found) != len(items):
        raise OperatorError(
            f"{name} has {len(found)} items, {len(wrong)} of {len(items)} not as the archive has"
            " them: run the command again"
        )


def _exists(client: Any, name: str) -> bool:
    try:
        client.describe_table(TableName=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def _key_schema(keys: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"AttributeName": attribute, "KeyType": kind} for attribute, kind in keys]

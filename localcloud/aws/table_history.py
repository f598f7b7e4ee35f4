"""Point-in-time recovery: a restored table holds the items of the second that the request names.

MiniStack copies the present items, whatever the time. Here a table whose recovery is enabled keeps
what was written since then, as on AWS, but in memory only and without AWS's limit of 35 days. AWS
restores up to about five minutes ago; here up to now.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws import journal
from localcloud.aws.ministack import Json, Response, responses, tables

_set_item = tables._set_item
_remove_item = tables._remove_item
_update_continuous_backups = tables._update_continuous_backups
_describe_continuous_backups = tables._describe_continuous_backups
_restore_table_to_point_in_time = tables._restore_table_to_point_in_time
_OK = 200


@dataclass
class _History:
    """What a table held when its recovery was enabled, and every write since; oldest first."""

    since: float
    items: dict[tuple[str, str], Json]
    writes: list[tuple[float, tuple[str, str], Json | None]] = field(
        default_factory=list[tuple[float, tuple[str, str], Json | None]]
    )

    def at(self, when: float) -> dict[str, dict[str, Json]]:
        """The items of that time, in MiniStack's form. MiniStack replaces items, it edits none."""
        held = dict(self.items)
        for written, key, item in self.writes:
            if written > when:
                break
            if item is None:
                held.pop(key, None)
            else:
                held[key] = item
        found: dict[str, dict[str, Json]] = defaultdict(dict)
        for (pk, sk), item in held.items():
            found[pk][sk] = item
        return found


_histories: dict[str, _History] = {}


def set_item(table: Json, pk: str, sk: str, item: Json) -> Any:
    """Any write of an item (replaces `_set_item`)."""
    _record(table, pk, sk, item)
    return _set_item(table, pk, sk, item)


def remove_item(table: Json, pk: str, sk: str) -> Any:
    """Any deletion, TTL's too (replaces `_remove_item`)."""
    _record(table, pk, sk, None)
    return _remove_item(table, pk, sk)


def update_continuous_backups(request: Json) -> Response:
    """UpdateContinuousBackups: the history begins when recovery is enabled."""
    name = tables._normalize_table_name(request.get("TableName"))
    was_enabled = tables._pitr_settings.get(name, False)
    answer = _update_continuous_backups(request)
    if answer[0] == _OK and not was_enabled:
        _begin(tables._tables[name])
    return answer


def describe_continuous_backups(request: Json) -> Response:
    """DescribeContinuousBackups, with the earliest time that a restore takes."""
    answer = _describe_continuous_backups(request)
    history = _of(tables._normalize_table_name(request.get("TableName")))
    if answer[0] != _OK or history is None:
        return answer
    recovery = {
        "PointInTimeRecoveryStatus": "ENABLED",
        "EarliestRestorableDateTime": history.since,
        "LatestRestorableDateTime": time.time(),
    }
    description = {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": recovery,
    }
    return responses.json_response({"ContinuousBackupsDescription": description})


def restore_table(request: Json) -> Response:
    """RestoreTableToPointInTime, to the second (Amazon DynamoDB API Reference)."""
    source = request.get("SourceTableName") or tables._normalize_table_name(
        request.get("SourceTableArn") or ""
    )
    history, now = _of(source), time.time()
    if source in tables._tables and history is None:
        return _refused("PointInTimeRecoveryUnavailableException", source)
    is_latest = request.get("UseLatestRestorableTime")
    when = now if is_latest else int(request.get("RestoreDateTime", 0))
    if history and not int(history.since) <= when <= now:
        return _refused("InvalidRestoreTimeException", f"{source} at {when}")
    answer = _restore_table_to_point_in_time(request)
    if answer[0] != _OK or history is None:
        return answer
    target = tables._tables[request["TargetTableName"]]
    target["items"] = history.at(when)
    tables._items_replaced(target)
    override = request.get("SSESpecificationOverride")
    target["SSEDescription"] = (
        tables._sse_description_from_spec(override)
        if override
        else tables._tables[source].get("SSEDescription")
    )
    description = tables._table_description(request["TargetTableName"])
    return responses.json_response({"TableDescription": description})


def _begin(table: Json) -> _History:
    items = {
        (pk, sk): item for pk, partition in table["items"].items()
        for sk, item in partition.items()
    }  # fmt: skip
    history = _histories[table["TableArn"]] = _History(time.time(), items)
    return history


def _record(table: Json, pk: str, sk: str, item: Json | None) -> None:
    journal.item_written(table, pk, sk, item)
    if history := _histories.get(table["TableArn"]):
        history.writes.append((time.time(), (pk, sk), item))


def _of(name: str) -> _History | None:
    """The history of a table whose recovery is enabled."""
    if name not in tables._tables or not tables._pitr_settings.get(name):
        return None
    arn = tables._tables[name]["TableArn"]
    # a table that was loaded from the emulator's snapshot has none yet
    return _histories[arn] if arn in _histories else _begin(tables._tables[name])


def _refused(code: str, what: str) -> Response:
    return responses.error_response_json(code, f"cannot restore {what}", 400)

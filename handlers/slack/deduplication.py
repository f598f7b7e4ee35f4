"""What has been told already, in the table: queues deliver at least once, and in any order.

Nobody must miss an alarm because the table is away: then everything counts as not told yet.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from handlers.contract.clock import timestamp, utc_now
from handlers.contract.table_keys import TTL_ATTRIBUTE
from handlers.storage.errors import ConditionFailedError, TableUnavailableError
from handlers.storage.items import Item, Items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=15)
"""Longer than a queue keeps a message (SQS: at most 14 days)."""

_NOT_ASKED_SECONDS = 60.0
"""How long the table is left alone once it was away."""

_SK = "slack"
_ENDINGS = "slack#endings"
_T = TypeVar("_T")


@dataclass(frozen=True)
class LastChange:
    """The newest change of an alarm that was told; since when it was in ALARM, if it was."""

    state: str
    changed_at: datetime
    alarm_since: datetime | None


class Memory:
    """What the table knows of earlier messages."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._items = Items(client, table_name)
        self._away_until = 0.0

    def is_told(self, key: str) -> bool:
        """Whether this has been told."""
        return self._if_there(lambda: self._items.get(_pk("told", key), _SK), None) is not None

    def told(self, key: str) -> None:
        """Remember that this has been told."""
        self._put({"pk": _pk("told", key)}, "attribute_not_exists(pk)", {})

    def last_change(self, alarm: str) -> LastChange | None:
        """The alarm's newest change that was told, or None."""
        item = self._if_there(lambda: self._items.get(_pk("alarm", alarm), _SK), None)
        if item is None:
            return None
        since = item.get("alarmSince")
        return LastChange(
            item["state"],
            datetime.fromisoformat(item["changedAt"]),
            datetime.fromisoformat(since) if since else None,
        )

    def changed(self, alarm: str, change: LastChange) -> None:
        """Remember an alarm's change, unless a newer one is known."""
        at = timestamp(change.changed_at)
        item = {"pk": _pk("alarm", alarm), "state": change.state, "changedAt": at}
        if change.alarm_since:
            item["alarmSince"] = timestamp(change.alarm_since)
        self._put(item, "attribute_not_exists(pk) OR changedAt < :at", {":at": at})

    def take_turn(self, every: timedelta) -> timedelta:
        """Zero if endings may be told now, which takes the turn; else how long to wait for one."""
        now = utc_now()
        item: Item = {"pk": _ENDINGS, "takenAt": timestamp(now)}
        free = "attribute_not_exists(pk) OR takenAt <= :before"
        if self._put(item, free, {":before": timestamp(now - every)}):
            return timedelta()
        last = self._if_there(lambda: self._items.get(_ENDINGS, _SK), None) or item
        return max(datetime.fromisoformat(last["takenAt"]) + every - now, timedelta(seconds=1))

    def _put(self, item: Item, condition: str, values: Item) -> bool:
        """Whether the condition held (or nobody knows)."""
        expires = int((utc_now() + KEPT).timestamp())
        whole: Item = {**item, "sk": _SK, TTL_ATTRIBUTE: expires}
        try:
            self._if_there(lambda: self._items.put(whole, condition, values), None)
        except ConditionFailedError:
            return False
        return True

    def _if_there(self, ask: Callable[[], _T], otherwise: _T) -> _T:
        if time.monotonic() < self._away_until:
            return otherwise
        try:
            return ask()
        except TableUnavailableError:
            # hundreds of notices do not each wait for it in vain
            self._away_until = time.monotonic() + _NOT_ASKED_SECONDS
            return otherwise


def _pk(kind: str, key: str) -> str:
    # a foreign text may be longer than a key may
    return f"slack#{kind}#{hashlib.sha256(key.encode(errors='replace')).hexdigest()}"

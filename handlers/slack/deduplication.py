"""The notices that were sent before, in the table: queues deliver at least once, in any order.

If the table is unavailable every notice counts as not sent: an alarm is sent twice rather than not.
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

_PAUSE_SECONDS = 60.0
"""How long the table is not asked again after it was unavailable."""

_SK = "slack"
_ENDINGS = "slack#endings"
_T = TypeVar("_T")


@dataclass(frozen=True)
class LastChange:
    """The newest change of an alarm that was sent. alarm_since: since when it was in ALARM."""

    state: str
    changed_at: datetime
    alarm_since: datetime | None


class SentNotices:
    """The table's items about notices that were sent."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._items = Items(client, table_name)
        self._paused_until = 0.0

    def is_sent(self, key: str) -> bool:
        """Whether the notice with this key was sent."""
        return self._if_available(lambda: self._items.get(_sent_pk(key), _SK), None) is not None

    def mark_sent(self, key: str) -> None:
        """Keep that the notice with this key was sent."""
        self._put({"pk": _sent_pk(key)}, "attribute_not_exists(pk)", {})

    def last_change(self, alarm: str) -> LastChange | None:
        """The newest change of the alarm that was sent, or None."""
        item = self._if_available(lambda: self._items.get(_alarm_pk(alarm), _SK), None)
        if item is None:
            return None
        since = item.get("alarmSince")
        return LastChange(
            item["state"],
            datetime.fromisoformat(item["changedAt"]),
            datetime.fromisoformat(since) if since else None,
        )

    def keep_change(self, alarm: str, change: LastChange) -> None:
        """Keep the alarm's change, unless a newer one is kept."""
        at = timestamp(change.changed_at)
        item = {"pk": _alarm_pk(alarm), "state": change.state, "changedAt": at}
        if change.alarm_since:
            item["alarmSince"] = timestamp(change.alarm_since)
        self._put(item, "attribute_not_exists(pk) OR changedAt < :at", {":at": at})

    def claim_turn(self, every: timedelta) -> timedelta:
        """Claim the turn to send ended executions: zero, or how long to wait for the next turn."""
        now = utc_now()
        item: Item = {"pk": _ENDINGS, "takenAt": timestamp(now)}
        free = "attribute_not_exists(pk) OR takenAt <= :before"
        if self._put(item, free, {":before": timestamp(now - every)}):
            return timedelta()
        last = self._if_available(lambda: self._items.get(_ENDINGS, _SK), None) or item
        return max(datetime.fromisoformat(last["takenAt"]) + every - now, timedelta(seconds=1))

    def _put(self, item: Item, condition: str, values: Item) -> bool:
        """Whether the condition held; True too if the table is unavailable."""
        expires = int((utc_now() + KEPT).timestamp())
        whole: Item = {**item, "sk": _SK, TTL_ATTRIBUTE: expires}
        try:
            self._if_available(lambda: self._items.put(whole, condition, values), None)
        except ConditionFailedError:
            return False
        return True

    def _if_available(self, call: Callable[[], _T], otherwise: _T) -> _T:
        if time.monotonic() < self._paused_until:
            return otherwise
        try:
            return call()
        except TableUnavailableError:
            # Otherwise each of hundreds of notices would wait for the table's time-out.
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            return otherwise


def _sent_pk(key: str) -> str:
    return _pk("told", key)  # The prefix that earlier versions wrote, which must not send again.


def _alarm_pk(alarm: str) -> str:
    return _pk("alarm", alarm)


def _pk(kind: str, key: str) -> str:
    # In fixed length: a name may be longer than DynamoDB's keys.
    return f"slack#{kind}#{hashlib.sha256(key.encode(errors='replace')).hexdigest()}"

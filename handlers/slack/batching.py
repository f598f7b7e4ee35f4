"""Groups deliveries, so that many notices become few messages.

- Of one alarm only the newest change is sent; a change older than one that was sent is dropped.
- A new alarm's first change (INSUFFICIENT_DATA to OK) is not sent: nothing has happened.
- All ended executions of one batch are one message; the next such message may follow only after
  `ENDINGS_EVERY`.
- The same text twice is one message.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.slack.deduplication import LastChange, SentNotices
from handlers.slack.notices import AlarmNotice, ExecutionNotice, TextNotice
from handlers.slack.queue import Delivery

ENDINGS_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class AlarmGroup:
    """Changes of one alarm, the newest last. alarm_since: when it went into ALARM, if it did."""

    deliveries: tuple[Delivery, ...]
    newest: AlarmNotice
    alarm_since: datetime | None


@dataclass(frozen=True)
class ExecutionsGroup:
    """Ended executions, each once."""

    deliveries: tuple[Delivery, ...]
    ended: tuple[ExecutionNotice, ...]


@dataclass(frozen=True)
class TextGroup:
    """One text, however often it was published."""

    deliveries: tuple[Delivery, ...]
    text: TextNotice


MessageGroup = AlarmGroup | ExecutionsGroup | TextGroup
"""Deliveries that are sent as one message."""


@dataclass(frozen=True)
class Batch:
    """groups: to be sent now, alarms first. waiting: ended executions, to be sent after `wait`."""

    groups: tuple[MessageGroup, ...]
    waiting: tuple[Delivery, ...] = ()
    wait: timedelta = timedelta()


def batch(deliveries: Sequence[Delivery], sent: SentNotices) -> Batch:
    """Group the deliveries; one that is in no group and does not wait needs no message."""
    unsent = [each for each in deliveries if not sent.is_sent(each.notice.key)]
    groups: list[MessageGroup] = []
    for name, changes in _by_alarm(unsent).items():
        group = _newest(changes, sent.last_change(name))
        if group:
            groups.append(group)
    executions, ended = _ended(unsent)
    wait = sent.claim_turn(ENDINGS_EVERY) if executions else timedelta()
    if executions and not wait:
        groups.append(ExecutionsGroup(executions, ended))
    groups += _texts(unsent)
    return Batch(tuple(groups), executions if wait else (), wait)


def _by_alarm(deliveries: Iterable[Delivery]) -> dict[str, list[tuple[AlarmNotice, Delivery]]]:
    found: dict[str, list[tuple[AlarmNotice, Delivery]]] = {}
    for delivery in deliveries:
        notice = delivery.notice
        if isinstance(notice, AlarmNotice):
            found.setdefault(notice.name, []).append((notice, delivery))
    return found


def _newest(
    changes: list[tuple[AlarmNotice, Delivery]], last: LastChange | None
) -> AlarmGroup | None:
    in_order = sorted(changes, key=lambda each: each[0].changed_at)
    newest = in_order[-1][0]
    if last and newest.changed_at <= last.changed_at:
        return None
    began = [change.changed_at for change, _ in in_order if change.state == "ALARM"]
    since = last.alarm_since if last and last.state == "ALARM" else None
    since = since or (began[0] if began else None)
    if newest.state != "ALARM" and since is None and newest.previous != "ALARM":
        return None
    return AlarmGroup(tuple(delivery for _, delivery in in_order), newest, since)


def _ended(
    deliveries: Iterable[Delivery],
) -> tuple[tuple[Delivery, ...], tuple[ExecutionNotice, ...]]:
    found = [(each, each.notice) for each in deliveries if isinstance(each.notice, ExecutionNotice)]
    by_id = {notice.execution_id: notice for _, notice in found}
    return tuple(each for each, _ in found), tuple(by_id.values())


def _texts(deliveries: Iterable[Delivery]) -> list[TextGroup]:
    found: dict[tuple[str, str], list[tuple[TextNotice, Delivery]]] = {}
    for each in deliveries:
        notice = each.notice
        if isinstance(notice, TextNotice):
            found.setdefault((notice.subject, notice.text), []).append((notice, each))
    return [
        TextGroup(tuple(delivery for _, delivery in same), same[0][0]) for same in found.values()
    ]

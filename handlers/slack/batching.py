"""From many notices to few messages: what is old, repeated, superseded or of a flood is folded.

- Of one alarm only the newest change is told; one that is older than what was told is dropped.
- Alarms that begin their life (INSUFFICIENT_DATA, then OK) are not told: nothing had happened.
- All endings of one batch are one message, and the next one follows only after `ENDINGS_EVERY`.
- The same remark twice is one message.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.slack.deduplication import LastChange, Memory
from handlers.slack.notices import AlarmChange, Ending, Remark, Told

ENDINGS_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Delivery:
    """A message of the queue. receipt: what changes its visibility. received: how often, so far."""

    message_id: str
    receipt: str
    received: int
    body: str
    told: Told


@dataclass(frozen=True)
class Group:
    """Deliveries that are one message; of an alarm's, the last is the newest."""

    deliveries: tuple[Delivery, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all that is told with it."""
        return tuple(dict.fromkeys(delivery.told.key for delivery in self.deliveries))


@dataclass(frozen=True)
class AlarmGroup(Group):
    """An alarm's changes. alarm_since: when it went into ALARM, if it did."""

    change: AlarmChange
    alarm_since: datetime | None


@dataclass(frozen=True)
class EndingsGroup(Group):
    """Endings, each once."""

    endings: tuple[Ending, ...]


@dataclass(frozen=True)
class RemarkGroup(Group):
    """One remark, as often as it was made."""

    remark: Remark


AnyGroup = AlarmGroup | EndingsGroup | RemarkGroup


@dataclass(frozen=True)
class Folded:
    """groups: what to tell, alarms first. waiting: endings that are told later, in `wait`."""

    groups: tuple[AnyGroup, ...]
    waiting: tuple[Delivery, ...] = ()
    wait: timedelta = timedelta()


def fold(deliveries: Sequence[Delivery], memory: Memory) -> Folded:
    """What to tell of the deliveries; what is in no group and does not wait is done with."""
    fresh = [each for each in deliveries if not memory.is_told(each.told.key)]
    alarms = _by_alarm(fresh)
    groups: list[AnyGroup] = []
    for name, changes in alarms.items():
        group = _newest(changes, memory.last_change(name))
        if group:
            groups.append(group)
    ended = {
        each.told.notice.execution_id: each.told.notice
        for each in fresh
        if isinstance(each.told.notice, Ending)
    }
    of_endings = tuple(each for each in fresh if isinstance(each.told.notice, Ending))
    wait = memory.take_turn(ENDINGS_EVERY) if of_endings else timedelta()
    if of_endings and not wait:
        groups.append(EndingsGroup(of_endings, tuple(ended.values())))
    groups += _remarks(fresh)
    return Folded(tuple(groups), of_endings if wait else (), wait)


def _by_alarm(deliveries: Iterable[Delivery]) -> dict[str, list[tuple[AlarmChange, Delivery]]]:
    found: dict[str, list[tuple[AlarmChange, Delivery]]] = {}
    for delivery in deliveries:
        change = delivery.told.notice
        if isinstance(change, AlarmChange):
            found.setdefault(change.name, []).append((change, delivery))
    return found


def _newest(
    changes: list[tuple[AlarmChange, Delivery]], last: LastChange | None
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
    deliveries = tuple(delivery for _, delivery in in_order)
    return AlarmGroup(deliveries, newest, since)


def _remarks(deliveries: Iterable[Delivery]) -> list[RemarkGroup]:
    found: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in deliveries:
        remark = delivery.told.notice
        if isinstance(remark, Remark):
            found.setdefault((remark.subject, remark.text), []).append(delivery)
    groups: list[RemarkGroup] = []
    for same in found.values():
        first = same[0].told.notice
        if isinstance(first, Remark):
            groups.append(RemarkGroup(tuple(same), first))
    return groups

"""From a batch of deliveries to messages in Slack; what Slack does not take stays with us."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from handlers.slack.alarm_message import alarm_message
from handlers.slack.batching import AlarmGroup, AnyGroup, Delivery, EndingsGroup, fold
from handlers.slack.blocks import Block
from handlers.slack.deduplication import LastChange, Memory
from handlers.slack.ending_message import ending_message, endings_message
from handlers.slack.figures import with_figures
from handlers.slack.queue import Queue
from handlers.slack.remark_message import remark_message
from handlers.slack.style import Style
from handlers.slack.webhook import Later, Refused, Taken, Webhook

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_FIRST_WAIT_SECONDS = 15
_LONGEST_WAIT_SECONDS = 900
"""Between tries while Slack is away: it doubles up to this."""


@dataclass(frozen=True)
class Teller:
    """Everything that telling takes."""

    webhook: Webhook
    queue: Queue
    memory: Memory
    cloudwatch: "CloudWatchClient"
    style: Style

    def tell(
        self,
        deliveries: Sequence[Delivery],
        *,
        until: float,
        note: Callable[..., None],
    ) -> list[str]:
        """Tell what there is to tell; the ids of the messages that have to be delivered again.

        until: by `time.monotonic`, when to stop. note: takes a line of the log and its fields.
        """
        folded = fold(deliveries, self.memory)
        again = list(folded.waiting)
        self._give_back(folded.waiting, folded.wait.total_seconds())
        for number, group in enumerate(folded.groups):
            answer = self.webhook.post(self._message(group), until=until)
            note("told" if isinstance(answer, Taken) else "not told", **_facts(group, answer))
            match answer:
                case Taken():
                    self._remember(group)
                case Refused(reason):
                    again += self._put_aside(group.deliveries, reason)
                case Later(seconds):
                    # Slack takes nothing now: the other groups wait, too.
                    left = [each for one in folded.groups[number:] for each in one.deliveries]
                    self._give_back(left, _wait(left) if seconds is None else seconds)
                    return [each.message_id for each in [*again, *left]]
        return [each.message_id for each in again]

    def _message(self, group: AnyGroup) -> Block:
        if isinstance(group, AlarmGroup):
            change = with_figures(group.change, self.cloudwatch)
            return alarm_message(change, group.alarm_since, self.style)
        if isinstance(group, EndingsGroup):
            if len(group.endings) == 1:
                return ending_message(group.endings[0], self.style)
            return endings_message(group.endings, self.style)
        return remark_message(group.remark, len(group.deliveries), self.style)

    def _remember(self, group: AnyGroup) -> None:
        for key in group.keys:
            self.memory.told(key)
        if isinstance(group, AlarmGroup):
            since = group.alarm_since if group.change.state == "ALARM" else None
            change = LastChange(group.change.state, group.change.changed_at, since)
            self.memory.changed(group.change.name, change)

    def _put_aside(self, deliveries: Iterable[Delivery], reason: str) -> list[Delivery]:
        kept: list[Delivery] = []
        for delivery in deliveries:
            try:
                self.queue.put_aside(delivery.body, reason)
            except (BotoCoreError, ClientError):
                kept.append(delivery)
        return kept

    def _give_back(self, deliveries: Sequence[Delivery], seconds: float) -> None:
        # If not, they come back after the queue's own visibility time-out.
        with suppress(BotoCoreError, ClientError):
            self.queue.give_back([each.receipt for each in deliveries], seconds)


def until(milliseconds_left: int) -> float:
    """When a function has to be done, by `time.monotonic`."""
    spare_milliseconds = 8_000  # to give back what is left
    return time.monotonic() + (milliseconds_left - spare_milliseconds) / 1000


def _wait(deliveries: Sequence[Delivery]) -> float:
    tries = min((each.received for each in deliveries), default=1)
    return min(_FIRST_WAIT_SECONDS * 2.0 ** min(tries - 1, 10), _LONGEST_WAIT_SECONDS)


def _facts(group: AnyGroup, answer: Taken | Refused | Later) -> dict[str, object]:
    facts: dict[str, object] = {
        "kind": type(group).__name__.removesuffix("Group"),
        "notices": len(group.deliveries),
    }
    if isinstance(group, AlarmGroup):
        facts |= {"alarm": group.change.name, "state": group.change.state}
    if isinstance(group, EndingsGroup):
        facts["executionIds"] = [ending.execution_id for ending in group.endings[:10]]
    if not isinstance(answer, Taken):
        facts["reason"] = answer.reason
    return facts

"""Sends the notices in a batch of deliveries to Slack; what Slack does not accept is kept."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.observability.telemetry import Telemetry
from handlers.slack.alarm_message import alarm_message
from handlers.slack.batching import AlarmGroup, ExecutionsGroup, MessageGroup, batch
from handlers.slack.blocks import Block
from handlers.slack.child_alarms import with_child_values
from handlers.slack.deduplication import LastChange, SentNotices
from handlers.slack.execution_message import execution_message, executions_message
from handlers.slack.notices import UnreadableNoticeError
from handlers.slack.queue import Delivery, Queue, delivery
from handlers.slack.style import Style
from handlers.slack.text_message import text_message
from handlers.slack.webhook import Delivered, PostResult, Refused, RetryLater, Webhook

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_FIRST_WAIT_SECONDS = 15
_LONGEST_WAIT_SECONDS = 900
"""Between attempts while Slack is unavailable: the wait doubles up to this."""

_SPARE_MILLISECONDS = 8_000
"""Kept at the end of an invocation for the queue."""


@dataclass(frozen=True)
class Sender:
    """Everything that sending takes."""

    webhook: Webhook
    queue: Queue
    sent: SentNotices
    cloudwatch: "CloudWatchClient"
    style: Style
    telemetry: Telemetry

    def send(self, records: Iterable[dict[str, Any]], *, until: float) -> list[str]:
        """Send what is to be sent; ids of the messages that SQS has to deliver again.

        records: of SQS's event. until: when to stop, by `time.monotonic`.
        """
        deliveries, again = self._read(records)
        batched = batch(deliveries, self.sent)
        self._deliver_later(batched.waiting, batched.wait.total_seconds())
        again += _ids(batched.waiting)
        for number, group in enumerate(batched.groups):
            result = self.webhook.post(self._message(group), until=until)
            self._log(group, result)
            match result:
                case Delivered():
                    self._mark_sent(group)
                case Refused(reason):
                    for each in group.deliveries:
                        again += self._add_dead_letter(each.message_id, each.body, reason)
                case RetryLater(seconds):
                    # Slack accepts nothing now, so the other groups wait too.
                    left = [each for rest in batched.groups[number:] for each in rest.deliveries]
                    self._deliver_later(left, _wait(left) if seconds is None else seconds)
                    return again + _ids(left)
        return again

    def _read(self, records: Iterable[dict[str, Any]]) -> tuple[list[Delivery], list[str]]:
        """The deliveries, and the ids of unreadable messages that are not kept yet."""
        deliveries: list[Delivery] = []
        again: list[str] = []
        for record in records:
            message_id = record["messageId"]
            try:
                deliveries.append(delivery(record))
            except UnreadableNoticeError as error:
                self.telemetry.logger.warning("unreadable", messageId=message_id, what=str(error))
                again += self._add_dead_letter(message_id, record["body"], "unreadable")
        return deliveries, again

    def _message(self, group: MessageGroup) -> Block:
        if isinstance(group, AlarmGroup):
            notice = with_child_values(group.newest, self.cloudwatch)
            return alarm_message(notice, group.alarm_since, self.style)
        if isinstance(group, ExecutionsGroup):
            if len(group.ended) == 1:
                return execution_message(group.ended[0], self.style)
            return executions_message(group.ended, self.style)
        return text_message(group.text, len(group.deliveries), self.style)

    def _mark_sent(self, group: MessageGroup) -> None:
        for key in dict.fromkeys(each.notice.key for each in group.deliveries):
            self.sent.mark_sent(key)
        if isinstance(group, AlarmGroup):
            newest = group.newest
            since = group.alarm_since if newest.state == "ALARM" else None
            change = LastChange(newest.state, newest.changed_at, since)
            self.sent.keep_change(newest.name, change)

    def _add_dead_letter(self, message_id: str, body: str, reason: str) -> list[str]:
        """The message's id if that failed, so that SQS delivers it again."""
        try:
            self.queue.add_dead_letter(body, reason)
        except (BotoCoreError, ClientError):
            return [message_id]
        return []

    def _deliver_later(self, deliveries: Sequence[Delivery], seconds: float) -> None:
        # If this fails they become visible after the queue's own visibility time-out.
        with suppress(BotoCoreError, ClientError):
            self.queue.deliver_later([each.receipt for each in deliveries], seconds)

    def _log(self, group: MessageGroup, result: PostResult) -> None:
        fields: dict[str, Any] = {
            "kind": type(group).__name__.removesuffix("Group"),
            "notices": len(group.deliveries),
        }
        if isinstance(group, AlarmGroup):
            fields |= {"alarm": group.newest.name, "state": group.newest.state}
        if isinstance(group, ExecutionsGroup):
            fields["executionIds"] = [notice.execution_id for notice in group.ended[:10]]
        if not isinstance(result, Delivered):
            fields["reason"] = result.reason
        self.telemetry.logger.info(
            "sent" if isinstance(result, Delivered) else "not sent", **fields
        )


def stop_at(remaining_milliseconds: int) -> float:
    """When the sender of an invocation has to stop, by `time.monotonic`."""
    return time.monotonic() + (remaining_milliseconds - _SPARE_MILLISECONDS) / 1000


def _ids(deliveries: Iterable[Delivery]) -> list[str]:
    return [each.message_id for each in deliveries]


def _wait(deliveries: Sequence[Delivery]) -> float:
    attempts = min((each.received for each in deliveries), default=1)
    return min(_FIRST_WAIT_SECONDS * 2.0 ** min(attempts - 1, 10), _LONGEST_WAIT_SECONDS)

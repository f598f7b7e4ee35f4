"""The notifier's queue: its messages, and where those go that were not sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handlers.slack.notices import Notice, read

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_ENTRIES_PER_BATCH = 10
"""(Amazon SQS API Reference)"""

_LONGEST_SECONDS = 43_200
"""SQS keeps a message invisible for 12 hours at most."""


@dataclass(frozen=True)
class Delivery:
    """A message of the queue.

    receipt: the receipt handle.
    received: how often SQS has delivered the message, this time included.
    """

    message_id: str
    receipt: str
    received: int
    body: str
    notice: Notice


def delivery(record: dict[str, Any]) -> Delivery:
    """The delivery in a record of SQS's event. Raises UnreadableNoticeError."""
    return Delivery(
        message_id=record["messageId"],
        receipt=record["receiptHandle"],
        received=int(record["attributes"]["ApproximateReceiveCount"]),
        body=record["body"],
        notice=read(record["body"]),
    )


@dataclass(frozen=True)
class Queue:
    """The URLs of the queue and of its dead letters, and the client for both."""

    client: "SQSClient"
    url: str
    dead_letters_url: str

    def deliver_later(self, receipts: Sequence[str], seconds: float) -> None:
        """Make messages visible again after so many seconds; Lambda must report them as failed."""
        visible_after = max(0, min(round(seconds), _LONGEST_SECONDS))
        for start in range(0, len(receipts), _ENTRIES_PER_BATCH):
            entries: list[Any] = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": visible_after}
                for number, receipt in enumerate(receipts[start : start + _ENTRIES_PER_BATCH])
            ]
            # A refused entry becomes visible after the queue's own visibility time-out.
            self.client.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)

    def add_dead_letter(self, body: str, reason: str) -> None:
        """Keep a message unchanged, to be redriven by hand once the reason is removed."""
        self.client.send_message(
            QueueUrl=self.dead_letters_url,
            MessageBody=body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}},
        )

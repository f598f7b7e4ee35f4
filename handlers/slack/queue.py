"""The queue behind us: what is told later goes back, what can never be told goes aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_AT_ONCE = 10
"""Entries in one batch (Amazon SQS API Reference)."""

_LONGEST_SECONDS = 43_200
"""SQS keeps a message invisible for 12 hours at most."""


@dataclass(frozen=True)
class Queue:
    """The notifier's queue and its dead letters.

    url, dead_letters_url: of both.
    """

    client: "SQSClient"
    url: str
    dead_letters_url: str

    def give_back(self, receipts: Sequence[str], seconds: float) -> None:
        """Let messages be seen again after so many seconds; Lambda must be told they failed."""
        visible_after = max(0, min(round(seconds), _LONGEST_SECONDS))
        for start in range(0, len(receipts), _AT_ONCE):
            entries: list[Any] = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": visible_after}
                for number, receipt in enumerate(receipts[start : start + _AT_ONCE])
            ]
            # One that is refused comes back too, after the queue's own visibility time-out.
            self.client.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)

    def put_aside(self, body: str, reason: str) -> None:
        """Keep a message as it came, to be sent back by hand once the reason is gone."""
        self.client.send_message(
            QueueUrl=self.dead_letters_url,
            MessageBody=body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}},
        )

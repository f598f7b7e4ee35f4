"""Writes the e-mails that topics send to a file (MiniStack only logs them).

On AWS the owner of an address must confirm the subscription first; here it counts as confirmed.
"""

import json
import os
import threading
from pathlib import Path

from localcloud.aws import MAILS
from localcloud.aws.ministack import Json, sns

_fanout = sns._fanout
_lock = threading.Lock()


def fanout(
    topic_arn: str,
    message_id: str,
    message: str,
    subject: str,
    structure: str = "",
    *more: object,
    **named: object,
) -> None:
    """Deliver a message to the subscribers of a topic, and write the e-mails."""
    _fanout(topic_arn, message_id, message, subject, structure, *more, **named)
    topic: Json | None = sns._topic_by_arn_any_scope(topic_arn)
    text: str = sns._resolve_message_for_protocol(message, structure, "email")
    subscriptions: list[Json] = topic["subscriptions"] if topic else []
    for subscription in subscriptions:
        if subscription["protocol"] == "email" and subscription["confirmed"]:
            mail = {"to": subscription["endpoint"], "subject": subject, "text": text}
            with _lock, _file().open("a") as file:
                file.write(json.dumps(mail, ensure_ascii=False) + "\n")


def _file() -> Path:
    return Path(os.environ["STATE_DIR"]) / MAILS

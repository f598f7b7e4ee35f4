"""Slack's incoming webhook: one POST, and what its answer means for the message.

The URL is a password: it is in no log line and no error, whoever raises it.
"""

import json
import math
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

PACE_SECONDS = 1.0
"""Slack takes about one message a second (docs.slack.dev: rate limits, incoming webhooks)."""

_TIMEOUT = urllib3.Timeout(connect=3.0, read=10.0)
_ATTEMPT_SECONDS = 14.0
"""What a further try may take at most, connecting and reading; there must be as much time left."""

_TRIES = 3
_MAX_BACKOFF_SECONDS = 4.0
_LONGEST_WAIT_SECONDS = 43_200
"""SQS keeps a message invisible for 12 hours at most."""

_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Taken:
    """Slack has the message."""


@dataclass(frozen=True)
class Refused:
    """Slack will never take this message. reason: a code, no foreign text."""

    reason: str


@dataclass(frozen=True)
class Later:
    """Slack takes nothing now. seconds: how long it wants us to wait, if it has said so."""

    seconds: float | None
    reason: str


Answer = Taken | Refused | Later


class Webhook:
    """The webhook in a secret, read when it is first needed and again when Slack refuses it.

    read_secret: gets the URL; raises boto3's errors.
    noted: called with what came of each try.
    """

    def __init__(
        self,
        read_secret: Callable[[], str],
        noted: Callable[[Answer], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_secret = read_secret
        self._noted = noted
        self._sleep = sleep
        self._clock = clock
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
        self._url: str | None = None
        self._next_at = 0.0

    def post(self, message: Mapping[str, Any], *, until: float) -> Answer:
        """Send a message, at Slack's pace, and again while it may help and `until` allows.

        until: by the clock of `time.monotonic`.
        """
        body = json.dumps(message).encode()
        tries, is_fresh = 0, self._url is None
        while True:
            answer = self._try(body)
            self._noted(answer)
            if isinstance(answer, Refused) and not is_fresh and self._is_rotated():
                is_fresh = True
                continue
            tries += 1
            if not isinstance(answer, Later):
                return answer
            wait = _backoff(tries) if answer.seconds is None else answer.seconds
            is_last = answer.seconds is None and tries >= _TRIES
            if is_last or self._clock() + wait + _ATTEMPT_SECONDS > until:
                return answer
            self._sleep(wait)

    def _try(self, body: bytes) -> Answer:
        try:
            self._url = self._url or self._read_secret()
        except (BotoCoreError, ClientError) as error:
            return Later(None, f"secret: {type(error).__name__}")
        if not self._url.startswith(("https://", "http://")):
            return Refused("webhook_is_no_url")
        self._sleep(max(0.0, self._next_at - self._clock()))
        try:
            reply = self._pool.request(
                "POST",
                self._url,
                body=body,
                headers={"Content-Type": "application/json"},
                redirect=False,
            )
        except urllib3.exceptions.LocationValueError:
            return Refused("webhook_is_no_url")
        except urllib3.exceptions.HTTPError as error:
            # Its text names the URL.
            return Later(None, type(error).__name__)
        finally:
            self._next_at = self._clock() + PACE_SECONDS
        return _meaning(reply.status, reply.headers.get("Retry-After"), reply.data)

    def _is_rotated(self) -> bool:
        before = self._url
        try:
            self._url = self._read_secret()
        except (BotoCoreError, ClientError):
            return False
        return self._url != before


def _meaning(status: int, retry_after: str | None, data: bytes) -> Answer:
    text = data[:100].decode(errors="replace").strip()
    reason = f"{status} {text}" if _CODE.fullmatch(text) else str(status)
    if status == HTTPStatus.OK:
        return Taken()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Later(_seconds(retry_after), reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Later(None if retry_after is None else _seconds(retry_after), reason)
    return Refused(reason)


def _seconds(retry_after: str | None) -> float:
    try:
        seconds = float(retry_after or PACE_SECONDS)
    except ValueError:
        seconds = math.nan  # a date; Slack sends seconds
    if not math.isfinite(seconds):
        return PACE_SECONDS
    return min(max(seconds, PACE_SECONDS), _LONGEST_WAIT_SECONDS)


def _backoff(tries: int) -> float:
    return random.uniform(0, min(2.0**tries, _MAX_BACKOFF_SECONDS))  # noqa: S311 - jitter

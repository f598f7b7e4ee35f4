"""Slack's incoming webhook: posts a message and classifies the answer.

The URL is a secret: no log line and no error holds it, not even an error of urllib3.
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
"""Slack accepts about one message a second (docs.slack.dev: rate limits, incoming webhooks)."""

_TIMEOUT = urllib3.Timeout(connect=3.0, read=10.0)
_ATTEMPT_SECONDS = 14.0
"""The longest time of one more attempt, connecting and reading; so much time must be left."""

_ATTEMPTS = 3
_MAX_BACKOFF_SECONDS = 4.0
_LONGEST_WAIT_SECONDS = 43_200
"""SQS keeps a message invisible for 12 hours at most."""

_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Delivered:
    """Slack accepted the message."""


@dataclass(frozen=True)
class Refused:
    """Slack will never accept this message. reason: a code, never text from outside."""

    reason: str


@dataclass(frozen=True)
class RetryLater:
    """Slack accepts nothing now. seconds: the wait that Slack asks for, if it does."""

    seconds: float | None
    reason: str


PostResult = Delivered | Refused | RetryLater


class Webhook:
    """The webhook in a secret, which is read at the first message and again when Slack refuses.

    read_secret: reads the URL; raises boto3's errors.
    on_result: called with the result of each attempt.
    """

    def __init__(
        self,
        read_secret: Callable[[], str],
        on_result: Callable[[PostResult], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_secret = read_secret
        self._on_result = on_result
        self._sleep = sleep
        self._clock = clock
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
        self._url: str | None = None
        self._next_at = 0.0

    def post(self, message: Mapping[str, Any], *, until: float) -> PostResult:
        """Post a message at Slack's pace; repeat it while that can help and ends before `until`.

        until: by `time.monotonic`.
        """
        body = json.dumps(message).encode()
        attempts, is_fresh = 0, self._url is None
        while True:
            result = self._attempt(body)
            self._on_result(result)
            if isinstance(result, Refused) and not is_fresh and self._is_rotated():
                is_fresh = True
                continue
            attempts += 1
            if not isinstance(result, RetryLater):
                return result
            wait = _backoff(attempts) if result.seconds is None else result.seconds
            is_last = result.seconds is None and attempts >= _ATTEMPTS
            if is_last or self._clock() + wait + _ATTEMPT_SECONDS > until:
                return result
            self._sleep(wait)

    def _attempt(self, body: bytes) -> PostResult:
        try:
            self._url = self._url or self._read_secret()
        except (BotoCoreError, ClientError) as error:
            return RetryLater(None, f"secret: {type(error).__name__}")
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
            # The error's text holds the URL.
            return RetryLater(None, type(error).__name__)
        finally:
            self._next_at = self._clock() + PACE_SECONDS
        return _result(reply.status, reply.headers.get("Retry-After"), reply.data)

    def _is_rotated(self) -> bool:
        before = self._url
        try:
            self._url = self._read_secret()
        except (BotoCoreError, ClientError):
            return False
        return self._url != before


def _result(status: int, retry_after: str | None, data: bytes) -> PostResult:
    text = data[:100].decode(errors="replace").strip()
    reason = f"{status} {text}" if _CODE.fullmatch(text) else str(status)
    if status == HTTPStatus.OK:
        return Delivered()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLater(_seconds(retry_after), reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return RetryLater(None if retry_after is None else _seconds(retry_after), reason)
    return Refused(reason)


def _seconds(retry_after: str | None) -> float:
    try:
        seconds = float(retry_after or PACE_SECONDS)
    except ValueError:
        seconds = math.nan  # A date; Slack sends seconds.
    if not math.isfinite(seconds):
        return PACE_SECONDS
    return min(max(seconds, PACE_SECONDS), _LONGEST_WAIT_SECONDS)


def _backoff(attempts: int) -> float:
    return random.uniform(0, min(2.0**attempts, _MAX_BACKOFF_SECONDS))  # noqa: S311 - jitter

"""Trying again what AWS takes as too early, as its provider does: the facts say which errors."""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ClientError

from localcloud.provision.facts import Operation, Retry, facts_of

_PAUSE_SECONDS = 0.2
_T = TypeVar("_T")


def tried_again(
    type_: str, operation: Operation, patience_seconds: float, call: Callable[[], _T]
) -> _T:
    """What the call returns, as soon as AWS accepts it.

    patience_seconds: the provider is patient for minutes; here it is no longer than this. Raises
    the call's error if the facts do not name it, or if its time is over.
    """
    begun = time.monotonic()
    while True:
        try:
            return call()
        except ClientError as error:
            allowed = min(patience_seconds, _seconds(type_, operation, error))
            if time.monotonic() - begun >= allowed:
                raise
        time.sleep(_PAUSE_SECONDS)


def _seconds(type_: str, operation: Operation, error: ClientError) -> float:
    """For how long the provider tries this error again; 0 of one that it does not."""
    facts = facts_of(type_)
    answer = error.response.get("Error", {})
    code, message = answer.get("Code", ""), answer.get("Message", "")

    def is_meant(retry: Retry) -> bool:
        return retry.code == code and retry.message in message and operation in retry.during

    return (
        max((each.seconds for each in facts.retries if is_meant(each)), default=0) if facts else 0
    )

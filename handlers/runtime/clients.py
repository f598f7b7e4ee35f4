"""The functions' AWS clients: each is made once per cold start."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import botocore
from botocore.config import Config

_USER_AGENT = f"Botocore/{botocore.__version__} goal-mandala"


@dataclass(frozen=True)
class Patience:
    """How long a call may take: seconds to connect, seconds for the answer, and attempts."""

    connect_seconds: float
    read_seconds: float
    attempts: int


STEADY = Patience(connect_seconds=1, read_seconds=4, attempts=3)
"""For a step of an execution: the longer retries are the state machine's."""

QUICK = Patience(connect_seconds=1, read_seconds=2, attempts=2)
"""For a caller who waits: both attempts end within the 10 seconds of workflow-status."""


@cache
def client(service: str, patience: Patience) -> Any:
    """The client of a service, by boto3's name of it.

    A fifth of a call's processor time is saved: the handlers' parameters are checked by their types
    and by the service, not by botocore too; and the user agent is a text that is always the same,
    which botocore would compose anew for each request.
    """
    config = Config(
        connect_timeout=patience.connect_seconds,
        read_timeout=patience.read_seconds,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        parameter_validation=False,
        user_agent=_USER_AGENT,
    )
    return boto3.client(service, config=config)  # pyright: ignore

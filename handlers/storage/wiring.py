"""Where an execution's state is: made once per cold start from the function's environment."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from handlers.contract.environment import Env
from handlers.executions.notifications import Announcements
from handlers.executions.state_machine import StateMachine
from handlers.storage.database import Database
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.idempotency_keys import IdempotencyKeys
from handlers.storage.work_items import WorkItems

# A few quick tries here; the patient ones are the state machine's and the caller's.
_FEW_TRIES = Config(
    connect_timeout=1, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3}
)


@dataclass(frozen=True)
class Stores:
    """What every step of the workflow reads and writes."""

    database: Database
    records: ExecutionRecords
    work_items: WorkItems
    keys: IdempotencyKeys


@cache
def stores() -> Stores:
    """The stores of this function."""
    table_name, ttl_days = os.environ[Env.TABLE_NAME], int(os.environ[Env.TTL_DAYS])
    dynamodb = _client("dynamodb")
    return Stores(
        Database(_client("secretsmanager"), os.environ[Env.DATABASE_URL_SECRET_ARN]),
        ExecutionRecords(dynamodb, table_name, ttl_days),
        WorkItems(dynamodb, table_name, ttl_days),
        IdempotencyKeys(dynamodb, table_name),
    )


@cache
def state_machine() -> StateMachine:
    """The workflow's state machine."""
    return StateMachine(
        _client("stepfunctions"),
        os.environ[Env.STATE_MACHINE_ARN],
        float(os.environ.get(Env.TRACED_PERCENT, "0")),  # only who starts executions is told
    )


@cache
def announcements() -> Announcements:
    """The topic that is told of endings."""
    return Announcements(_client("sns"), os.environ[Env.NOTIFICATIONS_TOPIC_ARN])


def _client(service: str) -> Any:
    return boto3.client(service, config=_FEW_TRIES)  # pyright: ignore

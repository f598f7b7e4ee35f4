"""What executions are watched by: the table alone, so that watching needs no database."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from handlers.api.cursors import signing_key
from handlers.contract.environment import Env
from handlers.storage.execution_queries import ExecutionQueries
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.work_items import WorkItems

# Two tries end within the function's 10 seconds, so that the caller gets our 503.
_QUICK = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)


@dataclass(frozen=True)
class Table:
    """The table as records, work items and lists."""

    records: ExecutionRecords
    work_items: WorkItems
    queries: ExecutionQueries


@cache
def table() -> Table:
    """The table of this function, made once per cold start."""
    name, ttl_days = os.environ[Env.TABLE_NAME], int(os.environ[Env.TTL_DAYS])
    dynamodb = _client("dynamodb")
    return Table(
        ExecutionRecords(dynamodb, name, ttl_days),
        WorkItems(dynamodb, name, ttl_days),
        ExecutionQueries(dynamodb, name, ttl_days),
    )


@cache
def cursor_key() -> bytes:
    """The key that cursors are signed with, read once per cold start and only for a list."""
    secret_arn = os.environ[Env.JWT_SECRET_ARN]
    secret = _client("secretsmanager").get_secret_value(SecretId=secret_arn)
    return signing_key(secret["SecretString"])


def _client(service: str) -> Any:
    return boto3.client(service, config=_QUICK)  # pyright: ignore

"""A table in moto, in the stack's form."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from components.names import Names
from handlers.contract.table_keys import INDEXES
from ops.backups import copy_back
from ops.stack import Stack

NAMES = Names("dev", "123456789012", "ap-northeast-1")


class Session:
    """Clients of moto; `running` are the executions that Step Functions is to call running."""

    def __init__(self) -> None:
        self.running = set[str]()
        aws: Any = boto3
        self.tables = aws.client("dynamodb", region_name="ap-northeast-1")

    def client(self, service: str) -> Any:
        """moto's tables, and a Step Functions that knows the running executions only."""
        return self if service == "stepfunctions" else self.tables

    def get_paginator(self, operation: str) -> "Session":
        """Of ListExecutions, the only list that is asked for."""
        assert operation == "list_executions"
        return self

    def paginate(self, **given: str) -> list[dict[str, Any]]:
        """Step Functions' answer, in two pages."""
        assert given == {"stateMachineArn": NAMES.state_machine_arn, "statusFilter": "RUNNING"}
        return [{"executions": []}, {"executions": [{"name": each} for each in self.running]}]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(copy_back, "_AT_ONCE", 1)  # moto takes one call at once
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield Session()


@pytest.fixture
def dev(session: Session) -> Stack:
    """A stack with an empty table."""
    attributes = ("pk", "sk", *(index.removesuffix("-index") for index in INDEXES))
    session.tables.create_table(
        TableName=NAMES.table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": e, "AttributeType": "S"} for e in attributes],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": index.removesuffix("-index"), "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in INDEXES
        ],
    )
    return Stack(NAMES, session)

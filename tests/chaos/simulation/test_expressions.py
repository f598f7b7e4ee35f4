"""The table in memory judges expressions as DynamoDB's emulator does.

The expressions are those that the handlers and the machine sent while seeds were simulated; each is
tried on items that have, lack or contradict what it asks for.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from chaos.simulation.faults import Plan
from chaos.simulation.sandbox import Edges
from chaos.simulation.scheduler import Scheduler
from chaos.simulation.table import Table
from tests.handlers.world import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).resolve().parents[3]
SEEDS = 40
EXPECTED_REQUESTS = 12


@pytest.fixture(scope="module")
def requests() -> list[dict[str, Any]]:
    """Each update that was sent, once for each pair of expressions."""
    command = [sys.executable, "-m", "tests.chaos.simulation.recorded", "updates", str(SEEDS)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def variants(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Items that the request may meet: none, one with other statuses, numbers above and below."""
    key = request["Key"]
    statuses = ["RUNNING", "PENDING", "GENERATING", "GENERATED", "SAVED", "FAILED"]
    numbers = {name: {"N": "5"} for name in ("attempts", "callsStarted", "callsEnded")}
    tokens = {name: {"N": "7"} for name in ("inputTokens", "outputTokens", "costUsd")}
    many = {name: {"N": "99999999"} for name in tokens}
    items = [{**key, "status": {"S": status}, **numbers, **tokens} for status in statuses]
    items += [{**item, **many} for item in items]
    return [*items, {**key, "executionId": {"S": "other"}}, {**key, "startedAt": {"S": "then"}}]


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))


def in_memory(request: dict[str, Any], item: dict[str, Any] | None) -> tuple[str, Any]:
    """What the simulation's table makes of it: the error, or the item afterwards."""

    def unwatched(*_: object) -> None:
        pass

    table = Table(Edges(Scheduler(), Plan(0)), unwatched)
    key = (request["Key"]["pk"]["S"], request["Key"]["sk"]["S"])
    if item:
        table.items[key] = item
    try:
        table.update_now(request)
    except ClientError as error:
        return code_of(error), table.items.get(key)
    return "", table.items.get(key)


def in_the_emulator(
    dynamodb: "DynamoDBClient", request: dict[str, Any], item: dict[str, Any] | None
) -> tuple[str, Any]:
    """The same, of moto's table."""
    dynamodb.delete_item(TableName=TABLE_NAME, Key=request["Key"])
    if item:
        dynamodb.put_item(TableName=TABLE_NAME, Item=item)
    sent: Any = {**request, "TableName": TABLE_NAME}
    code = ""
    try:
        dynamodb.update_item(**sent)
    except ClientError as error:
        code = code_of(error)
    return code, dynamodb.get_item(TableName=TABLE_NAME, Key=request["Key"]).get("Item")


def test_every_recorded_update_has_the_emulators_effect(
    dynamodb: "DynamoDBClient", requests: list[dict[str, Any]]
) -> None:
    assert len(requests) >= EXPECTED_REQUESTS
    for request in requests:
        for item in [None, *variants(request)]:
            assert in_memory(request, item) == in_the_emulator(dynamodb, request, item), request

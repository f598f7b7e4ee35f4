"""Snapshots of an execution in the table, and the progress that follows."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from handlers.contract.statuses import ExecutionStatus
from handlers.storage.items import serialised
from localcloud.run.progress_bar import progress_text
from localcloud.run.snapshot import seconds_left, snapshot, take_snapshot

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RECORD = {
    "pk": "e",
    "sk": "execution",
    "status": "PARTIALLY_SUCCEEDED",
    "startedAt": "2026-11-24T09:30:00.000Z",
    "stoppedAt": "2026-11-24T09:30:12.500Z",
    "taskCount": 9,
    "inputTokens": 700,
    "outputTokens": 300,
    "costUsd": Decimal("0.000123"),
}


def action(action_id: str, status: str, **attributes: object) -> dict[str, Any]:
    return {"pk": "e", "sk": f"action#{action_id}", "status": status, **attributes}


ITEMS = [
    RECORD,
    action("a", "SAVED", taskCount=5, endedAt="2026-11-24T09:30:05.000Z", inputTokens=10),
    action("b", "GENERATED", taskCount=4, endedAt="2026-11-24T09:30:03.250Z", outputTokens=7),
    action("c", "FAILED", errorCode="DEADLINE", endedAt="2026-11-24T09:30:01.000Z", attempts=2),
    action("d", "GENERATING", inputTokens=1),
    action("e", "PENDING"),
]


def test_actions_are_counted_by_their_status() -> None:
    now = snapshot(ITEMS)

    assert (now.kept, now.failed, now.in_flight, len(now.actions)) == (2, 1, 1, 5)
    assert now.tokens == 18


@pytest.mark.parametrize("code", ["RUN_TIMED_OUT", "EXECUTION_TIMED_OUT"])
def test_a_deprecated_error_code_is_read_as_the_present_one(code: str) -> None:
    failed = snapshot([RECORD, action("a", "FAILED", errorCode=code)]).actions["a"]
    assert failed.error_code == "EXECUTION_TIMED_OUT"


def test_the_first_tasks_are_those_kept_first() -> None:
    """A failure that came earlier is none."""
    assert snapshot(ITEMS).first_kept_at == datetime(2026, 11, 24, 9, 30, 3, 250_000, UTC)
    assert snapshot(ITEMS[:1]).first_kept_at is None


def test_an_execution_without_work_items_is_a_record_only() -> None:
    now = snapshot([{**RECORD, "status": "RUNNING", "stoppedAt": None}])

    assert (now.status, now.stopped_at, now.actions) == (ExecutionStatus.RUNNING, None, {})


def test_neither_tasks_nor_other_executions_are_read() -> None:
    with mock_aws():
        client: DynamoDBClient = boto3.client(  # pyright: ignore[reportUnknownMemberType]
            "dynamodb", region_name="ap-northeast-1"
        )
        client.create_table(
            TableName="t",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        others = [
            {"pk": "e", "sk": "tasks#a", "tasks": ["x"]},
            {"pk": "another", "sk": "action#z", "status": "PENDING"},
        ]
        for item in [*ITEMS, *others]:
            client.put_item(TableName="t", Item=serialised(item))

        assert take_snapshot(client, "t", "e") == snapshot(ITEMS)


@pytest.mark.parametrize(
    ("elapsed", "processed", "left"), [(10, 0, None), (10, 16, 30.0), (10, 64, 0.0)]
)
def test_the_time_left_follows_from_the_pace_so_far(
    elapsed: float, processed: int, left: float | None
) -> None:
    assert seconds_left(elapsed, processed, total=64) == left


def test_the_progress_text_has_counts_tokens_and_eta() -> None:
    assert (
        progress_text(snapshot(ITEMS), total=5, elapsed=6)
        == "2/5 done, 1 failed, 1 in flight, 18 tokens, ETA 4 s"
    )
    assert progress_text(snapshot(ITEMS[:1]), total=5, elapsed=6).endswith("0 tokens, ETA ...")
